"""When a message that was surely not accepted is tried again, and when it is given up.

For refusals before acceptance only: what may have arrived is never tried again by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

FIRST_PAUSE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=6)
MAX_ATTEMPTS: Final = 10
"""The pauses double; together they last about a day."""

LEASE: Final = timedelta(minutes=15)
"""How long somebody may be sending one message; nobody is any more after that."""


def is_abandoned(attempted_at: datetime | None, now: datetime) -> bool:
    """Say whether whoever began to send a message has surely stopped without an outcome."""
    return attempted_at is None or abs(now - attempted_at) > LEASE


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """Return when to try again after `attempts` failures, the last at `at`; None: given up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    doublings = min(attempts - 1, MAX_ATTEMPTS)
    return at + min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
