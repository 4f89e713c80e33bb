"""Values in words, in the language in use: dates, times, yes and no.

Nothing here prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import Enum
from typing import Any, Final

from assigncli.domain.days import day_in_words
from assigncli.locale import N_, _, ngettext, pgettext

_KILO: Final = 1000
LONGEST: Final = 160
"""The most characters of a line: a longer one's beginning is forgotten when its end is read."""
_SHORT_MONTHS: Final = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)
TOGETHER: Final = "\N{NO-BREAK SPACE}"
"""Between the parts of a short day, so that they stay on one line; shown as a space."""
_SENTENCE_END: Final = re.compile(r"(?<=[.?!]) (?=[^a-zæøå])")


@dataclass(frozen=True)
class Calendar:
    """The organisation's zone and its local day today, to which days are related.

    If `today` is None, as outside any profile, the year is never left out and no distance is known.
    """

    zone: tzinfo = UTC
    today: date | None = None

    @classmethod
    def at(cls, now: datetime, zone: tzinfo) -> Calendar:
        """Return the calendar of the moment `now` (aware) in `zone`."""
        return cls(zone, now.astimezone(zone).date())

    def day(self, day: date) -> str:
        """Return "21 November"; with the year if it is not this year."""
        return day_in_words(day, self.today)

    def day_of(self, moment: datetime) -> str:
        """Return the local day of an aware moment, in words."""
        return self.day(self._local(moment).date())

    def last_day(self, end: datetime) -> date:
        """Return the last local day that begins before `end`, an aware moment.

        A deadline at midnight is shown as the day before, its last day.
        """
        return (self._local(end) - timedelta(microseconds=1)).date()

    def time(self, moment: datetime) -> str:
        """Return "21 November at 14:05", the wall-clock time in the zone."""
        local = self._local(moment)
        return _("{day} at {hour}:{minute}").format(
            day=self.day(local.date()), hour=f"{local.hour:02}", minute=f"{local.minute:02}"
        )

    def recent(self, moment: datetime) -> str:
        """Return "today at 00:15", "yesterday at 00:15", or the day and the time."""
        local = self._local(moment)
        clock = {"hour": f"{local.hour:02}", "minute": f"{local.minute:02}"}
        if self.today is not None and local.date() == self.today:
            return _("today at {hour}:{minute}").format(**clock)
        if self.today is not None and self.days_since(local.date()) == 1:
            return _("yesterday at {hour}:{minute}").format(**clock)
        return self.time(moment)

    def short_day(self, day: date) -> str:
        """Return "21 Nov", for a table; with the year if it is not this year."""
        values = {"day": day.day, "month": _(_SHORT_MONTHS[day.month - 1]), "year": day.year}
        if self.today is not None and day.year == self.today.year:
            return _("{day} {month}").format(**values).replace(" ", TOGETHER)
        return _("{day} {month} {year}").format(**values).replace(" ", TOGETHER)

    def short_day_of(self, moment: datetime) -> str:
        """Return the local day of an aware moment in short."""
        return self.short_day(self._local(moment).date())

    def short_time(self, moment: datetime) -> str:
        """Return "21 Nov 14:05", the wall-clock time in the zone, in short."""
        return f"{self.short_day_of(moment)} {self._local(moment):%H:%M}"

    def days_since(self, day: date) -> int:
        """Return how many days ago `day` is, negative for the future; 0 if today is unknown."""
        return 0 if self.today is None else (self.today - day).days

    def _local(self, moment: datetime) -> datetime:
        """Return the local time; raise ValueError for a moment without a time zone."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return moment.astimezone(self.zone)


def count_in_words(count: int) -> str:
    """Return the number, and "none" for 0: a bare zero after a label is easily misheard."""
    return str(count) if count else pgettext("count", "none")


def size_in_words(size: int) -> str:
    """Return a size in bytes in words: "406 kilobytes", "1.5 megabytes"."""
    if size < _KILO:
        return ngettext("{count} byte", "{count} bytes", size).format(count=size)
    if size < _KILO**2:
        kilo = size // _KILO
        return ngettext("{count} kilobyte", "{count} kilobytes", kilo).format(count=kilo)
    mega = f"{size / _KILO**2:.1f}".removesuffix(".0").replace(".", pgettext("decimal", "."))
    return _("{count} megabytes").format(count=mega)


def sentences(text: str) -> list[str]:
    """Return the sentences of one of our texts; a line break ends one too."""
    return [each for line in text.splitlines() for each in _SENTENCE_END.split(line)]


def days(count: int) -> str:
    """Return "1 day" or "3 days"."""
    return ngettext("{count} day", "{count} days", count).format(count=count)


def in_words(value: object, calendar: Calendar) -> str:
    """Return `value` in words; an Enum gives its value unless the caller knows better."""
    for kinds, say in _SAYINGS:
        if isinstance(value, kinds):
            return say(value, calendar)
    return str(value)


def _several(values: Iterable[object], calendar: Calendar) -> str:
    return ", ".join(in_words(each, calendar) for each in values) or pgettext("value", "none")


_SAYINGS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any, Calendar], str]], ...]] = (
    (type(None), lambda value, calendar: pgettext("value", "none")),
    (bool, lambda value, calendar: _("yes") if value else _("no")),
    (datetime, lambda value, calendar: calendar.time(value)),
    (date, lambda value, calendar: calendar.day(value)),
    (Enum, lambda value, calendar: str(value.value)),
    ((list, tuple), _several),
    ((set, frozenset), lambda value, calendar: _several(sorted(value, key=str), calendar)),
)
"""The first match counts: a datetime is a date, an enum may be a text."""
