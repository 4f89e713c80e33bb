"""The whole table of steps, written out by hand from SPEC section 3."""

from __future__ import annotations

from itertools import product

from assigncli.domain.lifecycle import (
    AWAITING_CONTACT,
    ENDED_EARLY,
    IN_INBOX,
    NEW,
    OPEN,
    PATH,
    TERMINAL,
    TRANSITIONS,
    UNACKNOWLEDGED,
    UNREAD,
    WITHDRAWN,
    Status,
    may_move,
    status_word,
)
from tests.quick import all_in_one

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


def test_table_names_every_status() -> None:
    assert set(ALLOWED) == {status.value for status in Status} == set(TRANSITIONS)


@all_in_one(("current", "target"), STEPS)
def test_valid_status_transition_allows(current: Status, target: Status) -> None:
    assert may_move(current, target)


@all_in_one(("current", "target"), [pair for pair in PAIRS if pair not in STEPS])
def test_no_other_step_is_there(current: Status, target: Status) -> None:
    assert not may_move(current, target)


def test_the_path_is_one_step_at_a_time_and_never_back() -> None:
    for (i, current), (j, target) in product(enumerate(PATH), enumerate(PATH)):
        assert may_move(current, target) is (j == i + 1)


def test_nothing_leaves_a_terminal_status() -> None:
    assert {status for status in Status if not TRANSITIONS[status]} == TERMINAL
    assert set(OPEN) | TERMINAL == set(Status)


def test_the_sets_of_open_statuses_are_pieces_of_the_path() -> None:
    pieces = {NEW: (1, 3), UNREAD: (0, 3), UNACKNOWLEDGED: (1, 4), AWAITING_CONTACT: (1, 5)}
    for found, (first, last) in (pieces | {IN_INBOX: (1, 6), OPEN: (0, 6)}).items():
        assert found == PATH[first:last]


def test_what_ends_early_has_no_completion() -> None:
    assert {Status.COMPLETED} == TERMINAL - ENDED_EARLY
    assert {Status.EXPIRED} == ENDED_EARLY - WITHDRAWN


def test_recall_is_open_exactly_while_unread() -> None:
    assert {s for s in Status if may_move(s, Status.RECALLED)} == set(UNREAD)


def test_each_status_has_its_own_word() -> None:
    assert len({status_word(status) for status in Status}) == len(Status)
