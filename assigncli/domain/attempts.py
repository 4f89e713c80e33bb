"""Which refused attempts make an entry of the log, and which are only counted (PROTOCOL.md 8.4).

A device's first recorded attempt begins its hour. Within it an equal attempt makes no entry, and
after 20 entries none does: those are counted, and one entry after the hour says how many. What does
not authenticate never comes this far.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

HOUR: Final = timedelta(hours=1)
MAX_ENTRIES: Final = 20
"""How many entries the attempts of one device make in its hour; a service could log for ever."""

REMEMBERED: Final = timedelta(minutes=10)
"""How long a hash is kept: twice what the clock rule allows, since a server's clock may go back."""

MAX_HASHES: Final = 1_000
"""How many hashes of one device are kept at a time; more is a flood, and is not even checked."""

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
    """The hour of one device, as far as it has gone.

    `first` is the sequence of the entry that began it, at `began` (aware). `recorded` are the kinds
    that made an entry, one each; `counted` is how many attempts made none.
    """

    first: int
    began: datetime
    recorded: frozenset[AttemptKind]
    counted: int


def is_over(began: datetime, now: datetime) -> bool:
    """Say whether an hour that began then is over; its last microsecond still belongs to it."""
    return now - began > HOUR


def makes_entry(hour: Hour, kind: AttemptKind) -> bool:
    """Say whether an attempt makes an entry in the device's running hour; else it is counted."""
    return kind not in hour.recorded and len(hour.recorded) < MAX_ENTRIES


def kept_until(now: datetime, signed_at: datetime, *, recorded: bool) -> datetime:
    """Return the last moment at which the hash of a refused statement has to be known (aware).

    The clock rule admits a statement around `signed_at`, the moment that it gives itself. One that
    was refused because its moment is far ahead must not be carried out when that has come. A
    recorded one is kept for the hour too, so that an equal one is known.
    """
    known = max(now, signed_at) + REMEMBERED
    return max(known, now + HOUR) if recorded else known
