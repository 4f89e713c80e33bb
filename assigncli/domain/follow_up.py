"""Why an assignment must be followed up, and in which order a coordinator sees them.

Pure: the caller passes the days. The reasons' wording is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class FollowUp(StrEnum):
    """A reason to follow an assignment up, the most serious first."""

    DECLINED = "declined"
    OVERDUE = "overdue_for_contact"
    UNAVAILABLE = "mentor_unavailable"
    UNREAD = "unread"
    EXPIRING = "about_to_expire"
    DRAFT = "not_dispatched"
    UNTOLD = "notification_failed"
    UNKNOWN = "notification_unknown"


ORDER: Final = tuple(FollowUp)
PAGE: Final = 10
"""How many assignments `status` shows at a time."""

UNUSUAL_OPENINGS: Final = 30
"""More briefs than this, opened by one member within a day, are pointed out."""

Place = tuple[bool, int, int, int]


def main_reason(days: Mapping[FollowUp, int]) -> FollowUp:
    """Return the most serious of an assignment's reasons; each assignment counts under one."""
    return min(days, key=ORDER.index)


def place(number: int, *, urgent: bool, days: Mapping[FollowUp, int]) -> Place:
    """Return the sort key: urgent first, then by reason, then the longest waiting.

    `days` gives for each reason how many local days it has held, 0 where that is not counted.
    """
    gravest = main_reason(days)
    return (not urgent, ORDER.index(gravest), -days[gravest], number)
