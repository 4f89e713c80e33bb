"""Dates, times, yes and no in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from assigncli.cli.words import day_in_words, in_words, time_in_words
from assigncli.domain.lifecycle import Priority
from assigncli.locale import use

OSLO = ZoneInfo("Europe/Oslo")
SUMMER = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


@pytest.fixture
def norwegian() -> Iterator[None]:
    use("nb")
    yield
    use("en")


def test_a_time_is_said_in_the_organisations_zone() -> None:
    assert time_in_words(SUMMER, OSLO) == "2 July 2026 at 00:30"


def test_in_norwegian(norwegian: None) -> None:
    assert time_in_words(SUMMER, OSLO) == "2. juli 2026 klokken 00:30"
    assert [day_in_words(date(2026, month, 1)) for month in (1, 5, 10, 12)] == [
        "1. januar 2026",
        "1. mai 2026",
        "1. oktober 2026",
        "1. desember 2026",
    ]
    assert in_words([], OSLO) == "ingen"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "none"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (SUMMER, "2 July 2026 at 00:30"),
        (date(2026, 2, 3), "3 February 2026"),
        (Priority.URGENT, "urgent"),
        (("a", Priority.NORMAL), "a, normal"),
        (frozenset({"b", "a"}), "a, b"),
        ([], "none"),
        ("as it is", "as it is"),
    ],
)
def test_values(value: object, words: str) -> None:
    assert in_words(value, OSLO) == words


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        in_words(datetime(2026, 1, 1), OSLO)  # noqa: DTZ001
