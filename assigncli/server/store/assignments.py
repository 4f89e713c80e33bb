"""Queries on assignments, and on their wraps, consents and status log.

Every query is limited to one organisation. A step is one conditional UPDATE, so that only one of
two people acting at once succeeds; `advance` says whether it was this one. No query's cost may grow
with the history, so each is meant for one index. Where the planner might walk all rows of an
organisation instead, that index's column is hidden with `unindexed`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Text, delete, func, text, type_coerce, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, select

from assigncli.domain.lifecycle import AWAITING_CONTACT, UNACKNOWLEDGED, Priority, Status
from assigncli.server.store import ready, restores
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.conditions import IS_DECLINED
from assigncli.server.store.tables import Assignment, AssignmentStatusLog, ConsentRecord
from assigncli.server.store.wraps import KeyWrap


@dataclass(frozen=True)
class Filters:
    """The filters of a list. Moments are aware UTC; None or empty means no filter."""

    statuses: Sequence[Status] = ()
    recipient_id: UUID | None = None
    priority: Priority | None = None
    awaiting_contact_since: datetime | None = None
    unacknowledged: bool = False


def next_number(tx: Session, organization_id: UUID) -> int:
    """Return the number for the next assignment; no other writer can take it meanwhile.

    Numbers that a restored store has lost are not given again.
    """
    return restores.last_number(tx, organization_id) + 1


def by_number(tx: Session, organization_id: UUID, number: int) -> Assignment | None:
    """Return the organisation's assignment with this number, or None."""
    return tx.exec(
        select(Assignment).where(
            Assignment.organization_id == organization_id, Assignment.number == number
        )
    ).first()


def archived_id(tx: Session, organization_id: UUID, number: int) -> UUID | None:
    """Return the id of the organisation's archived assignment with this number, or None."""
    return tx.exec(
        select(ArchivedAssignment.id).where(
            ArchivedAssignment.organization_id == organization_id,
            ArchivedAssignment.number == number,
        )
    ).first()


def is_archived(tx: Session, organization_id: UUID, assignment_id: UUID) -> bool:
    """Say whether the organisation's assignment with this id is archived."""
    return archived(tx, organization_id, assignment_id) is not None


def archived(tx: Session, organization_id: UUID, assignment_id: UUID) -> ArchivedAssignment | None:
    """Return the organisation's archived assignment with this id, or None."""
    return tx.exec(
        select(ArchivedAssignment).where(
            ArchivedAssignment.organization_id == organization_id,
            ArchivedAssignment.id == assignment_id,
        )
    ).first()


def by_id(tx: Session, organization_id: UUID, assignment_id: UUID) -> Assignment | None:
    """Return the organisation's assignment with this id, read again from the database, or None."""
    return tx.exec(
        select(Assignment)
        .where(Assignment.organization_id == organization_id, Assignment.id == assignment_id)
        .execution_options(populate_existing=True)
    ).first()


def by_prefix(tx: Session, organization_id: UUID, prefix: str) -> list[Assignment]:
    """Return at most two assignments whose id, as 32 hex digits, begins with `prefix`."""
    return list(
        tx.exec(
            select(Assignment)
            .where(
                unindexed(col(Assignment.organization_id)) == organization_id,
                type_coerce(Assignment.id, Text) >= prefix,
                type_coerce(Assignment.id, Text) < prefix + "g",
            )
            .limit(2)
        ).all()
    )


def advance(
    tx: Session,
    assignment: Assignment,
    source: Sequence[Status],
    target: Status,
    *,
    unread_only: bool = False,
    **columns: Any,
) -> bool:
    """Move the row to `target` if its status is still in `source`; say whether it did.

    If so, `assignment` has the written values.
    """
    conditions: list[ColumnElement[bool]] = [
        col(Assignment.id) == assignment.id,
        col(Assignment.organization_id) == assignment.organization_id,
        col(Assignment.status).in_(source),
    ]
    if unread_only:
        conditions.append(col(Assignment.first_read_at).is_(None))
    written = {"status": target, **columns}
    moved = tx.connection().execute(update(Assignment).where(*conditions).values(written))
    if moved.rowcount != 1:
        return False
    for name, value in written.items():
        set_committed_value(assignment, name, value)
    return True


def change(tx: Session, row: SQLModel, columns: Mapping[str, Any]) -> None:
    """Write columns of a row that nobody else can have changed in this transaction."""
    for name, value in columns.items():
        setattr(row, name, value)
    tx.flush()


def dispatch_all(tx: Session, changes: Sequence[Mapping[str, Any]]) -> bool:
    """Write the columns of dispatches; say whether all of them were still drafts.

    Each names its assignment as `id`, and all have the same columns.
    """
    is_draft = f"status = '{Status.PENDING.value}'"
    return ready.update_all(tx, Assignment, changes, is_draft) == len(changes)


def timeline(tx: Session, assignment: Assignment) -> list[AssignmentStatusLog]:
    """Return the steps the assignment took, oldest first."""
    return list(
        tx.exec(
            select(AssignmentStatusLog)
            .where(
                AssignmentStatusLog.assignment_id == assignment.id,
                AssignmentStatusLog.organization_id == assignment.organization_id,
            )
            .order_by(col(AssignmentStatusLog.id))
        ).all()
    )


