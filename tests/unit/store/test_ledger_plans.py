"""What the ledger is asked costs the same however long it is: plans of the reports, work of guards.

A report takes each mentor's last line, and a dispatch looks back no further than it must. The work
is counted in SQLite's own instructions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlmodel import Session

from assigncli.store import figures, ledger
from assigncli.store.engine import Store
from assigncli.store.figures import Scope

from .conftest import World
from .test_due_plans import planned

SCOPE = Scope(uuid4(), uuid4())
LAST = "id=?"
ALL_OF_ONE = "member_id=? AND reporting_cycle_id=?"
COMPLETION = f"{ALL_OF_ONE} AND completed_count=?"

ASKED: dict[str, tuple[Callable[[Session], object], set[str]]] = {
    "tallies": (lambda tx: figures.tallies(tx, SCOPE, 7), {LAST}),
    "visits": (lambda tx: figures.visits(tx, SCOPE), {LAST, COMPLETION}),
    "reached": (lambda tx: figures.reached(tx, SCOPE, (3, 15)), {COMPLETION}),
    "counts": (lambda tx: ledger.counts(tx, [uuid4(), uuid4()], uuid4()), {LAST}),
}


@pytest.mark.parametrize("name", ASKED)
def test_no_mentor_s_lines_are_walked(store: Store, name: str) -> None:
    """Each line is found by its id or as a completion; its id is the last in the index."""
    ask, searched = ASKED[name]
    steps = [step for step in planned(store, ask) if "assignment_threshold_logs" in step]
    found = [re.fullmatch(r"SEARCH (\w+) .*\((.*?)\).*", step) for step in steps]
    by = {}
    for each in found:
        assert each is not None, steps
        by.setdefault(each[2].replace("rowid", "id"), set()).add("COVERING" in each[0])
    assert set(by) - {ALL_OF_ONE, f"{ALL_OF_ONE} AND id<?"} == searched
    # The last line's id is the index's own last entry, for which no row of the table is read.
    assert by.get(ALL_OF_ONE, {True}) == {True}


def test_a_dispatch_costs_the_same_with_six_times_the_history(world: World) -> None:
    """Guards and all; what was withdrawn in the cycle is the one thing that is looked at again."""
    for _ in range(8):
        world.sent()
    little = instructions(world)
    for _ in range(40):
        world.sent()
    assert instructions(world) < 1.1 * little


def instructions(world: World) -> int:
    """Return how many instructions a dispatch takes, with its ledger line."""
    calls = 0

    def count() -> int:
        nonlocal calls
        calls += 1
        return 0

    key = world.draft()
    sent, line = world.dispatch_columns(key), world.line_columns(key, "dispatched")
    world.db.set_progress_handler(count, 1)
    world.change("assignments", key, **sent)
    world.add("assignment_threshold_logs", **line)
    world.db.set_progress_handler(None, 1)
    return calls
