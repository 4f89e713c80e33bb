"""Quiet hours against the plainest account of them: look at the clock, minute for minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from assigncli.domain.quiet import QuietHours, is_quiet, may_send_from, parse_quiet_hours
from assigncli.errors import InvalidInput

ZONES = st.sampled_from(["UTC", "Europe/Oslo", "Pacific/Auckland", "America/Havana", "Asia/Beirut"])
MINUTE = timedelta(minutes=1)

DAYS_THAT_MATTER = (
    date(2026, 3, 28),  # Oslo's clocks go forward in the night
    date(2026, 10, 24),  # and back
    date(2026, 4, 4),  # Auckland's back, Easter
    date(2026, 9, 26),  # and forward
    date(2026, 4, 1),
    date(2026, 4, 30),
    date(2026, 5, 16),
    date(2026, 12, 23),
    date(2026, 12, 31),
    date(2028, 2, 28),
)
"""Days before which, or after which, something is not as usual."""

NEAR = st.builds(
    lambda day, minutes: datetime.combine(day, time.min, UTC) + minutes * MINUTE,
    st.sampled_from(DAYS_THAT_MATTER),
    st.integers(-24 * 60, 72 * 60),
)
MOMENTS = NEAR | st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59)) | st.sampled_from(
    [time(0), time(2), time(2, 30), time(3), time(8), time(21)]
)
QUIET = st.one_of(
    st.builds(QuietHours, st.none(), st.none(), st.booleans()),
    st.tuples(TIMES, TIMES, st.booleans())
    .filter(lambda parts: parts[0] != parts[1])
    .map(lambda parts: QuietHours(*parts)),
)

HOLIDAYS = {
    # As the law of 1947 and the church year have them, written out by hand.
    *(date(2026, 4, day) for day in (2, 3, 5, 6)),
    *(date(2026, 5, day) for day in (1, 14, 17, 24, 25)),
    *(date(year, *day) for year in (2026, 2028) for day in ((1, 1), (12, 25), (12, 26))),
    date(2027, 1, 1),
}


def plainly_quiet(moment: datetime, zone: str, quiet: QuietHours) -> bool:
    """Say it again, from the words of the setting; holidays for the days that matter only."""
    local = moment.astimezone(ZoneInfo(zone))
    if quiet.sundays_and_holidays and (local.isoweekday() == 7 or local.date() in HOLIDAYS):
        return True
    if quiet.starts is None or quiet.ends is None:
        return False
    since = (local.hour * 60 + local.minute - quiet.starts.hour * 60 - quiet.starts.minute) % 1440
    lasts = (quiet.ends.hour * 60 + quiet.ends.minute) - (
        quiet.starts.hour * 60 + quiet.starts.minute
    )
    return since < lasts % 1440


@given(NEAR, ZONES, QUIET)
def test_it_is_quiet_when_the_clock_and_the_calendar_say_so(
    moment: datetime, zone: str, quiet: QuietHours
) -> None:
    assert is_quiet(moment, zone, quiet) == plainly_quiet(moment, zone, quiet)


@settings(deadline=None)
@given(MOMENTS, ZONES, QUIET)
@example(
    datetime(2026, 10, 25, 0, 45, tzinfo=UTC),
    "Europe/Oslo",
    QuietHours(time(2, 30), time(8), sundays_and_holidays=False),
)
@example(
    datetime(2026, 3, 28, 21, tzinfo=UTC),
    "Europe/Oslo",
    QuietHours(time(21), time(2, 30), sundays_and_holidays=False),
)
def test_it_goes_at_the_first_moment_that_is_not_quiet(
    now: datetime, zone: str, quiet: QuietHours
) -> None:
    goes = may_send_from(now, zone, quiet)
    assert goes.tzinfo is UTC
    assert goes >= now
    assert not is_quiet(goes, zone, quiet)
    assert may_send_from(goes, zone, quiet) == goes
    moment = now
    while moment < goes:
        assert is_quiet(moment, zone, quiet)
        moment += MINUTE
    if goes > now:
        assert is_quiet(goes - timedelta(microseconds=1), zone, quiet)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=5)), ZONES, QUIET)
def test_who_comes_later_does_not_go_sooner(
    now: datetime, span: timedelta, zone: str, quiet: QuietHours
) -> None:
    assert may_send_from(now, zone, quiet) <= may_send_from(now + span, zone, quiet)


@given(MOMENTS, ZONES)
def test_without_quiet_hours_nothing_waits(now: datetime, zone: str) -> None:
    assert may_send_from(now, zone, QuietHours(None, None, sundays_and_holidays=False)) == now


def read(text: str) -> tuple[time, time] | str | None:
    """Return what was read, or the code of our error; any other error fails the test."""
    try:
        return parse_quiet_hours(text)
    except InvalidInput as error:
        return error.code


@given(TIMES, TIMES)
def test_written_hours_read_back(starts: time, ends: time) -> None:
    wanted = "setting_invalid" if starts == ends else (starts, ends)
    assert read(f"{starts:%H:%M}-{ends:%H:%M}") == wanted


@given(st.text() | st.from_regex(r"[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}", fullmatch=True))
def test_any_text_gives_hours_or_our_error(text: str) -> None:
    hours = read(text)
    assert hours in (None, "setting_invalid") or hours[0] != hours[1]  # type: ignore[index]
