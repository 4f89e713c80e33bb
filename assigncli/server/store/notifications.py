"""The outbox: a notification is queued once, in the transaction that causes it, and sent later.

Nothing is sent here. A row names the event and the recipient, and never holds content. It is marked
as SENDING before it is sent, and every later change requires that it is unchanged since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import Session, col, select

from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.notification import STUCK, NotificationKind, NotificationStatus
from assigncli.server.store import ready
from assigncli.server.store.scheduled import Notification
from assigncli.server.store.tables import Assignment, Member

PART: Final = 200


@dataclass(frozen=True)
class QueuedNotification:
    """A notification that may be tried; `number` and `status` are None if archived."""

    row: Notification
    number: int | None
    status: Status | None
    name: str
    """The recipient's display name."""


def queue_all(tx: Session, owed: Sequence[Mapping[str, Any]]) -> None:
    """Queue notifications, due at once.

    The database refuses a second one of the same kind about an assignment to a recipient.
    """
    if not owed:
        return
    unsent = {"status": NotificationStatus.QUEUED, "attempts": 0}
    rows = [{"id": uuid4(), **unsent, **each, "due_at": each["created_at"]} for each in owed]
    ready.insert_all(tx, Notification, rows)


def by_id(tx: Session, organization_id: UUID, notification_id: UUID) -> Notification | None:
    """Return the notification, read again from the database, or None."""
    return tx.exec(
        select(Notification)
        .where(Notification.id == notification_id, Notification.organization_id == organization_id)
        .execution_options(populate_existing=True)
    ).first()


def waiting(
    tx: Session,
    organization_id: UUID,
    now: datetime,
    after: QueuedNotification | None,
    *,
    urgent_only: bool = False,
) -> list[QueuedNotification]:
    """Return queued notifications that may be tried now, oldest first, after `after`."""
    query = (
        select(Notification, Assignment.number, Assignment.status, Member.display_name)
        .join(Assignment, col(Assignment.id) == col(Notification.assignment_id), isouter=True)
        .join(Member, col(Member.id) == col(Notification.recipient_id))
        .where(
            Notification.organization_id == organization_id,
            Notification.status == NotificationStatus.QUEUED,
            col(Notification.due_at) <= now,
        )
    )
    if urgent_only:
        query = query.where(col(Assignment.priority) == Priority.URGENT)
    if after is not None:
        query = query.where(
            col(Notification.due_at) >= after.row.due_at,
            (col(Notification.due_at) > after.row.due_at) | (col(Notification.id) > after.row.id),
        )
    query = query.order_by(col(Notification.due_at), col(Notification.id)).limit(PART)
    return [
        QueuedNotification(row, number, None if status is None else Status(status), name)
        for row, number, status, name in tx.exec(query)
    ]


def of_assignments(
    tx: Session, organization_id: UUID, assignment_ids: Collection[UUID]
) -> list[Notification]:
    """Return every notification of these assignments, in the order in which they were queued."""
    rows = tx.exec(
        select(Notification)
        .where(col(Notification.assignment_id).in_(list(assignment_ids)))
        .order_by(col(Notification.created_at), col(Notification.id))
    )
    return [row for row in rows if row.organization_id == organization_id]


def to_recipient(
    tx: Session, assignment: Assignment, kind: NotificationKind
) -> Notification | None:
    """Return the one notification of this kind to the assignment's recipient, or None."""
    return tx.exec(
        select(Notification).where(
            Notification.assignment_id == assignment.id,
            Notification.kind == kind,
            Notification.recipient_id == assignment.recipient_user_id,
            Notification.organization_id == assignment.organization_id,
        )
    ).first()


def begun(tx: Session, organization_id: UUID) -> list[Notification]:
    """Return those marked as SENDING, whether or not a process is still sending them."""
    return list(
        tx.exec(
            select(Notification).where(
                Notification.organization_id == organization_id,
                Notification.status == NotificationStatus.SENDING,
            )
        )
    )


def stuck(tx: Session, organization_id: UUID, limit: int) -> list[Notification]:
    """Return those that failed or whose outcome is unknown, newest first."""
    found = [
        row
        for status in STUCK
        for row in tx.exec(
            select(Notification)
            .where(Notification.organization_id == organization_id, Notification.status == status)
            .order_by(col(Notification.due_at).desc())
            .limit(limit)
        )
    ]
    return sorted(found, key=lambda row: row.due_at, reverse=True)[:limit]


def begin(tx: Session, row: Notification, at: datetime) -> bool:
    """Mark a queued one as SENDING; say whether this call did it."""
    return _move(
        tx,
        row,
        NotificationStatus.QUEUED,
        status=NotificationStatus.SENDING,
        attempts=row.attempts + 1,
        attempted_at=at,
    )


def finish(
    tx: Session,
    row: Notification,
    status: NotificationStatus,
    problem: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Record the outcome of one that was SENDING; say whether it still was."""
    return _move(
        tx,
        row,
        NotificationStatus.SENDING,
        status=status,
        problem=problem,
        due_at=due_at or row.due_at,
    )


def settle(tx: Session, row: Notification, status: NotificationStatus, problem: str) -> bool:
    """Give up a queued one without trying it; say whether it still was queued."""
    return _move(tx, row, NotificationStatus.QUEUED, status=status, problem=problem)


def requeue(tx: Session, row: Notification, now: datetime) -> bool:
    """Queue a stuck one again, because a person asked for it; say whether it still was stuck."""
    return _move(
        tx,
        row,
        row.status,
        status=NotificationStatus.QUEUED,
        attempts=0,
        problem=None,
        due_at=now,
    )


def _move(tx: Session, row: Notification, source: NotificationStatus, **columns: object) -> bool:
    moved = tx.connection().execute(
        update(Notification)
        .where(
            col(Notification.id) == row.id,
            col(Notification.status) == source,
            col(Notification.attempts) == row.attempts,
            col(Notification.attempted_at).is_not_distinct_from(row.attempted_at),
        )
        .values(**columns)
    )
    return moved.rowcount == 1
