"""Ledger lines to sequence number and tier."""

from __future__ import annotations

import pytest

from assigncli.domain.tiers import (
    CHANGES,
    Counts,
    LedgerKind,
    Thresholds,
    Tier,
    next_sequence,
    next_tier,
    remaining,
    tier_for,
    tier_reached_at,
)
from assigncli.errors import InvalidInput, RuleRefused

D, R, X, E, C = (
    LedgerKind.DISPATCHED,
    LedgerKind.RECALLED,
    LedgerKind.CANCELLED,
    LedgerKind.EXPIRED,
    LedgerKind.COMPLETED,
)


def test_every_kind_has_its_changes() -> None:
    assert {kind: tuple(change) for kind, change in CHANGES.items()} == {
        D: (1, 0),
        R: (-1, 0),
        X: (-1, 0),
        E: (-1, 0),
        C: (0, 1),
    }
    assert set(CHANGES) == set(LedgerKind)


@pytest.mark.parametrize(
    ("lines", "running", "completed"),
    [
        ([], 0, 0),
        ([D, D, D], 3, 0),
        ([D, R, D, X, D, E], 0, 0),
        ([D, D, C], 2, 1),
        ([D, C, D, C, D, R], 2, 2),
    ],
)
def test_threshold_honorarium_counting(
    lines: list[LedgerKind], running: int, completed: int
) -> None:
    counts = Counts()
    for kind in lines:
        counts = counts.after(kind)
    assert counts == (running, completed, 0, 0, 0)
    assert next_sequence(counts.dispatched_count) == running + 1


def test_a_completion_counts_by_what_was_said_of_it() -> None:
    counts = Counts(7, 1, 0, 1, 0)
    for in_person, from_earlier, after in (
        (None, False, (7, 2, 0, 1, 0)),
        (True, True, (7, 3, 1, 2, 0)),
        (False, True, (7, 4, 2, 2, 1)),
    ):
        counts = counts.after(C, in_person=in_person, from_earlier=from_earlier)
        assert counts == after


@pytest.mark.parametrize(
    ("count", "tier"),
    [
        (0, Tier.NONE),
        (2, Tier.NONE),
        (3, Tier.STANDARD),
        (14, Tier.STANDARD),
        (15, Tier.ELEVATED),
        (400, Tier.ELEVATED),
    ],
)
def test_threshold_honorarium_trigger(count: int, tier: Tier) -> None:
    assert tier_for(count) is tier


def test_threshold_honorarium_trigger_fires_once_for_each_tier() -> None:
    reached = {count: tier_reached_at(count) for count in range(1, 40)}
    assert {count: tier for count, tier in reached.items() if tier} == {
        3: Tier.STANDARD,
        15: Tier.ELEVATED,
    }


@pytest.mark.parametrize(
    ("count", "left", "tier"),
    [
        (0, 3, Tier.STANDARD),
        (2, 1, Tier.STANDARD),
        (3, 12, Tier.ELEVATED),
        (14, 1, Tier.ELEVATED),
        (15, None, None),
        (400, None, None),
    ],
)
def test_what_is_left_to_the_next_tier(count: int, left: int | None, tier: Tier | None) -> None:
    assert (remaining(count), next_tier(count)) == (left, tier)


def test_what_is_left_follows_the_thresholds() -> None:
    thresholds = Thresholds(standard=1, elevated=2)
    assert [remaining(count, thresholds) for count in range(3)] == [1, 1, None]
    assert [next_tier(count, thresholds) for count in range(3)] == [
        Tier.STANDARD,
        Tier.ELEVATED,
        None,
    ]


def test_thresholds_are_settings() -> None:
    thresholds = Thresholds(standard=1, elevated=2)
    assert [tier_for(count, thresholds) for count in range(3)] == list(Tier)


@pytest.mark.parametrize(("standard", "elevated"), [(0, 15), (-1, 2), (3, 3), (15, 3)])
def test_thresholds_out_of_order_are_refused(standard: int, elevated: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        Thresholds(standard, elevated)
    assert caught.value.code == "thresholds_invalid"


def test_threshold_sequence_positive() -> None:
    assert next_sequence(0) == 1
    with pytest.raises(RuleRefused) as caught:
        next_sequence(-1)
    assert caught.value.code == "threshold_sequence_positive"
