"""Which refused attempts make an entry, and how long their hashes are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from assigncli.domain.attempts import (
    HOUR,
    MAX_ENTRIES,
    REMEMBERED,
    AttemptKind,
    Hour,
    is_over,
    kept_until,
    makes_entry,
)

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KIND = AttemptKind("assignment.recalled", UUID(int=7), "recall_only_before_read")


def hour(*kinds: AttemptKind) -> Hour:
    return Hour(4, NOW, frozenset(kinds), 0)


def test_an_equal_attempt_within_the_hour_makes_no_entry() -> None:
    assert not makes_entry(hour(KIND), KIND)


@pytest.mark.parametrize(
    "other",
    [
        AttemptKind("assignment.cancelled", KIND.subject, KIND.code),
        AttemptKind(KIND.act, UUID(int=8), KIND.code),
        AttemptKind(KIND.act, KIND.subject, "assignment_not_found"),
    ],
)
def test_an_attempt_of_another_act_or_subject_or_code_makes_one(other: AttemptKind) -> None:
    assert makes_entry(hour(KIND), other)


def test_after_twenty_entries_no_attempt_makes_one() -> None:
    kinds = [AttemptKind(KIND.act, UUID(int=number), KIND.code) for number in range(MAX_ENTRIES)]
    assert makes_entry(hour(*kinds[:-1]), kinds[-1])
    assert not makes_entry(hour(*kinds), AttemptKind("another.act", UUID(int=99), "role_missing"))


def test_the_hours_last_microsecond_belongs_to_it() -> None:
    assert not is_over(NOW, NOW + HOUR)
    assert is_over(NOW, NOW + HOUR + MICROSECOND)


def test_an_hour_is_not_over_for_a_clock_that_was_put_back() -> None:
    assert not is_over(NOW, NOW - timedelta(minutes=5))


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=5), timedelta(days=400)])
def test_a_hash_is_known_for_as_long_as_the_clock_rule_could_admit_its_statement(
    ahead: timedelta,
) -> None:
    last_admitted = NOW + ahead + timedelta(minutes=5)
    clock_behind = timedelta(minutes=5)
    assert kept_until(NOW, NOW + ahead, recorded=False) == last_admitted + clock_behind


def test_a_hash_is_known_for_ten_minutes_however_old_its_statement_is() -> None:
    assert kept_until(NOW, NOW - timedelta(days=9), recorded=False) == NOW + REMEMBERED


def test_a_recorded_attempt_is_known_for_its_hour() -> None:
    assert kept_until(NOW, NOW, recorded=True) == NOW + HOUR
    far = NOW + timedelta(days=1)
    assert kept_until(NOW, far, recorded=True) == far + REMEMBERED
