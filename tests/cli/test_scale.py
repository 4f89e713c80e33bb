"""History costs nothing: the database does the same work for an act however much lies behind it.

Counted in SQLite's own instructions, so that no clock and no busy machine has a say. What the acts
cost in time, at any size, is told by `python -m tests.benchmarks.bench_scale`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.acting import acting
from tests.acts import sent
from tests.benchmarks import bench_report, bench_scale
from tests.benchmarks.bench_scale import Act
from tests.benchmarks.filling import fill
from tests.office import Office

pytestmark = (
    pytest.mark.slow
)  # 32,000 assignments; that a page of the inbox costs the same is quick

SMALL, LARGE = 8_000, 24_000
"""Already the smaller has more of each kind than a list counts (`follow.COUNTED`)."""
MENTORS = 50
EVERY = 10
"""Instructions between two calls of the counter."""


class Work:
    """Counts the instructions of every statement sent to a store."""

    def __init__(self) -> None:
        self.calls = 0

    def watch(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.set_progress_handler(self._count, EVERY)

    def _count(self) -> int:
        self.calls += 1
        return 0


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    event.listen(Engine, "connect", work.watch)
    yield work
    event.remove(Engine, "connect", work.watch)


@pytest.fixture(scope="module")
def offices(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Office]:
    """One office with a little history and one with three times as much."""
    folder: Path = tmp_path_factory.mktemp("scale")
    first = founded.copy_to(folder / "founded" / "office")
    sent(first, 1)
    filled = {size: first.copy_to(folder / str(size) / "office") for size in (SMALL, LARGE)}
    for size, office in filled.items():
        fill(office, size, mentors=MENTORS)
    return filled


def instructions(work: Work, office: Office, act: Act) -> int:
    (reference,) = act.references(office, 1)
    before = work.calls
    with acting(office, act.profile) as session:
        act.do(session, reference)
    return (work.calls - before) * EVERY


ACTS = bench_scale.acts() | bench_report.acts()
GROWS = {"explain"}
"""With the history of that one mentor, which is short: listed whole."""


@pytest.mark.parametrize("name", sorted(set(ACTS) - GROWS))
def test_an_act_costs_the_same_with_three_times_the_history(
    offices: dict[int, Office], work: Work, name: str
) -> None:
    little = instructions(work, offices[SMALL], ACTS[name])
    much = instructions(work, offices[LARGE], ACTS[name])
    assert little > 100
    assert much < 1.5 * little, (little, much)
