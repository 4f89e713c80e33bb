"""Says values in words, in the language in use: dates, times, yes and no.

No library's month names are used, so nothing is imported for them. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from enum import Enum
from typing import Any, Final

from assigncli.locale import N_, _

_MONTHS: Final = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)


def day_in_words(day: date) -> str:
    """Return "21 November 2026"; a calendar day, no time zone."""
    return _("{day} {month} {year}").format(
        day=day.day, month=_(_MONTHS[day.month - 1]), year=day.year
    )


def time_in_words(moment: datetime, zone: tzinfo) -> str:
    """Return "21 November 2026 at 14:05" as the clock in `zone` shows it.

    Raises ValueError for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    local = moment.astimezone(zone)
    return _("{day} at {hour}:{minute}").format(
        day=day_in_words(local.date()), hour=f"{local.hour:02}", minute=f"{local.minute:02}"
    )


def in_words(value: object, zone: tzinfo) -> str:
    """Return how `value` reads; an Enum reads as its value unless the caller knows better."""
    for kinds, say in _SAYINGS:
        if isinstance(value, kinds):
            return say(value, zone)
    return str(value)


def _several(values: Iterable[object], zone: tzinfo) -> str:
    return ", ".join(in_words(each, zone) for each in values) or _("none")


_SAYINGS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any, tzinfo], str]], ...]] = (
    (type(None), lambda value, zone: _("none")),
    (bool, lambda value, zone: _("yes") if value else _("no")),
    (datetime, time_in_words),
    (date, lambda value, zone: day_in_words(value)),
    (Enum, lambda value, zone: str(value.value)),
    ((list, tuple), _several),
    ((set, frozenset), lambda value, zone: _several(sorted(value, key=str), zone)),
)
"""The first that fits counts: a datetime is a date, an enum may be a text."""
