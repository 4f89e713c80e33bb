"""Which reporting cycle covers a day, and what to do where no open one covers today.

Knows neither the store nor the clock; days are the organisation's local calendar days.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final

from assigncli.domain.deadlines import calendar_year
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused
from assigncli.locale import _

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """One cycle: its name, its first and last day, both included, and whether it is open."""

    name: str
    first: date
    last: date
    is_open: bool

    def covers(self, day: date) -> bool:
        """Say whether the day is one of the cycle's."""
        return self.first <= day <= self.last


def refusal(today: date, cycles: Collection[Span], *, by_hand: bool) -> RuleRefused | None:
    """Return why nothing can be sent today, and what to do; None where something can.

    That is where an open cycle covers today, or where the calendar year's own may open by itself:
    cycles are not managed by hand, and none of its days is taken. Rule `reporting_cycle_active`.
    """
    covering = next((cycle for cycle in cycles if cycle.covers(today)), None)
    if covering is not None:
        return None if covering.is_open else _closed(covering.name)
    first, last = calendar_year(today)
    year_is_free = all(cycle.last < first or last < cycle.first for cycle in cycles)
    if year_is_free and not by_hand:
        return None
    return _missing(today, cycles, year_is_free=year_is_free)


def free_days(today: date, cycles: Collection[Span]) -> tuple[date, date]:
    """Return the first and last day around today, within its year, that no cycle covers.

    For a day that no cycle covers.
    """
    first, last = calendar_year(today)
    return (
        max([first, *(cycle.last + _DAY for cycle in cycles if cycle.last < today)]),
        min([last, *(cycle.first - _DAY for cycle in cycles if cycle.first > today)]),
    )


def as_word(name: str) -> str:
    """Return a cycle's name as one word of a command line."""
    word = shlex.quote(name)
    return f"-- {word}" if name.startswith("-") else word


def _closed(name: str) -> RuleRefused:
    return RuleRefused(
        Rule.REPORTING_CYCLE_ACTIVE,
        _("No open reporting cycle covers today: {name} is closed.").format(name=name),
        _("Reopen it with assign cycle reopen {name}.").format(name=as_word(name)),
    )


def _missing(today: date, cycles: Collection[Span], *, year_is_free: bool) -> RuleRefused:
    first, last = free_days(today, cycles)
    command = f"assign cycle open {_free_name(today, cycles)} --from {first} --to {last}"
    hint = (
        _(
            "Run {command}, or, as an administrator, assign config set reporting_cycles "
            "calendar_year."
        )
        if year_is_free
        else _("Open one with {command}.")
    )
    return RuleRefused(
        Rule.REPORTING_CYCLE_ACTIVE,
        _("No open reporting cycle covers today."),
        hint.format(command=command),
    )


def _free_name(today: date, cycles: Collection[Span]) -> str:
    """Return the year, or the first of 2026-2, 2026-3 and so on that no cycle is called."""
    taken = {cycle.name for cycle in cycles}
    if str(today.year) not in taken:
        return str(today.year)
    return next(name for n in count(2) if (name := f"{today.year}-{n}") not in taken)
