"""The whole table of steps, written out by hand from SPEC section 3."""

from __future__ import annotations

from itertools import product

import pytest

from assigncli.domain.lifecycle import (
    OPEN,
    PATH,
    TERMINAL,
    TRANSITIONS,
    UNREAD,
    Status,
    may_move,
    require_move,
    status_word,
)
from assigncli.errors import RuleRefused

ALLOWED = {
    "pending": "dispatched recalled cancelled expired",
    "dispatched": "delivered recalled cancelled expired",
    "delivered": "read recalled cancelled expired",
    "read": "acknowledged cancelled expired",
    "acknowledged": "contact_made cancelled expired",
    "contact_made": "completed cancelled expired",
    "completed": "",
    "recalled": "",
    "cancelled": "",
    "expired": "",
}
PAIRS = list(product(Status, Status))
STEPS = [(a, b) for a, b in PAIRS if b.value in ALLOWED[a.value].split()]
RECALLED_TOO_LATE = [
    (a, Status.RECALLED) for a in (Status.READ, Status.ACKNOWLEDGED, Status.CONTACT_MADE)
]


def test_table_names_every_status() -> None:
    assert set(ALLOWED) == {status.value for status in Status} == set(TRANSITIONS)


@pytest.mark.parametrize(("current", "target"), STEPS)
def test_valid_status_transition_allows(current: Status, target: Status) -> None:
    assert may_move(current, target)
    require_move(current, target)


@pytest.mark.parametrize(
    ("current", "target"), [p for p in PAIRS if p not in STEPS and p not in RECALLED_TOO_LATE]
)
def test_valid_status_transition_refuses(current: Status, target: Status) -> None:
    assert not may_move(current, target)
    with pytest.raises(RuleRefused) as caught:
        require_move(current, target)
    assert caught.value.code == "valid_status_transition"
    assert caught.value.exit_code == 6
    assert status_word(current) in caught.value.message


@pytest.mark.parametrize(("current", "target"), RECALLED_TOO_LATE)
def test_recall_only_before_read(current: Status, target: Status) -> None:
    assert not may_move(current, target)
    with pytest.raises(RuleRefused) as caught:
        require_move(current, target)
    assert caught.value.code == "recall_only_before_read"
    assert "assign cancel" in caught.value.hint


def test_the_path_is_one_step_at_a_time_and_never_back() -> None:
    for (i, current), (j, target) in product(enumerate(PATH), enumerate(PATH)):
        assert may_move(current, target) is (j == i + 1)


def test_nothing_leaves_a_terminal_status() -> None:
    assert {status for status in Status if not TRANSITIONS[status]} == TERMINAL
    assert set(OPEN) | TERMINAL == set(Status)


def test_recall_is_open_exactly_while_unread() -> None:
    assert {s for s in Status if may_move(s, Status.RECALLED)} == set(UNREAD)


def test_each_status_has_its_own_word() -> None:
    assert len({status_word(status) for status in Status}) == len(Status)
