"""What a mentor's inbox is sorted by: a few small columns of each of their open assignments.

Rows are read as stored, whatever their content, so that one damaged row does not hide the others.
Whether a row can be relied on is checked later, and only for the page that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session, col

from assigncli.domain.lifecycle import IN_INBOX, UNREAD, Priority, Status
from assigncli.server.store.column_types import Moment, unindexed
from assigncli.server.store.tables import Assignment

_COLUMNS: Final = (
    *("number", "status", "priority", "dispatched_at", "contact_deadline_days", "expires_at"),
)
_LARGEST: Final = 2**63 - 1
_MOMENT: Final = Moment()


@dataclass(frozen=True)
class InboxLine:
    """What the inbox's order needs of one assignment. Moments are aware UTC, None if unreadable.

    `new` is one that was not read. `days` is 0 where the row holds no number.
    """

    number: int
    urgent: bool
    new: bool
    contact_made: bool
    dispatched_at: datetime | None
    days: int
    expires_at: datetime | None


def lines(tx: Session, organization_id: UUID, member_id: UUID) -> list[InboxLine]:
    """Return the mentor's open assignments that they have not declined, unordered."""
    wanted = (col(Assignment.status).in_(IN_INBOX), col(Assignment.declined_at).is_(None))
    return list(_lines(tx, organization_id, member_id, *wanted))


def line(tx: Session, organization_id: UUID, member_id: UUID, number: int) -> InboxLine | None:
    """Return one assignment that was sent to the mentor, open or ended, or None."""
    if not 0 < number <= _LARGEST:
        return None
    wanted = (col(Assignment.number) == number, col(Assignment.dispatched_at).is_not(None))
    return next(_lines(tx, organization_id, member_id, *wanted), None)


def _lines(
    tx: Session, organization_id: UUID, member_id: UUID, *conditions: ColumnElement[bool]
) -> Iterator[InboxLine]:
    rows = tx.connection().execute(
        select(*(type_coerce(getattr(Assignment, name), NullType()) for name in _COLUMNS)).where(
            unindexed(col(Assignment.organization_id)) == organization_id,
            col(Assignment.recipient_user_id) == member_id,
            *conditions,
        )
    )
    known: dict[Any, datetime | None] = {}
    return (_line(row, known) for row in rows if isinstance(row[0], int))


def _line(row: Sequence[Any], known: dict[Any, datetime | None]) -> InboxLine:
    number, status, priority, dispatched_at, days, expires_at = row
    for text in (dispatched_at, expires_at):
        if text not in known:
            known[text] = _moment(text)
    return InboxLine(
        number=number,
        urgent=priority == Priority.URGENT,
        new=status in UNREAD,
        contact_made=status == Status.CONTACT_MADE,
        dispatched_at=known[dispatched_at],
        days=days if isinstance(days, int) else 0,
        expires_at=known[expires_at],
    )


def _moment(text: object) -> datetime | None:
    try:
        return _MOMENT.process_result_value(text, None)  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None
