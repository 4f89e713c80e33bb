"""Calendar days in every zone and across every change of the clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.deadlines import (
    calendar_year,
    contact_due_at,
    default_expiry,
    due_before,
    end_of_day,
    local_day,
    parse_day,
    start_of_day,
    year_before,
)
from assigncli.errors import AssignError

ZONES = st.sampled_from(
    [
        "Europe/Oslo",
        "America/New_York",
        "America/Havana",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "UTC",
    ]
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
MICROSECOND = timedelta(microseconds=1)


@given(MOMENTS, st.integers(1, 365), ZONES)
def test_ten_day_no_contact_reminder_is_due_days_later_and_not_a_moment_sooner(
    dispatched: datetime, days: int, zone: str
) -> None:
    due = contact_due_at(dispatched, days, zone)
    wanted = local_day(dispatched, zone) + timedelta(days=days)
    assert due.tzinfo is UTC
    assert due > dispatched
    assert local_day(due - MICROSECOND, zone) < wanted <= local_day(due, zone)


@given(MOMENTS, st.integers(-200_000, 40_000_000), st.integers(1, 365), ZONES)
def test_ten_day_no_contact_reminder_is_due_exactly_for_what_was_before(
    now: datetime, seconds: int, days: int, zone: str
) -> None:
    """What a sweep asks for in one query is what is said of each assignment by itself."""
    threshold = due_before(now, days, zone)
    assert threshold.tzinfo is UTC
    for dispatched in (
        now - timedelta(seconds=seconds),
        threshold,
        threshold - MICROSECOND,
        threshold + timedelta(seconds=seconds % 90_000 - 45_000),
    ):
        assert (contact_due_at(dispatched, days, zone) <= now) == (dispatched < threshold)


@given(MOMENTS, ZONES)
def test_a_year_before_leaves_a_whole_year_and_a_day_at_most(now: datetime, zone: str) -> None:
    last = local_day(year_before(now, zone) - MICROSECOND, zone)
    today = local_day(now, zone)
    assert timedelta(days=365) <= today - last <= timedelta(days=367)
    assert (last.month, last.day) == (today.month, today.day) or (
        last.month,
        last.day,
        today.day,
    ) in ((2, 28, 29), (12, 29, 30), (12, 29, 31))  # Apia had no 30 December 2011
    assert year_before(now + timedelta(days=1), zone) >= year_before(now, zone)


@given(DAYS, ZONES)
def test_days_meet_without_gap_or_overlap(day: date, zone: str) -> None:
    start, end = start_of_day(day, zone), end_of_day(day, zone)
    assert end == start_of_day(day + timedelta(days=1), zone)
    assert timedelta(0) <= end - start <= timedelta(hours=25)


@given(MOMENTS, ZONES)
def test_a_moment_lies_in_its_own_day(moment: datetime, zone: str) -> None:
    day = local_day(moment, zone)
    assert start_of_day(day, zone) <= moment
    assert moment < end_of_day(day, zone) + timedelta(hours=1)


@given(MOMENTS, st.integers(1, 365))
def test_default_expiry_keeps_the_wall_clock(dispatched: datetime, days: int) -> None:
    oslo = ZoneInfo("Europe/Oslo")
    before = dispatched.astimezone(oslo)
    after = default_expiry(dispatched, days, "Europe/Oslo").astimezone(oslo)
    wanted = before.replace(tzinfo=None) + timedelta(days=days)
    assert after.replace(tzinfo=None) - wanted in (timedelta(0), timedelta(hours=1))


@given(DAYS)
def test_a_written_day_reads_back(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_day(f"{day:%d.%m.%Y}") == day
    first, last = calendar_year(day)
    assert first <= day <= last


def refusal(call: Callable[[], object]) -> str | None:
    """Return the code of our error, or None; any other error fails the test."""
    try:
        call()
    except AssignError as error:
        return error.code
    return None


@given(st.text() | st.from_regex(r"[0-9]{1,4}[.-][0-9]{1,2}[.-][0-9]{1,4}"))
def test_any_text_gives_a_day_or_our_error(text: str) -> None:
    assert refusal(lambda: parse_day(text)) in (None, "date_invalid")


@given(st.text())
def test_any_text_gives_a_zone_or_our_error(name: str) -> None:
    code = refusal(lambda: local_day(datetime(2026, 1, 1, tzinfo=UTC), name))
    assert code in (None, "time_zone_unknown")


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-10, 400), ZONES)
def test_the_whole_calendar_gives_a_moment_or_our_error(
    moment: datetime, days: int, zone: str
) -> None:
    codes = (
        None,
        "date_invalid",
        "contact_deadline_days_positive",
        "contact_deadline_too_long",
    )
    assert refusal(lambda: contact_due_at(moment, days, zone)) in codes
    assert refusal(lambda: default_expiry(moment, days, zone)) in codes[:2]


def test_havana_has_a_midnight_twice() -> None:
    start = start_of_day(date(2025, 11, 2), "America/Havana")
    assert start == datetime(2025, 11, 2, 4, tzinfo=UTC)
    assert end_of_day(date(2025, 11, 2), "America/Havana") - start == timedelta(hours=25)
