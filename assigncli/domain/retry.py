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


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """Return when to try again after `attempts` failures, the last at `at`; None: given up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    doublings = min(attempts - 1, MAX_ATTEMPTS)
    return at + min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
