"""Write a day in words, in the language in use.

The month names are the project's own, so that no library has to be imported for them.
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
    """Return "21 November"; with the year if it is not this year, or if `today` is None."""
    month = _(_MONTHS[day.month - 1])
    if today is not None and day.year == today.year:
        return _("{day} {month}").format(day=day.day, month=month)
    return _("{day} {month} {year}").format(day=day.day, month=month, year=day.year)
