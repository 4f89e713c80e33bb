"""Queries for what the sweep must do, each answered from an index that has no other rows.

So the cost is that of the results, whatever the history. Results come oldest first and in parts;
`after` is the end of the last part, so that an item that fails does not stop those behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, text
from sqlmodel import Session, col, delete, select

from assigncli.domain.lifecycle import CycleStatus, ProfileStatus
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.conditions import AWAITS_REMINDER, HAS_ENDED, MAY_EXPIRE
from assigncli.server.store.tables import (
    Assignment,
    AuditEntry,
    Member,
    PeerMentorProfile,
    ReportingCycle,
)
from assigncli.server.store.wraps import KeyWrap

PART: Final = 200


@dataclass(frozen=True)
class Due:
    """One assignment for which something is due; `at` is the moment by which it is ordered."""

    id: UUID
    number: int
    at: datetime


def expired(tx: Session, organization_id: UUID, now: datetime, after: Due | None) -> list[Due]:
    """Return open assignments past `expires_at`."""
    moment = col(Assignment.expires_at)
    return _due(tx, organization_id, MAY_EXPIRE, moment, after, moment <= now)


def without_contact(
    tx: Session,
    organization_id: UUID,
    days: int,
    before: datetime,
    now: datetime,
    after: Due | None,
) -> list[Due]:
    """Return those dispatched before `before`, with this deadline, without contact or reminder.

    Those that have expired by `now` are left out: nobody can be reminded of them.
    """
    return _due(
        tx,
        organization_id,
        AWAITS_REMINDER,
        col(Assignment.dispatched_at),
        after,
        col(Assignment.dispatched_at) < before,
        col(Assignment.contact_deadline_days) == days,
        col(Assignment.expires_at) > now,
    )


def deadlines(tx: Session, organization_id: UUID) -> Iterator[int]:
    """Yield each contact deadline, in days, of assignments without contact or reminder."""
    found: int | None = 0
    while found is not None:
        found = tx.exec(
            select(func.min(Assignment.contact_deadline_days)).where(
                Assignment.organization_id == organization_id,
                text(AWAITS_REMINDER),
                col(Assignment.contact_deadline_days) > found,
            )
        ).one()
        if found is not None:
            yield found


def ended(tx: Session, organization_id: UUID, before: datetime, after: Due | None) -> list[Due]:
    """Return ended assignments whose last step was taken before that moment."""
    return _due(
        tx,
        organization_id,
        HAS_ENDED,
        col(Assignment.updated_at),
        after,
        col(Assignment.updated_at) < before,
    )


def said_to_have_ended(
    tx: Session, organization_id: UUID, which: str, after: int
) -> list[tuple[int, UUID, datetime]]:
    """Return sequence, subject and time of the next entries that match `which`, after `after`."""
    rows = tx.exec(
        select(AuditEntry.sequence, AuditEntry.subject_id, AuditEntry.at)
        .where(
            AuditEntry.organization_id == organization_id,
            text(which),
            AuditEntry.sequence > after,
        )
        .order_by(col(AuditEntry.sequence))
        .limit(PART)
    )
    return [(sequence, subject or UUID(int=0), at) for sequence, subject, at in rows]


def open_cycles_ended(tx: Session, organization_id: UUID, today: date) -> list[ReportingCycle]:
    """Return open cycles whose last local day is before `today`."""
    return list(
        tx.exec(
            select(ReportingCycle)
            .where(
                ReportingCycle.organization_id == organization_id,
                ReportingCycle.status == CycleStatus.OPEN,
                ReportingCycle.ends_on < today,
            )
            .order_by(col(ReportingCycle.ends_on))
        )
    )


def lapsed_profiles(
    tx: Session, organization_id: UUID, today: date
) -> list[tuple[PeerMentorProfile, str]]:
    """Return profiles, with names, whose certification ended before `today`, not marked so yet."""
    rows = tx.exec(
        select(PeerMentorProfile, Member.display_name)
        .join(Member, col(Member.id) == col(PeerMentorProfile.member_id))
        .where(
            PeerMentorProfile.organization_id == organization_id,
            PeerMentorProfile.status != ProfileStatus.EXPIRED,
            col(PeerMentorProfile.certified_until) < today,
        )
        .order_by(col(Member.handle))
    )
    return list(rows.all())


def archive(tx: Session, row: Assignment, besides: Mapping[str, Any]) -> None:
    """Move an ended assignment to the archive, without payload, wraps and notes.

    `besides` are the archive's own columns.
    """
    own = {name: getattr(row, name) for name in ArchivedAssignment.model_fields.keys() - besides}
    tx.connection().execute(insert(ArchivedAssignment), [own | dict(besides)])
    tx.exec(delete(KeyWrap).where(col(KeyWrap.assignment_id) == row.id))
    tx.exec(delete(Assignment).where(col(Assignment.id) == row.id))


def _due(
    tx: Session,
    organization_id: UUID,
    which: str,
    moment: Any,
    after: Due | None,
    *conditions: ColumnElement[bool],
) -> list[Due]:
    query = select(Assignment.id, Assignment.number, moment).where(
        Assignment.organization_id == organization_id, text(which), *conditions
    )
    if after is not None:
        query = query.where(
            moment >= after.at,
            or_(moment > after.at, and_(moment == after.at, col(Assignment.number) > after.number)),
        )
    rows = tx.exec(query.order_by(moment, col(Assignment.number)).limit(PART))
    return [Due(id_, number, at) for id_, number, at in rows]
