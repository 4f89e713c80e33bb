"""Local calendar days: due dates, expiry and cycles across daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from assigncli.domain.deadlines import (
    calendar_year,
    contact_due_at,
    days_after,
    default_expiry,
    due_before,
    end_of_day,
    local_day,
    local_time,
    moment_of,
    parse_day,
    require_aware,
    require_deadline_positive,
    require_expiry_in_future,
    start_of_day,
    year_before,
)
from assigncli.errors import AssignError, InvalidInput
from assigncli.words.errors import said
from tests.quick import all_in_one

OSLO = "Europe/Oslo"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(AssignError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_ten_day_no_contact_reminder_is_due_from_the_eleventh_local_midnight() -> None:
    assert contact_due_at(utc(2026, 6, 1, 9), 10, OSLO) == utc(2026, 6, 10, 22)


def test_ten_day_no_contact_reminder_counts_from_the_local_day() -> None:
    late_evening_utc = utc(2026, 5, 31, 22, 30)  # already the 1st of June in Oslo
    assert contact_due_at(late_evening_utc, 10, OSLO) == utc(2026, 6, 10, 22)


@pytest.mark.parametrize(
    ("dispatched", "due"),
    [
        (utc(2026, 3, 25, 9), utc(2026, 4, 3, 22)),  # clocks go forward on the 29th of March
        (utc(2026, 10, 20, 9), utc(2026, 10, 29, 23)),  # and back on the 25th of October
    ],
)
def test_ten_day_no_contact_reminder_across_daylight_saving(
    dispatched: datetime, due: datetime
) -> None:
    assert contact_due_at(dispatched, 10, OSLO) == due


@all_in_one(
    ("now", "days", "moment"),
    [
        (utc(2026, 6, 11, 9), 10, utc(2026, 6, 1, 22)),  # all of the 1st of June, in Oslo
        (utc(2026, 6, 10, 22), 10, utc(2026, 6, 1, 22)),
        (utc(2026, 6, 10, 21, 59), 10, utc(2026, 5, 31, 22)),
        (utc(2026, 6, 11, 9), 1, utc(2026, 6, 10, 22)),
        (utc(2026, 4, 4, 9), 10, utc(2026, 3, 25, 23)),  # clocks go forward on the 29th of March
        (utc(2026, 10, 30, 9), 10, utc(2026, 10, 20, 22)),  # and back on the 25th of October
        (utc(2027, 1, 5, 9), 10, utc(2026, 12, 26, 23)),
        (utc(2028, 3, 1, 9), 1, utc(2028, 2, 29, 23)),
        (utc(2028, 3, 1, 9), 2, utc(2028, 2, 28, 23)),
    ],
)
def test_due_before_is_the_first_moment_that_is_too_late(
    now: datetime, days: int, moment: datetime
) -> None:
    assert due_before(now, days, OSLO) == moment
    assert contact_due_at(moment - timedelta(microseconds=1), days, OSLO) <= now
    assert contact_due_at(moment, days, OSLO) > now


@pytest.mark.parametrize("days", [0, -1])
def test_due_before_needs_a_day(days: int) -> None:
    with pytest.raises(ValueError, match="day"):
        due_before(utc(2026, 6, 1), days, OSLO)


@all_in_one(
    ("now", "moment"),
    [
        (utc(2026, 11, 21, 11), utc(2025, 11, 21, 23)),
        (utc(2026, 11, 21, 23), utc(2025, 11, 22, 23)),  # already the 22nd in Oslo
        (utc(2026, 6, 1, 11), utc(2025, 6, 1, 22)),
        (utc(2028, 2, 29, 11), utc(2027, 2, 28, 23)),  # the day before the 1st of March
        (utc(2028, 2, 28, 11), utc(2027, 2, 28, 23)),
        (utc(2028, 3, 1, 11), utc(2027, 3, 1, 23)),
        (utc(2029, 2, 28, 11), utc(2028, 2, 28, 23)),
        (utc(2029, 3, 1, 11), utc(2028, 3, 1, 23)),
        (utc(2027, 1, 1, 11), utc(2026, 1, 1, 23)),
        (utc(2026, 12, 31, 23), utc(2026, 1, 1, 23)),
    ],
)
def test_a_year_before_is_after_the_same_day(now: datetime, moment: datetime) -> None:
    assert year_before(now, OSLO) == moment


def test_a_time_of_day_is_found_in_its_zone() -> None:
    noon = moment_of(date(2026, 6, 1), time(12), OSLO)
    assert noon == utc(2026, 6, 1, 10)
    assert local_time(noon, OSLO).time() == time(12)
    twice = date(2026, 10, 25)
    assert moment_of(twice, time(2, 30), OSLO) == utc(2026, 10, 25, 0, 30)
    assert moment_of(twice, time(2, 30, fold=1), OSLO) == utc(2026, 10, 25, 1, 30)
    assert days_after(date(2028, 2, 28), 1) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("dispatched", "expires"),
    [
        (utc(2026, 6, 1, 9, 30), utc(2026, 7, 1, 9, 30)),
        (utc(2026, 3, 10, 9), utc(2026, 4, 9, 8)),
        (utc(2026, 10, 10, 8), utc(2026, 11, 9, 9)),
        (utc(2026, 2, 27, 1, 30), utc(2026, 3, 29, 1, 30)),  # 02:30 is skipped: 03:30 it is
        (utc(2026, 9, 25, 0, 30), utc(2026, 10, 25, 0, 30)),  # 02:30 comes twice: the first
    ],
)
def test_default_expiry_is_the_same_wall_clock_time(
    dispatched: datetime, expires: datetime
) -> None:
    assert default_expiry(dispatched, 30, OSLO) == expires


def test_a_day_ends_where_the_next_begins() -> None:
    assert end_of_day(date(2026, 12, 31), OSLO) == utc(2026, 12, 31, 23)
    assert end_of_day(date(2026, 3, 29), OSLO) - start_of_day(date(2026, 3, 29), OSLO) == timedelta(
        hours=23
    )


def test_a_midnight_that_is_skipped_starts_the_day_when_the_clocks_jump() -> None:
    start = start_of_day(date(2018, 11, 4), "America/Sao_Paulo")
    assert start == utc(2018, 11, 4, 3)
    assert local_day(start, "America/Sao_Paulo") == date(2018, 11, 4)
    assert local_day(start - timedelta(seconds=1), "America/Sao_Paulo") == date(2018, 11, 3)


@pytest.mark.parametrize("zone", ["", "Oslo", "Europe", "../../etc/passwd", "a\x00b", "\ud800"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    assert code_of(local_day, utc(2026, 1, 1), zone) == "time_zone_unknown"


@pytest.mark.parametrize("text", ["2026-12-31", "31.12.2026", " 31.12.2026 "])
def test_a_day_is_read_in_two_spellings(text: str) -> None:
    assert parse_day(text) == date(2026, 12, 31)


def test_parse_day_takes_single_digits() -> None:
    assert parse_day("1.2.2026") == date(2026, 2, 1)


@all_in_one(
    "text",
    ["", "soon", "31.02.2026", "2026-02-31", "31.12.26", "12/31/2026", "0000-01-01", "٣.1.2026"],
)
def test_parse_day_refuses_without_echo(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_day(text)
    assert caught.value.code == "date_invalid"
    assert not text or text not in " ".join(said(caught.value))
    assert caught.value.__cause__ is None


def test_the_ends_of_the_calendar_are_our_error() -> None:
    assert code_of(end_of_day, date.max, OSLO) == "date_invalid"
    assert code_of(start_of_day, date.min, OSLO) == "date_invalid"
    last = datetime.max.replace(tzinfo=UTC)
    assert code_of(local_day, last, OSLO) == "date_invalid"
    assert code_of(default_expiry, utc(9999, 12, 20)) == "date_invalid"
    assert code_of(contact_due_at, utc(9999, 12, 20), 30, OSLO) == "date_invalid"
    assert code_of(due_before, utc(1, 1, 5), 30, OSLO) == "date_invalid"
    assert code_of(year_before, utc(1, 6, 1), OSLO) == "date_invalid"


def test_expires_at_in_future() -> None:
    now = utc(2026, 6, 1)
    require_expiry_in_future(now + timedelta(microseconds=1), now)
    for past in (now, now - timedelta(days=1)):
        assert code_of(require_expiry_in_future, past, now) == "expires_at_in_future"


def test_contact_deadline_days_positive() -> None:
    for days in (1, 10, 365):
        require_deadline_positive(days)
    for days in (0, -1):
        assert code_of(require_deadline_positive, days) == "contact_deadline_days_positive"
        assert code_of(contact_due_at, utc(2026, 1, 1), days, OSLO) == (
            "contact_deadline_days_positive"
        )
    assert code_of(require_deadline_positive, 366) == "contact_deadline_too_long"


def test_a_calendar_year_is_its_first_and_last_day() -> None:
    assert calendar_year(date(2026, 6, 1)) == (date(2026, 1, 1), date(2026, 12, 31))


def test_naive_moments_are_refused() -> None:
    naive = datetime(2026, 6, 1)  # noqa: DTZ001 - the very thing under test
    with pytest.raises(ValueError, match="time zone"):
        require_aware(naive)
    with pytest.raises(ValueError, match="time zone"):
        local_day(naive, OSLO)
    assert require_aware(datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=2)))) == utc(
        2026, 5, 31, 22
    )
