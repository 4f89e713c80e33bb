"""Decide which refused attempts get a log entry and which are only counted (PROTOCOL.md 8.4).

A device's first recorded attempt begins its hour. Within the hour an equal attempt gets no entry,
and after 20 entries no attempt does: they are counted, and one entry after the hour gives the
number. Attempts that do not authenticate never reach this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

HOUR: Final = timedelta(hours=1)
MAX_ENTRIES: Final = 20
"""The most entries that one device's attempts make in its hour: retries must not fill the log."""

REMEMBERED: Final = timedelta(minutes=10)
"""How long a hash is kept: twice what the clock rule allows, since a server's clock may go back."""

MAX_HASHES: Final = 1_000
"""The most hashes kept of one device at a time; more is a flood, and is not even checked."""

MAX_BODIES_OF_DEVICE: Final = 100
MAX_BODIES_OF_ORGANIZATION: Final = 1_000


@dataclass(frozen=True)
class AttemptKind:
    """What makes two attempts of one device equal."""

    act: str
    subject: UUID
    code: str


@dataclass(frozen=True)
class Hour:
    """The hour of one device so far.

    `first` is the sequence of the entry that began it, at `began` (aware). `recorded` are the kinds
    that made an entry, one each; `counted` is how many attempts made none.
    """

    first: int
    began: datetime
    recorded: frozenset[AttemptKind]
    counted: int


def is_over(began: datetime, now: datetime) -> bool:
    """Say whether the hour begun at `began` is over; its last microsecond still belongs to it."""
    return now - began > HOUR


def makes_entry(hour: Hour, kind: AttemptKind) -> bool:
    """Say whether an attempt makes an entry in the device's running hour; if not, it is counted."""
    return kind not in hour.recorded and len(hour.recorded) < MAX_ENTRIES


def kept_until(now: datetime, signed_at: datetime, *, recorded: bool) -> datetime:
    """Return until when the hash of a refused statement must be kept (aware).

    The clock rule accepts a statement near its own `signed_at`. A statement refused because its
    moment is far ahead must not be carried out when that moment comes. The hash of a recorded
    attempt is kept for the whole hour too, so that an equal attempt is recognised.
    """
    known = max(now, signed_at) + REMEMBERED
    return max(known, now + HOUR) if recorded else known
