"""Notifications: what they tell of, how far one has got, and when it is tried again.

A notification tells one recipient of one event, and goes to each of the recipient's channels. Only
what was surely accepted nowhere is tried again by itself; what may have arrived never is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from assigncli.domain.lifecycle import AWAITING_CONTACT, UNREAD, Status


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


class NotificationStatus(StrEnum):
    """How far a notification has got; `dropped` is one that nobody needs, or nobody can get."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"


class SendOutcome(StrEnum):
    """What is known after a notification was sent to one channel."""

    SENT = "sent"
    """The server said that it has it."""
    UNREACHABLE = "unreachable"
    """Surely nothing was accepted: it may be tried again."""
    UNKNOWN = "unknown"
    """It may have arrived, and it may not."""
    MALFORMED = "malformed"
    """The address cannot be used; nothing was tried."""


@dataclass(frozen=True)
class NotificationText:
    """What is sent: the organisation's neutral sender name, a subject line, and plain text."""

    sender: str
    subject: str
    body: str


class Notifier(Protocol):
    """What sends to the address of a channel."""

    def send(self, address: str, text: NotificationText) -> SendOutcome:
        """Try once to send `text`; never raise, and never repeat the address."""

    def kind_of(self, address: str) -> str:
        """Name the kind of channel, without any part of the address.

        Raises InvalidInput `channel_invalid` for an address that cannot be used.
        """


STUCK: Final = (NotificationStatus.UNKNOWN, NotificationStatus.FAILED)
"""What only a person may have sent again."""
FIRST_PAUSE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=6)
MAX_ATTEMPTS: Final = 10
"""The pauses double; together they last about a day."""
LEASE: Final = timedelta(minutes=15)
"""A notification marked as sending for longer than this was abandoned: its sender was killed."""


def is_moot(kind: NotificationKind, status: Status) -> bool:
    """Say whether the assignment's status has overtaken it: nobody is called to what is over."""
    if kind is NotificationKind.DISPATCHED:
        return status not in UNREAD
    if kind in (NotificationKind.REMINDER, NotificationKind.REMINDED):
        return status not in AWAITING_CONTACT
    return False


def is_abandoned(attempted_at: datetime | None, now: datetime) -> bool:
    """Say whether whoever began to send it has surely stopped without an outcome."""
    return attempted_at is None or abs(now - attempted_at) > LEASE


def verdict(
    outcomes: Collection[SendOutcome], attempts: int, at: datetime
) -> tuple[NotificationStatus, str | None, datetime | None]:
    """Return status, problem and when to try again, from what is known of each channel.

    One channel that took it is enough. `attempts` are counted with this one, which was made at
    `at`.
    """
    if SendOutcome.SENT in outcomes:
        return NotificationStatus.SENT, None, None
    if SendOutcome.UNKNOWN in outcomes:
        return NotificationStatus.UNKNOWN, SendOutcome.UNKNOWN, None
    if SendOutcome.UNREACHABLE not in outcomes:
        return NotificationStatus.FAILED, "channel_invalid", None
    if attempts >= MAX_ATTEMPTS:
        return NotificationStatus.FAILED, SendOutcome.UNREACHABLE, None
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return NotificationStatus.QUEUED, SendOutcome.UNREACHABLE, at + pause
