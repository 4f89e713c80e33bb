"""Why an assignment has to be followed up, and in which order a coordinator meets them.

Pure: whoever asks brings the days. Nothing here says a reason in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class FollowUp(StrEnum):
    """A reason to follow an assignment up, the gravest first."""

    OVERDUE = "overdue_for_contact"
    UNAVAILABLE = "mentor_unavailable"
    UNREAD = "unread"
    EXPIRING = "about_to_expire"
    DRAFT = "not_dispatched"
    UNTOLD = "notification_failed"
    UNKNOWN = "notification_unknown"


ORDER: Final = tuple(FollowUp)

Place = tuple[bool, int, int, int]


def main_reason(days: Mapping[FollowUp, int]) -> FollowUp:
    """Return the gravest of an assignment's reasons; each assignment is counted under one."""
    return min(days, key=ORDER.index)


def place(number: int, *, urgent: bool, days: Mapping[FollowUp, int]) -> Place:
    """Return what to sort by: urgent ones first, then by reason, then those that wait longest.

    `days` says of each reason for how many local days it has held, 0 where that is not counted.
    """
    gravest = main_reason(days)
    return (not urgent, ORDER.index(gravest), -days[gravest], number)
