"""Quiet hours: when a notification that is not urgent must wait, and until when.

Quiet hours follow the clocks in the organisation's zone: from `starts` until `ends`, and the whole
of Sundays and Norwegian public holidays. Where the clocks are set back, a time that comes twice is
quiet twice. This module reads no clock: `now` is an argument. The list of holidays is imported only
when a day has to be looked up.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from assigncli.domain.deadlines import days_after, local_time, moment_of, require_aware
from assigncli.errors import InvalidInput

NONE: Final = "none"
_HOURS: Final = re.compile("([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})")
_SUNDAY: Final = 6
_COUNTRY: Final = "NO"
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class QuietHours:
    """When nobody is disturbed: local times from `starts` until `ends`, and whole days.

    The hours may go past midnight. None and None means no quiet hours. Equal times, or only one
    time, are a programming error and raise ValueError.
    """

    starts: time | None
    ends: time | None
    sundays_and_holidays: bool

    def __post_init__(self) -> None:
        """Refuse equal times, and one time without the other."""
        both = self.starts is not None and self.ends is not None
        if (both and self.starts == self.ends) or (self.starts is None) != (self.ends is None):
            raise ValueError("quiet hours that begin where they end")


def parse_quiet_hours(text: str) -> tuple[time, time] | None:
    """Read `21:00-08:00`, or `none` for no quiet hours; raises InvalidInput `setting_invalid`."""
    said = text.strip()
    if said == NONE:
        return None
    found = _HOURS.fullmatch(said)
    if found is None:
        raise _invalid()
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    try:
        starts, ends = time(begin_hour, begin_minute), time(end_hour, end_minute)
    except ValueError:
        raise _invalid() from None
    if starts == ends:
        raise _invalid()
    return starts, ends


def may_send_from(now: datetime, zone: str, quiet: QuietHours) -> datetime:
    """Return the first moment from `now` on when a normal notification may be sent, as UTC.

    That is `now` itself outside quiet hours. Raises InvalidInput `time_zone_unknown`, or
    `date_invalid` at the very ends of the calendar; ValueError for a naive `now`.
    """
    moment = require_aware(now)
    while is_quiet(moment, zone, quiet):
        moment = _next_change(moment, zone, quiet)
    return moment


def is_quiet(moment: datetime, zone: str, quiet: QuietHours) -> bool:
    """Say whether a normal notification must wait at `moment`; raises as `may_send_from`."""
    local = local_time(moment, zone)
    if _in_hours(local.time(), quiet):
        return True
    return quiet.sundays_and_holidays and _is_day_off(local.date())


def _in_hours(wall: time, quiet: QuietHours) -> bool:
    if quiet.starts is None or quiet.ends is None:
        return False
    if quiet.starts < quiet.ends:
        return quiet.starts <= wall < quiet.ends
    return wall >= quiet.starts or wall < quiet.ends


def _is_day_off(day: date) -> bool:
    return day.weekday() == _SUNDAY or day in _holidays(day.year)


@lru_cache(maxsize=16)
def _holidays(year: int) -> frozenset[date]:
    """Return Norway's public holidays; empty for a year that the library does not know."""
    from holidays import country_holidays

    return frozenset(country_holidays(_COUNTRY, years=year))


def _next_change(moment: datetime, zone: str, quiet: QuietHours) -> datetime:
    """Return a later moment; if `moment` is quiet, so is all the time until then."""
    today = local_time(moment, zone).date()
    walls = [(today, time.min), (days_after(today, 1), time.min)]
    walls += [(today, wall) for wall in (quiet.starts, quiet.ends) if wall is not None]
    return min(each for day, wall in walls for each in _moments(day, wall, zone) if each > moment)


def _moments(day: date, wall: time, zone: str) -> Iterator[datetime]:
    """Yield when the clocks show `wall`, and when they are changed past it, forward or back."""
    first, second = (moment_of(day, wall.replace(fold=fold), zone) for fold in (0, 1))
    yield first
    yield second
    if first != second:
        yield _clock_change(min(first, second), max(first, second), zone)


def _clock_change(before: datetime, after: datetime, zone: str) -> datetime:
    """Return the moment, to the whole second, when the clocks change between the two."""
    start = before.replace(microsecond=0)
    offset = local_time(start, zone).utcoffset()
    seconds = range((after - start) // _SECOND + 1)
    changed = bisect_left(
        seconds,
        True,
        key=lambda count: local_time(start + count * _SECOND, zone).utcoffset() != offset,
    )
    return start + changed * _SECOND


def _invalid() -> InvalidInput:
    return InvalidInput("setting_invalid", "quiet_hours")
