"""The outbox's rows: a message is queued in the transaction that causes it, once.

Sending is not done here. A row names the event and the recipient, and never holds content.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

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
    tx.add(
        Notification(
            id=uuid4(),
            organization_id=assignment.organization_id,
            assignment_id=assignment.id,
            recipient_id=recipient_id,
            kind=kind,
            status=NotificationStatus.QUEUED,
            created_at=now,
        )
    )
    tx.flush()
