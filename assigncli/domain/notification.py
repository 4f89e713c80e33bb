"""What a message tells of. It names an event and never says anything about a person."""

from __future__ import annotations

from enum import StrEnum


class NotificationKind(StrEnum):
    """What a notification tells of."""

    DISPATCHED = "dispatched"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    REMINDED = "reminded"
