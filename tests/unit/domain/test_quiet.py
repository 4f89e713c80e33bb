"""Quiet hours: nights, Sundays, Norwegian holidays, and the nights when the clocks change."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assigncli.domain.quiet import (
    QuietHours,
    is_quiet,
    may_send_from,
    parse_quiet_hours,
)
from assigncli.domain.setting_values import typed, with_defaults
from assigncli.errors import InvalidInput
from assigncli.words.errors import said
from tests.quick import all_in_one

ROOT = Path(__file__).parent.parent.parent.parent
OSLO = "Europe/Oslo"
DEFAULT = typed(with_defaults({})).quiet
HOURS_ONLY = QuietHours(time(21), time(8), sundays_and_holidays=False)
DAYS_ONLY = QuietHours(None, None, sundays_and_holidays=True)
NEVER = QuietHours(None, None, sundays_and_holidays=False)


def local(*parts: int, zone: str = OSLO, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[misc,arg-type]


def sent(moment: datetime, quiet: QuietHours = DEFAULT, zone: str = OSLO) -> datetime:
    """Return when it may go, as the clocks in `zone` show it."""
    found = may_send_from(moment, zone, quiet)
    assert found.tzinfo is UTC
    return found.astimezone(ZoneInfo(zone))


@all_in_one(
    ("moment", "goes"),
    [
        (local(2026, 11, 20, 12), local(2026, 11, 20, 12)),
        (local(2026, 11, 20, 20, 59, 59), local(2026, 11, 20, 20, 59, 59)),
        (local(2026, 11, 19, 21), local(2026, 11, 20, 8)),
        (local(2026, 11, 20, 0, 30), local(2026, 11, 20, 8)),
        (local(2026, 11, 20, 7, 59, 59), local(2026, 11, 20, 8)),
        (local(2026, 11, 20, 8), local(2026, 11, 20, 8)),
        (local(2026, 11, 20, 22), local(2026, 11, 21, 8)),  # Saturday is a day like others
        (local(2026, 11, 21, 22), local(2026, 11, 23, 8)),  # over Sunday
        (local(2026, 11, 22, 12), local(2026, 11, 23, 8)),
        (local(2026, 4, 30, 22), local(2026, 5, 2, 8)),  # over the 1st of May
        (local(2027, 4, 30, 22), local(2027, 5, 3, 8)),  # which is a Saturday, and then Sunday
        (local(2026, 4, 1, 22), local(2026, 4, 4, 8)),  # Maundy Thursday and Good Friday
        (local(2026, 4, 4, 21), local(2026, 4, 7, 8)),  # Easter Sunday and Monday
        (local(2026, 5, 13, 22), local(2026, 5, 15, 8)),  # Ascension Day
        (local(2027, 5, 15, 22), local(2027, 5, 18, 8)),  # Pentecost, and the 17th of May
        (local(2028, 5, 16, 21), local(2028, 5, 18, 8)),  # the 17th of May
        (local(2026, 12, 24, 12), local(2026, 12, 24, 12)),  # no public holiday by law
        (local(2026, 12, 24, 22), local(2026, 12, 28, 8)),  # two holidays and a Sunday
        (local(2026, 12, 31, 12), local(2026, 12, 31, 12)),
        (local(2026, 12, 31, 22), local(2027, 1, 2, 8)),  # New Year
        (local(2028, 2, 28, 22), local(2028, 2, 29, 8)),  # the leap day
        (local(2028, 2, 29, 22), local(2028, 3, 1, 8)),
        (local(2026, 3, 28, 22), local(2026, 3, 30, 8)),  # over a Sunday of 23 hours
        (local(2026, 10, 24, 22), local(2026, 10, 26, 8)),  # and of 25
    ],
)
def test_a_normal_notification_waits(moment: datetime, goes: datetime) -> None:
    assert sent(moment) == goes


def test_what_may_go_goes_at_once() -> None:
    moment = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
    assert may_send_from(moment, OSLO, DEFAULT) == moment
    for night in (local(2026, 12, 25, 3), local(2026, 11, 22, 23)):
        assert sent(night, NEVER) == night


def test_hours_and_days_can_be_had_alone() -> None:
    sunday = local(2026, 11, 22, 12)
    assert sent(sunday, HOURS_ONLY) == sunday
    assert sent(sunday, DAYS_ONLY) == local(2026, 11, 23, 0)
    assert sent(local(2026, 11, 21, 23), DAYS_ONLY) == local(2026, 11, 21, 23)
    assert sent(local(2026, 11, 21, 23), HOURS_ONLY) == local(2026, 11, 22, 8)


def test_hours_within_one_day() -> None:
    siesta = QuietHours(time(12), time(14, 30), sundays_and_holidays=False)
    assert sent(local(2026, 11, 20, 11, 59), siesta) == local(2026, 11, 20, 11, 59)
    assert sent(local(2026, 11, 20, 12), siesta) == local(2026, 11, 20, 14, 30)
    assert sent(local(2026, 11, 20, 23), siesta) == local(2026, 11, 20, 23)


def test_hours_that_begin_or_end_at_midnight() -> None:
    until = QuietHours(time(22), time(0), sundays_and_holidays=True)
    assert sent(local(2026, 11, 20, 23), until) == local(2026, 11, 21, 0)
    assert sent(local(2026, 11, 21, 23), until) == local(2026, 11, 23, 0)
    since = QuietHours(time(0), time(7), sundays_and_holidays=True)
    assert sent(local(2026, 11, 21, 23), since) == local(2026, 11, 21, 23)
    assert sent(local(2026, 11, 22, 0), since) == local(2026, 11, 23, 7)


@all_in_one(
    ("hours", "moment", "goes"),
    [
        # In spring 02:00 to 03:00 is not there: an end in it is when the clocks jump.
        ((21, 0, 2, 30), local(2026, 3, 28, 22), local(2026, 3, 29, 3)),
        ((21, 0, 3, 0), local(2026, 3, 28, 22), local(2026, 3, 29, 3)),
        ((21, 0, 2, 0), local(2026, 3, 28, 22), local(2026, 3, 29, 3)),
        ((2, 0, 3, 0), local(2026, 3, 29, 1, 59), local(2026, 3, 29, 1, 59)),
        ((2, 30, 4, 0), local(2026, 3, 29, 3), local(2026, 3, 29, 4)),
        # In autumn it is there twice: the first time, and quiet again until the second.
        ((21, 0, 2, 30), local(2026, 10, 24, 22), local(2026, 10, 25, 2, 30)),
        ((21, 0, 2, 30), local(2026, 10, 25, 2, 45), local(2026, 10, 25, 2, 45)),
        ((21, 0, 2, 30), local(2026, 10, 25, 2, 15, fold=1), local(2026, 10, 25, 2, 30, fold=1)),
        ((2, 30, 8, 0), local(2026, 10, 25, 2, 45), local(2026, 10, 25, 2, 0, fold=1)),
        ((2, 30, 8, 0), local(2026, 10, 25, 2, 45, fold=1), local(2026, 10, 25, 8)),
        ((21, 0, 8, 0), local(2026, 10, 25, 2, 45), local(2026, 10, 25, 8)),
    ],
)
def test_the_nights_when_the_clocks_change(
    hours: tuple[int, int, int, int], moment: datetime, goes: datetime
) -> None:
    quiet = QuietHours(time(*hours[:2]), time(*hours[2:]), sundays_and_holidays=False)  # type: ignore[arg-type]
    assert sent(moment, quiet).astimezone(UTC) == goes.astimezone(UTC)


@pytest.mark.parametrize("zone", ["UTC", OSLO, "Pacific/Auckland"])
def test_days_are_those_of_the_zone(zone: str) -> None:
    assert sent(local(2026, 11, 21, 22, zone=zone), zone=zone) == local(2026, 11, 23, 8, zone=zone)
    # Auckland's clocks go forward on Sunday 27 September and back on Sunday 5 April.
    assert sent(local(2026, 9, 26, 21, zone=zone), zone=zone) == local(2026, 9, 28, 8, zone=zone)
    assert sent(local(2026, 4, 4, 21, zone=zone), zone=zone) == local(2026, 4, 7, 8, zone=zone)


def test_a_day_that_a_zone_left_out_is_waited_over() -> None:
    apia = "Pacific/Apia"  # went from Thursday 29 to Saturday 31 December 2011
    night = QuietHours(time(21), time(0), sundays_and_holidays=False)
    assert sent(local(2011, 12, 29, 22, zone=apia), night, apia) == local(2011, 12, 31, zone=apia)


def test_a_midnight_that_comes_twice() -> None:
    """In Saint John's the clocks went from 00:01 on Monday back to 23:01 on Sunday."""
    zone = "America/St_Johns"
    monday = datetime(2010, 11, 8, 2, 30, 30, tzinfo=UTC) - timedelta(days=1)
    assert local(2010, 11, 7, zone=zone).astimezone(UTC) == monday - timedelta(seconds=30)
    saturday_again = monday + timedelta(minutes=5)
    assert saturday_again.astimezone(ZoneInfo(zone)).date() == date(2010, 11, 6)
    # Sunday began for a minute, then it was Saturday again, and not quiet.
    assert is_quiet(monday, zone, DAYS_ONLY)
    assert may_send_from(monday, zone, DAYS_ONLY) == monday + timedelta(seconds=30)
    assert may_send_from(saturday_again, zone, DAYS_ONLY) == saturday_again


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("21:00-08:00", (time(21), time(8))),
        (" 21:00 - 08:00 ", (time(21), time(8))),
        ("9:05-17:30", (time(9, 5), time(17, 30))),
        ("00:00-23:59", (time(0), time(23, 59))),
        ("none", None),
        (" none ", None),
    ],
)
def test_quiet_hours_are_read(text: str, hours: tuple[time, time] | None) -> None:
    assert parse_quiet_hours(text) == hours


