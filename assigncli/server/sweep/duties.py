"""The duties of the sweep: expire, remind, shred, archive, close cycles, lapse certifications.

Each acts only on what the coordinator signed and the log confirms. A date that was written into the
store by other means ends nothing and reminds nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import due_before, local_day, year_before
from assigncli.domain.lifecycle import TERMINAL, CycleStatus
from assigncli.errors import StoreUnavailable
from assigncli.lookups.about_log import Fact
from assigncli.server import certification, endings, intact, step
from assigncli.server.agreement import disagreeing
from assigncli.server.mentor_away import open_with
from assigncli.server.notifications import reminder
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import cycles, profiles, steps
from assigncli.server.projection import keys as register
from assigncli.server.record import record
from assigncli.server.store import assignments, due, erasing, keys, members, restores
from assigncli.server.store.due import Due
from assigncli.server.store.restores import LostKind
from assigncli.server.store.tables import (
    Assignment,
    AuditEntry,
    EncryptionKey,
    ReportingCycle,
)
from assigncli.server.sweep import retention, shred
from assigncli.server.sweep.duty import Duty, SweepAct, Thing
from assigncli.server.sweep.shred import DISK_FULL
from assigncli.server.turn import Turn


def _expired(turn: Turn, tx: Transaction, after: Due | None) -> list[Thing]:
    return _things(due.expired(tx, turn.organization_id, turn.now, after))


def _expire(turn: Turn, thing: Thing) -> bool:
    """Expire one assignment (rule `auto_expiry`); delete its share even if the disk is full."""
    try:
        return shred.with_ballast(turn, lambda: _expire_in_store(turn, thing))
    except StoreUnavailable as full:
        if full.code == DISK_FULL:
            _delete_share_all_the_same(turn, thing)
        raise


def _expire_in_store(turn: Turn, thing: Thing) -> bool:
    with turn.write() as tx:
        row = _still(turn, tx, thing)
        if row is None or not step.is_due_to_expire(row, turn):
            return False
        step.expire(turn, tx, row)
        return True


def _delete_share_all_the_same(turn: Turn, thing: Thing) -> None:
    """Delete the share of an expired assignment that the store has no room to record.

    Readers are refused by its date, so the share is not needed any more.
    """
    with turn.store.read() as tx:
        row = _still(turn, tx, thing)
        if row is None or not step.is_due_to_expire(row, turn):
            return
        key_id = endings.course(turn, tx, row.id).key_id
    turn.vault.revoke([key_id])


def _without_contact(turn: Turn, tx: Transaction, after: tuple[int, Due] | None) -> list[Thing]:
    """Return the next part for one contact deadline, or else for the next longer one."""
    for days in list(due.deadlines(tx, turn.organization_id)):
        if after is not None and days < after[0]:
            continue
        before = due_before(turn.now, days, turn.zone)
        last = after[1] if after is not None and days == after[0] else None
        while found := due.without_contact(tx, turn.organization_id, days, before, turn.now, last):
            # A restored store does not remind again of what its lost part reminded of.
            lost = restores.lost_among(tx, LostKind.REMINDER, [each.id for each in found])
            if len(lost) < len(found):
                return [
                    Thing(each.id, (days, each), each.number)
                    for each in found
                    if each.id not in lost
                ]
            last = found[-1]
    return []


def _remind(turn: Turn, thing: Thing) -> bool:
    """Queue the one reminder (rule `ten_day_no_contact_reminder`), and tell the coordinator."""
    with turn.write() as tx:
        row = _still(turn, tx, thing)
        if row is None or not reminder.is_due(turn, row):
            return False
        if restores.is_lost(tx, turn.organization_id, LostKind.REMINDER, row.id):
            return False
        actor = certification.acting(turn, tx)
        facts: dict[str, Fact] = {"number": row.number}
        happened = step.happening(turn, actor, Action.ASSIGNMENT_REMINDED, row.id, facts)
        assignments.change(tx, row, projected.change(happened))
        step.entail(tx, row, happened)
        record(turn, tx, actor, Action.ASSIGNMENT_REMINDED, row.id, **facts)
        return True


def _retired(turn: Turn, tx: Transaction, after: keys.Retired | None) -> list[Thing]:
    before = retention.over_before(turn, tx)
    found = keys.retired(tx, turn.organization_id, before, after, due.PART)
    return [Thing(each.key_id, each, each.number) for each in found]


def _shred(turn: Turn, thing: Thing) -> bool:
    """End the retention of a completed assignment: from now on nobody can open its brief."""
    return shred.with_ballast(turn, lambda: _shred_in_store(turn, thing))


def _shred_in_store(turn: Turn, thing: Thing) -> bool:
    with turn.write() as tx:
        key = tx.get(EncryptionKey, thing.id)
        if key is None or key.revoked_at is not None:
            return False
        course = endings.course(turn, tx, thing.place.assignment_id)
        completed = course.end()
        if (
            completed.action != Action.ASSIGNMENT_COMPLETED
            or completed.at >= retention.over_before(turn, tx)
            or course.key_id != key.id
        ):
            raise endings.ending_unsigned()
        actor = certification.acting(turn, tx)
        subject, number = thing.place.assignment_id, thing.place.number
        facts: dict[str, Fact] = {"number": number, "encryption_key": str(key.id)}
        happened = step.happening(turn, actor, Action.PAYLOAD_SHREDDED, subject, facts)
        keys.write(tx, register.change(happened, key.id))
        record(turn, tx, actor, Action.PAYLOAD_SHREDDED, subject, **facts)
        return True


def _ended(turn: Turn, tx: Transaction, after: Due | None) -> list[Thing]:
    before = year_before(turn.now, turn.zone)
    return _things(due.ended(tx, turn.organization_id, before, after))


def _archive(turn: Turn, thing: Thing) -> bool:
    """Move what ended a year ago to the archive, which has neither payload nor key."""
    with turn.write() as tx:
        row = assignments.by_id(tx, turn.organization_id, thing.id)
        before = year_before(turn.now, turn.zone)
        if row is None or row.status not in TERMINAL or row.updated_at >= before:
            return False
        end = _require_as_signed(turn, tx, row, before)
        actor = certification.acting(turn, tx)
        facts: dict[str, Fact] = {
            "number": row.number,
            "encryption_key": str(row.encryption_key_id),
        }
        happened = step.happening(turn, actor, Action.ASSIGNMENT_ARCHIVED, row.id, facts)
        keys.write(tx, register.change(happened, row.encryption_key_id))
        due.archive(tx, row, projected.archived(end.at, turn.now))
        erasing.empty_reasons(tx, row.id, steps.ARCHIVED)
        record(turn, tx, actor, Action.ASSIGNMENT_ARCHIVED, thing.id, **facts)
        return True


def _require_as_signed(
    turn: Turn, tx: Transaction, row: Assignment, before: datetime
) -> AuditEntry:
    """Return the entry that ended the assignment, which must be before `before` (aware UTC).

    The row must be exactly what its entries make of it: in the archive only the manifest proves it.
    """
    intact.require_intact(turn, tx, row)
    course = endings.course(turn, tx, row.id)
    end = course.end()
    if end.at >= before:
        raise endings.ending_unsigned()
    if course.key_id != row.encryption_key_id or disagreeing(turn, tx, [row]):
        raise endings.assignment_altered()
    return end


def _ended_cycles(turn: Turn, tx: Transaction, after: object) -> list[Thing]:
    if after is not None:
        return []
    today = local_day(turn.now, turn.zone)
    found = due.open_cycles_ended(tx, turn.organization_id, today)
    return [Thing(row.id, row.id, name=row.name) for row in found]


def _close_cycle(turn: Turn, thing: Thing) -> bool:
    with turn.write() as tx:
        row = tx.get(ReportingCycle, thing.id, populate_existing=True)
        if row is None or row.status is CycleStatus.CLOSED:
            return False
        actor = certification.acting(turn, tx)
        happened = step.happening(turn, actor, Action.CYCLE_CLOSED, row.id, {})
        assignments.change(tx, row, cycles.change(happened))
        record(turn, tx, actor, Action.CYCLE_CLOSED, row.id)
        return True


def _lapsed(turn: Turn, tx: Transaction, after: object) -> list[Thing]:
    if after is not None:
        return []
    today = local_day(turn.now, turn.zone)
    found = due.lapsed_profiles(tx, turn.organization_id, today)
    return [
        Thing(
            profile.member_id,
            profile.member_id,
            name=name,
            open=open_with(turn, tx, profile.member_id),
        )
        for profile, name in found
    ]


def _lapse(turn: Turn, thing: Thing) -> bool:
    """Mark a certification as ended; the mentor gets nothing new until it is renewed."""
    today = local_day(turn.now, turn.zone)
    with turn.write() as tx:
        actor = certification.acting(turn, tx)
        happened = step.happening(turn, actor, Action.MEMBER_LAPSED, thing.id, {})
        if not members.lapse(tx, thing.id, today, profiles.change(happened)):
            return False
        record(turn, tx, actor, Action.MEMBER_LAPSED, thing.id)
        return True


def _things(found: list[Due]) -> list[Thing]:
    return [Thing(each.id, each, each.number) for each in found]


def _still(turn: Turn, tx: Transaction, thing: Thing) -> Assignment | None:
    """Return the assignment as it is now; None if it is gone.

    An open one must be as it was signed: raises as `intact.require_intact`.
    """
    row = assignments.by_id(tx, turn.organization_id, thing.id)
    if row is not None and row.status not in TERMINAL:
        intact.require_intact(turn, tx, row)
    return row


DUTIES: Final = (
    Duty(SweepAct.EXPIRED, _expired, _expire),
    Duty(SweepAct.REMINDED, _without_contact, _remind),
    Duty(SweepAct.SHREDDED, _retired, _shred),
    Duty(SweepAct.CYCLE_CLOSED, _ended_cycles, _close_cycle),
    Duty(SweepAct.CERTIFICATION_LAPSED, _lapsed, _lapse),
    Duty(SweepAct.ARCHIVED, _ended, _archive),
)
"""In the order of a sweep: what has expired must not be reminded of."""
