"""The duties of the sweep: expire, remind, shred, archive, close cycles, lapse certifications.

Each acts on what the coordinator signed and the log bears out: a date that somebody else wrote
into the store ends nothing and reminds nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlmodel import Session as Transaction
from sqlmodel import col

from assigncli.actions import endings, envelope, retention, shred, step, trust
from assigncli.actions.agreement import disagreeing
from assigncli.actions.record import Fact, record
from assigncli.actions.session import Session
from assigncli.actions.shred import DISK_FULL
from assigncli.actions.sweep.duty import Done, Duty, Thing
from assigncli.actions.unavailable import open_with
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import contact_due_at, due_before, local_day, year_before
from assigncli.domain.lifecycle import AWAITING_CONTACT, TERMINAL, CycleStatus, ProfileStatus
from assigncli.errors import StoreUnavailable
from assigncli.projection import assignments as projected
from assigncli.projection import cycles, profiles
from assigncli.projection import keys as register
from assigncli.store import assignments, due, keys
from assigncli.store.due import Due
from assigncli.store.tables import (
    Assignment,
    AuditEntry,
    EncryptionKey,
    PeerMentorProfile,
    ReportingCycle,
)


def _expired(session: Session, tx: Transaction, after: Due | None) -> list[Thing]:
    return _things(due.expired(tx, session.organization_id, session.now, after))


def _expire(session: Session, thing: Thing) -> bool:
    """Expire one (rule `auto_expiry`); its share goes even where the disk is full."""
    try:
        return shred.with_ballast(session, lambda: _expire_in_store(session, thing))
    except StoreUnavailable as full:
        if full.code == DISK_FULL:
            _delete_share_all_the_same(session, thing)
        raise


def _expire_in_store(session: Session, thing: Thing) -> bool:
    with session.write() as tx:
        row = _still(session, tx, thing)
        if row is None or not step.is_due_to_expire(row, session):
            return False
        step.expire(session, tx, row)
        return True


def _delete_share_all_the_same(session: Session, thing: Thing) -> None:
    """Delete the share of what has expired although the store cannot say so: readers refuse it."""
    with session.store.read() as tx:
        row = _still(session, tx, thing)
        if row is None or not step.is_due_to_expire(row, session):
            return
        key_id = endings.course(session, tx, row.id).key_id
    session.vault.revoke([key_id])


def _without_contact(
    session: Session, tx: Transaction, after: tuple[int, Due] | None
) -> list[Thing]:
    """Return the next part of one deadline, else of the next longer one."""
    for days in list(due.deadlines(tx, session.organization_id)):
        if after is not None and days < after[0]:
            continue
        before = due_before(session.now, days, session.zone)
        last = after[1] if after is not None and days == after[0] else None
        found = due.without_contact(tx, session.organization_id, days, before, session.now, last)
        if found:
            return [Thing(each.id, (days, each), each.number) for each in found]
    return []


def _remind(session: Session, thing: Thing) -> bool:
    """Queue the one reminder (rule `ten_day_no_contact_reminder`), and tell the coordinator."""
    with session.write() as tx:
        row = _still(session, tx, thing)
        if row is None or not _awaits_reminder(session, row):
            return False
        actor = trust.acting(session, tx)
        facts: dict[str, Fact] = {"number": row.number}
        happened = step.happening(session, actor, Action.ASSIGNMENT_REMINDED, row.id, facts)
        assignments.change(tx, row, projected.change(happened))
        step.entail(tx, row, happened)
        record(session, tx, actor, Action.ASSIGNMENT_REMINDED, row.id, **facts)
        return True


def _awaits_reminder(session: Session, row: Assignment) -> bool:
    return (
        row.status in AWAITING_CONTACT
        and row.reminder_sent_at is None
        and row.dispatched_at is not None
        and not step.is_due_to_expire(row, session)
        and session.now
        >= contact_due_at(row.dispatched_at, row.contact_deadline_days, session.zone)
    )


def _retired(session: Session, tx: Transaction, after: keys.Retired | None) -> list[Thing]:
    before = retention.over_before(session, tx)
    found = keys.retired(tx, session.organization_id, before, after, due.PART)
    return [Thing(each.key_id, each, each.number) for each in found]


def _shred(session: Session, thing: Thing) -> bool:
    """End the retention of a completed assignment: from here on its brief opens for nobody."""
    return shred.with_ballast(session, lambda: _shred_in_store(session, thing))


def _shred_in_store(session: Session, thing: Thing) -> bool:
    with session.write() as tx:
        key = tx.get(EncryptionKey, thing.id)
        if key is None or key.revoked_at is not None:
            return False
        course = endings.course(session, tx, thing.place.assignment_id)
        completed = course.end()
        if (
            completed.action != Action.ASSIGNMENT_COMPLETED
            or completed.at >= retention.over_before(session, tx)
            or course.key_id != key.id
        ):
            raise endings.ending_unsigned()
        actor = trust.acting(session, tx)
        subject, number = thing.place.assignment_id, thing.place.number
        facts: dict[str, Fact] = {"number": number, "encryption_key": str(key.id)}
        happened = step.happening(session, actor, Action.PAYLOAD_SHREDDED, subject, facts)
        keys.write(tx, register.change(happened, key.id))
        record(session, tx, actor, Action.PAYLOAD_SHREDDED, subject, **facts)
        return True


def _ended(session: Session, tx: Transaction, after: Due | None) -> list[Thing]:
    before = year_before(session.now, session.zone)
    return _things(due.ended(tx, session.organization_id, before, after))


def _archive(session: Session, thing: Thing) -> bool:
    """Move what ended a year ago to the archive, where there is neither payload nor key."""
    with session.write() as tx:
        row = assignments.by_id(tx, session.organization_id, thing.id)
        before = year_before(session.now, session.zone)
        if row is None or row.status not in TERMINAL or row.updated_at >= before:
            return False
        end = _require_as_signed(session, tx, row, before)
        actor = trust.acting(session, tx)
        facts: dict[str, Fact] = {
            "number": row.number,
            "encryption_key": str(row.encryption_key_id),
        }
        happened = step.happening(session, actor, Action.ASSIGNMENT_ARCHIVED, row.id, facts)
        keys.write(tx, register.change(happened, row.encryption_key_id))
        due.archive(tx, row, projected.archived(end.at, session.now))
        record(session, tx, actor, Action.ASSIGNMENT_ARCHIVED, thing.id, **facts)
        return True


def _require_as_signed(
    session: Session, tx: Transaction, row: Assignment, before: datetime
) -> AuditEntry:
    """Return the entry that ended it before then, once the row is all that its entries make of it.

    What is archived is held by its manifest alone.
    """
    envelope.require_intact(session, tx, row)
    course = endings.course(session, tx, row.id)
    end = course.end()
    if end.at >= before:
        raise endings.ending_unsigned()
    if course.key_id != row.encryption_key_id or disagreeing(session, tx, [row]):
        raise endings.assignment_altered()
    return end


def _ended_cycles(session: Session, tx: Transaction, after: object) -> list[Thing]:
    if after is not None:
        return []
    today = local_day(session.now, session.zone)
    found = due.open_cycles_ended(tx, session.organization_id, today)
    return [Thing(row.id, row.id, name=row.name) for row in found]


def _close_cycle(session: Session, thing: Thing) -> bool:
    with session.write() as tx:
        row = tx.get(ReportingCycle, thing.id, populate_existing=True)
        if row is None or row.status is CycleStatus.CLOSED:
            return False
        actor = trust.acting(session, tx)
        happened = step.happening(session, actor, Action.CYCLE_CLOSED, row.id, {})
        assignments.change(tx, row, cycles.change(happened))
        record(session, tx, actor, Action.CYCLE_CLOSED, row.id)
        return True


def _lapsed(session: Session, tx: Transaction, after: object) -> list[Thing]:
    if after is not None:
        return []
    today = local_day(session.now, session.zone)
    found = due.lapsed_profiles(tx, session.organization_id, today)
    return [
        Thing(
            profile.member_id,
            profile.member_id,
            name=name,
            open=open_with(session, tx, profile.member_id),
        )
        for profile, name in found
    ]


def _lapse(session: Session, thing: Thing) -> bool:
    """Mark a certification that has ended; the mentor takes nothing new until it is renewed."""
    today = local_day(session.now, session.zone)
    with session.write() as tx:
        actor = trust.acting(session, tx)
        happened = step.happening(session, actor, Action.MEMBER_LAPSED, thing.id, {})
        moved = tx.connection().execute(
            update(PeerMentorProfile)
            .where(
                col(PeerMentorProfile.member_id) == thing.id,
                col(PeerMentorProfile.status) != ProfileStatus.EXPIRED,
                col(PeerMentorProfile.certified_until) < today,
            )
            .values(**profiles.change(happened))
        )
        if moved.rowcount != 1:
            return False
        record(session, tx, actor, Action.MEMBER_LAPSED, thing.id)
        return True


def _things(found: list[Due]) -> list[Thing]:
    return [Thing(each.id, each, each.number) for each in found]


def _still(session: Session, tx: Transaction, thing: Thing) -> Assignment | None:
    """Return the assignment as it stands in this transaction, signed as it stands; None if gone."""
    row = assignments.by_id(tx, session.organization_id, thing.id)
    if row is not None and row.status not in TERMINAL:
        envelope.require_intact(session, tx, row)
    return row


DUTIES: Final = (
    Duty(Done.EXPIRED, _expired, _expire),
    Duty(Done.REMINDED, _without_contact, _remind),
    Duty(Done.SHREDDED, _retired, _shred),
    Duty(Done.CYCLE_CLOSED, _ended_cycles, _close_cycle),
    Duty(Done.CERTIFICATION_LAPSED, _lapsed, _lapse),
    Duty(Done.ARCHIVED, _ended, _archive),
)
"""In the order in which a sweep does them: what has expired is not reminded of."""
