"""What is sent, what is known of it afterwards, and who may send it. Nothing is sent here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class SendOutcome(StrEnum):
    """What is known of a message after it was tried."""

    SENT = "sent"
    """The server said that it has it."""
    UNREACHABLE = "unreachable"
    """Surely nothing was accepted: it may be tried again."""
    UNKNOWN = "unknown"
    """It may have arrived, and it may not."""
    MALFORMED = "malformed"
    """The address cannot be used; nothing was tried."""


@dataclass(frozen=True)
class Notice:
    """One message: the organisation's neutral sender name, a subject line, and plain text."""

    sender: str
    subject: str
    body: str


class Notifier(Protocol):
    """Whatever carries messages to a member's channel."""

    def send(self, address: str, message: Notice) -> SendOutcome:
        """Try once to deliver `message`; never raise, and never repeat the address."""

    def kind_of(self, address: str) -> str:
        """Name the sort of channel, without any part of the address.

        Raises InvalidInput `channel_invalid` for an address that cannot be used.
        """