@all_in_one(
    "text",
    [
        "",
        "night",
        "21-8",
        "21:00",
        "21:00-21:00",
        "9:00-09:00",
        "24:00-08:00",
        "21:60-08:00",
        "21:00-08:00-09:00",
        "-21:00-08:00",
        "٢١:00-08:00",
        "21:00\n-08:00",
    ],
)
def test_other_words_are_refused_without_echo(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_quiet_hours(text)
    assert caught.value.code == "setting_invalid"
    assert caught.value.__cause__ is None
    assert not text or text not in said(caught.value)[0]


def test_hours_that_say_nothing_are_a_mistake() -> None:
    for starts, ends in ((time(8), time(8)), (time(8), None), (None, time(8))):
        with pytest.raises(ValueError, match="quiet"):
            QuietHours(starts, ends, sundays_and_holidays=True)


def test_errors_are_those_of_days() -> None:
    with pytest.raises(InvalidInput) as caught:
        may_send_from(datetime(2026, 11, 22, tzinfo=UTC), "Oslo", DEFAULT)
    assert caught.value.code == "time_zone_unknown"
    with pytest.raises(InvalidInput) as caught:
        may_send_from(datetime.max.replace(tzinfo=UTC), "UTC", DEFAULT)
    assert caught.value.code == "date_invalid"
    with pytest.raises(ValueError, match="time zone"):
        may_send_from(datetime(2026, 11, 22), OSLO, NEVER)  # noqa: DTZ001 - the thing under test


def test_a_year_without_a_list_of_holidays_has_its_sundays() -> None:
    christmas = local(2190, 12, 25, 12)  # a Saturday
    assert sent(christmas) == christmas
    assert sent(local(2190, 12, 26, 12)) == local(2190, 12, 27, 8)


def test_the_list_of_holidays_is_imported_only_when_a_day_is_looked_up() -> None:
    code = (
        "import sys; from datetime import *; from assigncli.domain import quiet\n"
        "now = datetime(2026, 11, 20, 2, tzinfo=UTC)\n"
        "hours = quiet.QuietHours(time(21), time(8), False)\n"
        "quiet.may_send_from(now, 'Europe/Oslo', hours)\n"
        "assert 'holidays' not in sys.modules\n"
        "hours = quiet.QuietHours(time(21), time(8), True)\n"
        "quiet.may_send_from(now, 'Europe/Oslo', hours)\n"
        "assert 'holidays' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
