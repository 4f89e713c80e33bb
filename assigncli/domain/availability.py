"""Whether a mentor takes assignments, and what to do with those open with one who does not.

Days are the organisation's local calendar days. Knows neither the store nor the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Final

from assigncli.domain.days import day_in_words
from assigncli.domain.lifecycle import UNREAD, ProfileStatus, Status
from assigncli.locale import _


class Unavailability(StrEnum):
    """Why a mentor takes no assignments; the word is part of what --json says."""

    LEFT = "mentor_left"
    LAPSED = "certification_lapsed"
    PAUSED = "mentor_paused"


def profile_on(
    today: date, status: ProfileStatus, paused_until: date | None, certified_until: date | None
) -> ProfileStatus:
    """Return a profile's status on a day: a pause and a certification end by themselves.

    Both days are the last of theirs; None has no end. A lapse comes before a pause.
    """
    lapsed = certified_until is not None and certified_until < today
    if lapsed or status is ProfileStatus.EXPIRED:
        return ProfileStatus.EXPIRED
    over = paused_until is not None and paused_until < today
    return ProfileStatus.ACTIVE if over else status


def paused_in_words(name: str, until: date | None, today: date) -> str:
    """Say that a mentor is paused, and until when; `until` is the last local day of the pause."""
    if until is None:
        return _("{name} is paused, without an end date.").format(name=name)
    return _("{name} is paused until {day}.").format(name=name, day=day_in_words(until, today))


def lapsed_in_words(name: str, until: date | None, today: date) -> str:
    """Say that a mentor's certification has lapsed, and its last local day where it is over."""
    if until is None or until >= today:
        return _("The certification of {name} has lapsed.").format(name=name)
    day = day_in_words(until, today)
    return _("The certification of {name} lapsed on {day}.").format(name=name, day=day)


def unavailability(*, left: bool, profile: ProfileStatus) -> Unavailability | None:
    """Return the one reason that counts most, None for a mentor who takes assignments."""
    if left:
        return Unavailability.LEFT
    return {
        ProfileStatus.EXPIRED: Unavailability.LAPSED,
        ProfileStatus.PAUSED: Unavailability.PAUSED,
    }.get(profile)


def what_to_do(why: Unavailability, status: Status, number: int, handle: str) -> str:
    """Return what to do with one assignment that is open with such a mentor, with its commands."""
    if status is Status.PENDING:
        send = _("Choose another mentor with assign edit {number} --to HANDLE.")
    elif status in UNREAD:
        send = _("Recall it with assign recall {number}, and create it again for another mentor.")
    else:
        send = _("Cancel it with assign cancel {number}, and create it again for another mentor.")
    said = send.format(number=number)
    otherwise = _OTHERWISE.get(why)
    return said if otherwise is None else f"{said} {otherwise().format(handle=handle)}"


_OTHERWISE: Final[dict[Unavailability, Callable[[], str]]] = {
    Unavailability.LAPSED: lambda: _("Or run assign member certify {handle}."),
    Unavailability.PAUSED: lambda: _("Or run assign member resume {handle}."),
}
