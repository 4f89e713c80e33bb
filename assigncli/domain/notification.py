"""Notifications: what they are about, how far one has got, and when to try again.

A notification tells one recipient of one event, and goes to each of the recipient's channels. It is
retried automatically only if surely no server accepted it; if it may have arrived, it never is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from assigncli.domain.lifecycle import AWAITING_CONTACT, TERMINAL, UNREAD, Status


class NotificationKind(StrEnum):
    """The event that a notification is about."""

    DISPATCHED = "dispatched"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    DECLINED = "declined"
    REMINDED = "reminded"


class NotificationStatus(StrEnum):
    """How far a notification has got; `dropped` means nobody needs it, or nobody can get it."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"


class SendOutcome(StrEnum):
    """What is known after sending a notification to one channel."""

    SENT = "sent"
    """The server accepted it."""
    UNREACHABLE = "unreachable"
    """Surely nothing was accepted, so it may be tried again."""
    UNKNOWN = "unknown"
    """It may have arrived or not."""
    MALFORMED = "malformed"
    """The address cannot be used; nothing was tried."""


@dataclass(frozen=True)
class NotificationText:
    """A message: the organisation's neutral sender name, a subject line, and plain text."""

    sender: str
    subject: str
    body: str


class Notifier(Protocol):
    """Sends to the address of a channel."""

    def send(self, address: str, text: NotificationText) -> SendOutcome:
        """Try once to send `text`; never raise, and never reveal the address."""

    def kind_of(self, address: str) -> str:
        """Return the kind of channel, without any part of the address.

        Raises InvalidInput `channel_invalid` for an address that cannot be used.
        """


STUCK: Final = (NotificationStatus.UNKNOWN, NotificationStatus.FAILED)
"""The statuses from which only a person may have it sent again."""
FIRST_PAUSE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=6)
MAX_ATTEMPTS: Final = 10
"""The pauses double up to the longest; together they last about a day."""
LEASE: Final = timedelta(minutes=15)
"""A notification marked as sending for longer than this was abandoned: its sender was killed."""


def is_moot(kind: NotificationKind, status: Status, *, declined: bool) -> bool:
    """Say whether the assignment's status, or the mentor's decline, has made it pointless."""
    if kind is NotificationKind.DISPATCHED:
        return declined or status not in UNREAD
    if kind in (NotificationKind.REMINDER, NotificationKind.REMINDED):
        return declined or status not in AWAITING_CONTACT
    return kind is NotificationKind.DECLINED and status in TERMINAL


def is_abandoned(attempted_at: datetime | None, now: datetime) -> bool:
    """Say whether the process that began sending has surely stopped without an outcome."""
    return attempted_at is None or abs(now - attempted_at) > LEASE


def verdict(
    outcomes: Collection[SendOutcome], attempts: int, at: datetime
) -> tuple[NotificationStatus, str | None, datetime | None]:
    """Return the status, the problem and when to try again, from the outcome of each channel.

    One channel that accepted it is enough. `attempts` includes this one, made at `at`.
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
