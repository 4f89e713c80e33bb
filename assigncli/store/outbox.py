"""The outbox's rows: a message is queued in the transaction that causes it, once.

Sending is not done here. A row names the event and the recipient, and never holds content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlmodel import Session

from assigncli.store.tables import Assignment, Notification, NotificationStatus


class NotificationKind(StrEnum):
    """What a notification tells of."""

    DISPATCHED = "dispatched"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"


def queue(
    tx: Session, assignment: Assignment, kind: NotificationKind, recipient_id: UUID, now: datetime
) -> None:
    """Queue one message; the database refuses a second of the same kind to the same recipient."""
    queue_all(tx, assignment.organization_id, [(assignment.id, recipient_id)], kind, now)


def queue_all(
    tx: Session,
    organization_id: UUID,
    messages: Sequence[tuple[UUID, UUID]],
    kind: NotificationKind,
    now: datetime,
) -> None:
    """Queue a message for each (assignment, recipient), all of one kind."""
    rows = [
        {
            "id": uuid4(),
            "organization_id": organization_id,
            "assignment_id": assignment_id,
            "recipient_id": recipient_id,
            "kind": kind,
            "status": NotificationStatus.QUEUED,
            "attempts": 0,
            "created_at": now,
        }
        for assignment_id, recipient_id in messages
    ]
    tx.connection().execute(insert(Notification), rows)
