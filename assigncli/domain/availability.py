"""Decide whether a mentor takes assignments on a day, and why not.

Days are the organisation's local calendar days. Uses neither the store nor the clock.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from assigncli.domain.lifecycle import ProfileStatus


class Unavailability(StrEnum):
    """Why a mentor takes no assignments; the value appears in the --json output."""

    LEFT = "mentor_left"
    LAPSED = "certification_lapsed"
    PAUSED = "mentor_paused"


def profile_on(
    today: date, status: ProfileStatus, paused_until: date | None, certified_until: date | None
) -> ProfileStatus:
    """Return a profile's status on a day, since a pause and a certification end by themselves.

    Both dates are the last day included; None means no end. A lapse takes precedence over a pause.
    """
    lapsed = certified_until is not None and certified_until < today
    if lapsed or status is ProfileStatus.EXPIRED:
        return ProfileStatus.EXPIRED
    over = paused_until is not None and paused_until < today
    return ProfileStatus.ACTIVE if over else status


def unavailability(*, left: bool, profile: ProfileStatus) -> Unavailability | None:
    """Return the most important reason, or None for a mentor who takes assignments."""
    if left:
        return Unavailability.LEFT
    return {
        ProfileStatus.EXPIRED: Unavailability.LAPSED,
        ProfileStatus.PAUSED: Unavailability.PAUSED,
    }.get(profile)
