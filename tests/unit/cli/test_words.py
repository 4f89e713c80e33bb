"""Values in words: days, times, yes and no, lists, sizes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from assigncli.cli.output.words import Calendar, count_in_words, in_words, sentences, size_in_words
from assigncli.locale import speaking
from tests.quick import all_in_one

OSLO = ZoneInfo("Europe/Oslo")
CALENDAR = Calendar.at(datetime(2026, 11, 24, 8, tzinfo=UTC), OSLO)


class Colour(StrEnum):
    RED = "red"


@all_in_one(
    ("value", "english", "norwegian"),
    [
        (None, "none", "ingen"),
        (True, "yes", "ja"),
        (False, "no", "nei"),
        (7, "7", "7"),
        ("text", "text", "text"),
        (date(2026, 5, 1), "1 May", "1. mai"),
        (date(2027, 5, 1), "1 May 2027", "1. mai 2027"),
        (
            datetime(2026, 6, 1, 22, 5, tzinfo=UTC),
            "2 June at 00:05",
            "2. juni klokken 00:05",
        ),
        (Colour.RED, "red", "red"),
        ((1, "two"), "1, two", "1, two"),
        ([], "none", "ingen"),
        (frozenset(["b", "a"]), "a, b", "a, b"),
    ],
)
def test_how_a_value_reads(value: object, english: str, norwegian: str) -> None:
    assert in_words(value, CALENDAR) == english
    with speaking("nb"):
        assert in_words(value, CALENDAR) == norwegian


def test_today_is_the_zones_day() -> None:
    assert Calendar.at(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), OSLO).today == date(2027, 1, 1)


def test_outside_a_profile_no_year_is_left_out() -> None:
    assert Calendar().day(date(2026, 5, 1)) == "1 May 2026"


def test_what_ends_at_midnight_ends_with_the_day_before() -> None:
    assert CALENDAR.last_day(datetime(2026, 11, 27, 23, tzinfo=UTC)) == date(2026, 11, 27)
    assert CALENDAR.last_day(datetime(2026, 11, 27, 23, 0, 1, tzinfo=UTC)) == date(2026, 11, 28)
    assert CALENDAR.last_day(datetime(2026, 10, 24, 22, tzinfo=UTC)) == date(2026, 10, 24)


def test_how_long_ago_a_day_is() -> None:
    assert CALENDAR.days_since(date(2026, 11, 22)) == 2
    assert CALENDAR.days_since(date(2026, 11, 25)) == -1
    assert Calendar().days_since(date(2026, 11, 25)) == 0


@pytest.mark.parametrize("say", [CALENDAR.time, CALENDAR.day_of, CALENDAR.last_day])
def test_a_moment_needs_its_zone(say: object) -> None:
    with pytest.raises(ValueError, match="time zone"):
        say(datetime(2026, 1, 1))  # type: ignore[operator]  # noqa: DTZ001


def test_any_aware_moment_is_said_in_the_organisations_zone() -> None:
    moment = datetime(2026, 1, 1, 6, tzinfo=timezone(timedelta(hours=-5)))
    assert CALENDAR.time(moment) == "1 January at 12:00"


@pytest.mark.parametrize(
    ("size", "english", "norwegian"),
    [
        (1, "1 byte", "1 byte"),
        (999, "999 bytes", "999 byte"),
        (405_504, "405 kilobytes", "405 kilobyte"),
        (1_474_560, "1.5 megabytes", "1,5 megabyte"),
        (3_000_000, "3 megabytes", "3 megabyte"),
    ],
)
def test_a_size_is_said_with_its_unit(size: int, english: str, norwegian: str) -> None:
    assert size_in_words(size) == english
    with speaking("nb"):
        assert size_in_words(size) == norwegian


def test_nothing_counted_is_not_a_bare_zero() -> None:
    assert (count_in_words(0), count_in_words(12)) == ("none", "12")


@pytest.mark.parametrize(
    ("moment", "english", "norwegian"),
    [
        (datetime(2026, 11, 23, 23, 15, tzinfo=UTC), "today at 00:15", "i dag klokken 00:15"),
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), "yesterday at 23:59", "i går klokken 23:59"),
        (
            datetime(2026, 11, 22, 22, 59, tzinfo=UTC),
            "22 November at 23:59",
            "22. november klokken 23:59",
        ),
    ],
)
def test_a_moment_of_today_or_yesterday_is_said_to_be_that(
    moment: datetime, english: str, norwegian: str
) -> None:
    assert CALENDAR.recent(moment) == english
    with speaking("nb"):
        assert CALENDAR.recent(moment) == norwegian


def test_sentences_are_told_apart() -> None:
    text = (
        "Run it at 31.12. or later, such as mailtos://..., or not. With --csv, all. Å ja. 1 more."
    )
    assert sentences(text) == [
        "Run it at 31.12. or later, such as mailtos://..., or not.",
        "With --csv, all.",
        "Å ja.",
        "1 more.",
    ]
