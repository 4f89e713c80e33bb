"""Compute due dates and cycles in local calendar days.

`zone` is the organisation's IANA name. Moments are aware datetimes, and results are in UTC. This
module reads no clock: `now` is an argument.
"""

from __future__ import annotations

import re
from datetime import MINYEAR, UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from assigncli.domain.lifecycle import OPEN, Status
from assigncli.domain.rules import Rule
from assigncli.errors import InvalidInput, RuleRefused

DEFAULT_ZONE: Final = "Europe/Oslo"
DEFAULT_CONTACT_DAYS: Final = 10
DEFAULT_EXPIRY_DAYS: Final = 30
MAX_CONTACT_DAYS: Final = 365
_LEAP_DAY: Final = (2, 29)

_ISO: Final = re.compile("(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})")
_NORWEGIAN: Final = re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})")


def local_day(at: datetime, zone: str) -> date:
    """Return the calendar day in `zone` at the moment `at`.

    Raises InvalidInput `time_zone_unknown`; ValueError for a naive `at`.
    """
    return local_time(at, zone).date()


def start_of_day(day: date, zone: str) -> datetime:
    """Return the first moment of `day` in `zone`, as UTC.

    If daylight saving skips midnight, that is the moment when the clocks jump. Raises InvalidInput
    `time_zone_unknown`, or `date_invalid` at the very ends of the calendar.
    """
    return moment_of(day, time.min, zone)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the first moment after `day` in `zone`, as UTC: `--expires` includes the whole day.

    Raises as `start_of_day`.
    """
    return start_of_day(days_after(day, 1), zone)


def last_day(end: datetime, zone: str) -> date:
    """Return the last local day that begins before `end`; raises as `start_of_day`.

    A deadline at midnight is shown as the day before, its last day.
    """
    return local_day(end - timedelta(microseconds=1), zone)


def contact_due_at(dispatched_at: datetime, days: int, zone: str) -> datetime:
    """Return the moment from which contact is overdue, as UTC (rule `ten_day_no_contact_reminder`).

    Dispatched on the 1st with 10 days is due from the 11th, 00:00 local. Raises as `start_of_day`
    and `require_deadline_positive`.
    """
    require_deadline_positive(days)
    return start_of_day(days_after(local_day(dispatched_at, zone), days), zone)


def due_before(now: datetime, days: int, zone: str) -> datetime:
    """Return the moment before which everything is `days` or more local days ago, as UTC.

    An assignment dispatched at x is due by `contact_due_at` exactly when x is before the result.
    Raises as `start_of_day`; ValueError for less than one day.
    """
    if days < 1:
        raise ValueError("fewer days than one")
    return start_of_day(days_after(local_day(now, zone), 1 - days), zone)


def year_before(now: datetime, zone: str) -> datetime:
    """Return the first moment after the local day one calendar year before today, as UTC.

    Anything that ended before it is a year old. On 29 February that day is 28 February. Raises as
    `start_of_day`.
    """
    today = local_day(now, zone)
    if today.year == MINYEAR:
        raise _date_invalid()
    leap_day = (today.month, today.day) == _LEAP_DAY
    return end_of_day(today.replace(year=today.year - 1, day=28 if leap_day else today.day), zone)


def is_midnight(moment: datetime, zone: str = DEFAULT_ZONE) -> bool:
    """Say whether a moment (aware UTC) begins a local day; raises as `start_of_day`."""
    return moment == start_of_day(local_day(moment, zone), zone)


def default_expiry(
    dispatched_at: datetime, days: int = DEFAULT_EXPIRY_DAYS, zone: str = DEFAULT_ZONE
) -> datetime:
    """Return the same wall-clock time `days` calendar days later in `zone`, as UTC.

    If daylight saving skips that time, the result is later by the skipped hour; if it comes twice,
    the result is the first. Raises as `start_of_day`.
    """
    try:
        return (local_time(dispatched_at, zone) + timedelta(days=days)).astimezone(UTC)
    except OverflowError:
        raise _date_invalid() from None


def parse_day(text: str) -> date:
    """Read `2026-12-31` or `31.12.2026`; raise InvalidInput `date_invalid`, without the text."""
    found = _ISO.fullmatch(text.strip()) or _NORWEGIAN.fullmatch(text.strip())
    if found is None:
        raise _date_invalid()
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        raise _date_invalid() from None


def calendar_year(day: date) -> tuple[date, date]:
    """Return the first and last day of the calendar-year cycle that covers `day`."""
    return date(day.year, 1, 1), date(day.year, 12, 31)


def require_aware(moment: datetime) -> datetime:
    """Return `moment` in UTC; raise ValueError for a naive one, which is a programming error."""
    if moment.utcoffset() is None:
        raise ValueError("a datetime without a time zone")
    return moment.astimezone(UTC)


def has_run_out(status: Status, expires_at: datetime | None, now: datetime) -> bool:
    """Say whether an assignment is open and past its expiry (rule `auto_expiry`)."""
    return expires_at is not None and now >= expires_at and status in OPEN


def require_expiry_in_future(expires_at: datetime, now: datetime) -> None:
    """Raise RuleRefused `expires_at_in_future` unless `expires_at` is after `now`."""
    if require_aware(expires_at) <= require_aware(now):
        raise RuleRefused(Rule.EXPIRES_AT_IN_FUTURE)


def require_deadline_positive(days: int) -> None:
    """Refuse a contact deadline below one day or above a year.

    Raises RuleRefused `contact_deadline_days_positive`, InvalidInput `contact_deadline_too_long`.
    """
    if days < 1:
        raise RuleRefused(Rule.CONTACT_DEADLINE_DAYS_POSITIVE, limit=MAX_CONTACT_DAYS)
    if days > MAX_CONTACT_DAYS:
        raise InvalidInput("contact_deadline_too_long", limit=MAX_CONTACT_DAYS)


def local_time(at: datetime, zone: str) -> datetime:
    """Return the moment `at` as wall-clock time in `zone`.

    Raises InvalidInput `time_zone_unknown`, or `date_invalid` at the very ends of the calendar;
    ValueError for a naive `at`.
    """
    try:
        return require_aware(at).astimezone(_zone(zone))
    except OverflowError:
        raise _date_invalid() from None


def moment_of(day: date, wall: time, zone: str) -> datetime:
    """Return the moment when the clocks in `zone` show `wall` on `day`, as UTC.

    For a time that comes twice, `wall.fold` selects one. A skipped time moves forward by the gap,
    or back with a fold of 1. Raises as `start_of_day`.
    """
    try:
        return datetime.combine(day, wall, _zone(zone)).astimezone(UTC)
    except OverflowError:
        raise _date_invalid() from None


def days_after(day: date, days: int) -> date:
    """Return the day `days` days later; raise InvalidInput `date_invalid` beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise _date_invalid() from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder such as "Europe"
        raise InvalidInput("time_zone_unknown") from None


def _date_invalid() -> InvalidInput:
    return InvalidInput("date_invalid")
