"""Which reporting cycle covers a day, and what to do if no open cycle covers today.

Uses neither the store nor the clock; days are the organisation's local calendar days.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import count
from typing import Final
from uuid import UUID

from assigncli.domain.deadlines import calendar_year
from assigncli.domain.lifecycle import CycleStatus
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, InvalidInput, NotFound, RuleRefused

_DAY: Final = timedelta(days=1)
_YEAR: Final = re.compile("[0-9]{4}")

REFUSALS: Final[dict[str, type[AssignError]]] = {
    "cycle_not_found": NotFound,
    "cycle_days_reversed": InvalidInput,
    "cycle_name_misleading": InvalidInput,
    "cycle_overlaps": InvalidInput,
    "cycle_name_taken": InvalidInput,
    "cycle_already_open": InvalidInput,
    "cycle_has_ended": InvalidInput,
    "cycle_already_closed": InvalidInput,
    "cycle_covers_today": InvalidInput,
}
"""The class of the error for each code about a cycle."""


def refused(*, code: str) -> AssignError:
    """Return the error for a code of `REFUSALS`."""
    return REFUSALS[code](code)


def cycle_not_found(typed: str, known: Sequence[str]) -> NotFound:
    """Return the error for an unknown name of a cycle, with the most similar one that exists."""
    near = get_close_matches(typed.strip(), known, n=1)
    return (
        NotFound("cycle_not_found", "near", near=near[0]) if near else NotFound("cycle_not_found")
    )


def require_days(name: str, first: date, last: date) -> None:
    """Refuse reversed days, and a year as the name of a cycle with no day in that year.

    The year's own cycle, which may open by itself one day, needs that name. Raises InvalidInput
    `cycle_days_reversed`, `cycle_name_misleading`.
    """
    if last < first:
        raise refused(code="cycle_days_reversed")
    if _YEAR.fullmatch(name) and not first.year <= int(name) <= last.year:
        raise refused(code="cycle_name_misleading")


@dataclass(frozen=True)
class Span:
    """One cycle: its name, its first and last day, both included, and whether it is open."""

    name: str
    first: date
    last: date
    is_open: bool

    def covers(self, day: date) -> bool:
        """Say whether the cycle includes the day."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Cycle:
    """A cycle with its status; first and last local day included."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date
    status: CycleStatus

    @property
    def span(self) -> Span:
        """The cycle in the form that the rules use."""
        return Span(self.name, self.starts_on, self.ends_on, self.status is CycleStatus.OPEN)


def require_free(cycles: Collection[Span], name: str, first: date, last: date) -> None:
    """Refuse days or a name that another cycle has, open or closed.

    Raises InvalidInput `cycle_overlaps`, `cycle_name_taken`.
    """
    if any(cycle.first <= last and first <= cycle.last for cycle in cycles):
        raise refused(code="cycle_overlaps")
    if any(cycle.name == name for cycle in cycles):
        raise refused(code="cycle_name_taken")


def require_closable(cycle: Span, today: date, *, force: bool) -> None:
    """Refuse to close a closed cycle or, without `force`, one that covers today.

    Raises InvalidInput `cycle_already_closed`, `cycle_covers_today`.
    """
    if not cycle.is_open:
        raise refused(code="cycle_already_closed")
    if cycle.covers(today) and not force:
        raise InvalidInput("cycle_covers_today", "forcible", name=cycle.name)


def require_reopenable(cycle: Span, today: date) -> None:
    """Refuse to reopen an open cycle, or one that has ended.

    Raises InvalidInput `cycle_already_open`, `cycle_has_ended`.
    """
    if cycle.is_open:
        raise refused(code="cycle_already_open")
    if cycle.last < today:
        raise refused(code="cycle_has_ended")


def refusal(today: date, cycles: Collection[Span], *, by_hand: bool) -> RuleRefused | None:
    """Return why nothing can be sent today, with what to do; None if sending is possible.

    Sending is possible if an open cycle covers today, or if the calendar year's cycle may open by
    itself: cycles are not managed by hand, and no other cycle has any of its days. Rule
    `reporting_cycle_active`.
    """
    covering = next((cycle for cycle in cycles if cycle.covers(today)), None)
    if covering is not None:
        if covering.is_open:
            return None
        return RuleRefused(Rule.REPORTING_CYCLE_ACTIVE, "closed", name=covering.name)
    first, last = calendar_year(today)
    year_is_free = all(cycle.last < first or last < cycle.first for cycle in cycles)
    if year_is_free and not by_hand:
        return None
    return _missing(today, cycles, year_is_free=year_is_free)


def free_days(today: date, cycles: Collection[Span]) -> tuple[date, date]:
    """Return the first and last day around today, within its year, that no cycle covers.

    Call it only if no cycle covers today.
    """
    first, last = calendar_year(today)
    return (
        max([first, *(cycle.last + _DAY for cycle in cycles if cycle.last < today)]),
        min([last, *(cycle.first - _DAY for cycle in cycles if cycle.first > today)]),
    )


def as_word(name: str) -> str:
    """Return a cycle's name quoted as one word of a command line."""
    word = shlex.quote(name)
    return f"-- {word}" if name.startswith("-") else word


def _missing(today: date, cycles: Collection[Span], *, year_is_free: bool) -> RuleRefused:
    name, (first, last) = _free_name(today, cycles), free_days(today, cycles)
    return RuleRefused(
        Rule.REPORTING_CYCLE_ACTIVE,
        "by_hand" if year_is_free else "days",
        name=name,
        first=first,
        last=last,
    )


def _free_name(today: date, cycles: Collection[Span]) -> str:
    """Return the year, or the first of 2026-2, 2026-3 and so on that no cycle is called."""
    taken = {cycle.name for cycle in cycles}
    if str(today.year) not in taken:
        return str(today.year)
    return next(name for n in count(2) if (name := f"{today.year}-{n}") not in taken)