def reason_of(tx: Session, assignment_id: UUID) -> tuple[bytes, str] | None:
    """Return salt and text of the reason for a cancellation; None where there is none."""
    found = tx.exec(
        select(AssignmentStatusLog.reason_salt, AssignmentStatusLog.reason).where(
            AssignmentStatusLog.assignment_id == assignment_id,
            col(AssignmentStatusLog.reason).is_not(None),
        )
    ).first()
    return None if found is None else (found[0] or b"", found[1] or "")


def wrap_for(tx: Session, assignment_id: UUID, certificate_id: UUID) -> KeyWrap | None:
    """Return the secret half sealed to the device with this certificate, or None."""
    return tx.get(KeyWrap, (assignment_id, certificate_id))


def wraps_of(tx: Session, assignment_ids: Collection[UUID]) -> list[KeyWrap]:
    """Return all wraps of these assignments."""
    return list(tx.exec(select(KeyWrap).where(col(KeyWrap.assignment_id).in_(assignment_ids))))


def replace_wraps(tx: Session, assignment_id: UUID, wraps: Sequence[dict[str, Any]]) -> None:
    """Replace the wraps of a draft's secret half."""
    tx.exec(delete(KeyWrap).where(col(KeyWrap.assignment_id) == assignment_id))
    ready.insert_all(tx, KeyWrap, wraps)


def consent_of(tx: Session, assignment_id: UUID, member_id: UUID) -> ConsentRecord | None:
    """Return the member's signed consent for this assignment, or None."""
    return tx.exec(
        select(ConsentRecord).where(
            ConsentRecord.assignment_id == assignment_id, ConsentRecord.member_id == member_id
        )
    ).first()


def page(
    tx: Session, organization_id: UUID, filters: Filters, *, before: int | None, limit: int
) -> list[Assignment]:
    """Return up to `limit` assignments with numbers below `before`, the newest first.

    Each status is a query of its own, which walks one stretch of the index and ends at `limit`,
    however rare or frequent the status is.
    """
    scope = col(Assignment.organization_id)
    query = select(Assignment).where(
        (scope if filters.recipient_id is None else unindexed(scope)) == organization_id,
        *_conditions(filters),
    )
    if before is not None:
        query = query.where(Assignment.number < before)
    query = query.order_by(col(Assignment.number).desc()).limit(limit)
    wanted = _statuses(filters)
    if wanted is None:
        return list(tx.exec(query).all())
    found = [row for status in wanted for row in tx.exec(query.where(Assignment.status == status))]
    return sorted(found, key=lambda row: row.number, reverse=True)[:limit]


def read_anew(tx: Session, rows: Sequence[Assignment]) -> list[Assignment]:
    """Return these assignments as they are now, in a new transaction; without those that are gone.

    To be called between two parts of a long read, so that a writer gets its turn.
    """
    wanted = [row.id for row in rows]
    tx.commit()
    tx.expunge_all()
    rows_now = tx.exec(select(Assignment).where(col(Assignment.id).in_(wanted))).all()
    found = {row.id: row for row in rows_now}
    return [found[each] for each in wanted if each in found]


def count(tx: Session, organization_id: UUID, filters: Filters, limit: int) -> int:
    """Return how many assignments `page` would return in all, counted up to `limit`."""
    scope = col(Assignment.organization_id)
    # A mentor belongs to one organisation: without that condition, their own index is enough.
    scoped = [] if filters.recipient_id is not None else [scope == organization_id]
    some = select(Assignment.number).where(*scoped, *_conditions(filters))
    wanted = _statuses(filters)
    parts = [some] if wanted is None else [some.where(Assignment.status == each) for each in wanted]
    counts = (
        int(tx.exec(select(func.count()).select_from(part.limit(limit).subquery())).one())
        for part in parts
    )
    return min(limit, sum(counts))


def _statuses(filters: Filters) -> set[Status] | None:
    """Return the statuses that the filters allow, None for any."""
    narrowings = [
        set(statuses)
        for asked, statuses in (
            (filters.statuses, filters.statuses),
            (filters.unacknowledged, UNACKNOWLEDGED),
            (filters.awaiting_contact_since is not None, AWAITING_CONTACT),
        )
        if asked
    ]
    return set.intersection(*narrowings) if narrowings else None


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.recipient_id is not None:
        conditions.append(col(Assignment.recipient_user_id) == filters.recipient_id)
    if filters.priority is not None:
        conditions.append(col(Assignment.priority) == filters.priority)
    if filters.awaiting_contact_since is not None:
        conditions.append(col(Assignment.dispatched_at) <= filters.awaiting_contact_since)
    return conditions


def declined(tx: Session, organization_id: UUID, limit: int) -> list[Assignment]:
    """Return open assignments that their mentor has declined, by number."""
    return list(
        tx.exec(
            select(Assignment)
            .where(Assignment.organization_id == organization_id, text(IS_DECLINED))
            .order_by(col(Assignment.number))
            .limit(limit)
        ).all()
    )


def until(
    tx: Session,
    organization_id: UUID,
    statuses: Collection[Status],
    moment: Literal["dispatched_at", "expires_at"],
    last: datetime,
    limit: int,
) -> list[Assignment]:
    """Return assignments in these statuses whose `moment` is not after `last`, by number."""
    return list(
        tx.exec(
            select(Assignment)
            .where(
                Assignment.organization_id == organization_id,
                col(Assignment.status).in_(statuses),
                col(getattr(Assignment, moment)) <= last,
            )
            .order_by(unindexed(col(Assignment.number)))
            .limit(limit)
        ).all()
    )
