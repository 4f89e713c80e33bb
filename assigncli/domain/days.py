"""A day in words, in the language in use.

No library's month names are used, so nothing is imported for them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

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


def day_in_words(day: date, today: date | None) -> str:
    """Return "21 November"; with the year where it is not this year, or `today` is unknown."""
    month = _(_MONTHS[day.month - 1])
    if today is not None and day.year == today.year:
        return _("{day} {month}").format(day=day.day, month=month)
    return _("{day} {month} {year}").format(day=day.day, month=month, year=day.year)
