"""What the ledger is asked costs the same however long it is, counted in SQLite's instructions.

A report takes each mentor's last line, and a dispatch looks back at no more than it must. A query
that walked a mentor's lines would do six times the work here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlmodel import Session

from assigncli.server.store import figures, ledger
from assigncli.server.store.engine import Store
from assigncli.server.store.figures import Scope

from .conftest import World

FEW, MORE = 8, 40

ASKED: dict[str, Callable[[Session, Scope], object]] = {
    "tallies": lambda tx, scope: figures.tallies(tx, scope, 7),
    "visits": figures.visits,
    "reached": lambda tx, scope: figures.reached(tx, scope, (3, 5)),
    "counts": lambda tx, scope: ledger.counts(tx, [UUID(str(scope.member_id))], scope.cycle_id),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_read_of_a_mentor_costs_the_same(store: Store, world: World, name: str) -> None:
    def work() -> int:
        scope = Scope(UUID(world.own.id), UUID(world.own.cycle), UUID(world.own.mentor))
        with store.read() as tx:
            raw = tx.connection().connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)
            with counted(raw) as calls:
                assert ASKED[name](tx, scope)
            return len(calls)

    add_completed(world, FEW)
    little = work()
    add_completed(world, MORE)
    assert work() < 1.1 * little


def test_a_dispatch_costs_the_same(world: World) -> None:
    """With its guards and its line. Only what was withdrawn in the cycle is looked at again."""

    def work() -> int:
        key = world.draft()
        sent, line = world.dispatch_columns(key), world.line_columns(key, "dispatched")
        with counted(world.db) as calls:
            world.change("assignments", key, **sent)
            world.add("assignment_threshold_logs", **line)
        return len(calls)

    add_completed(world, FEW)
    little = work()
    add_completed(world, MORE)
    assert work() < 1.1 * little


def add_completed(world: World, count: int) -> None:
    for _ in range(count):
        world.line(world.sent("completed"), "completed", in_person=1)


@contextmanager
def counted(db: sqlite3.Connection) -> Iterator[list[None]]:
    """Give a list that grows by one for each instruction."""
    calls: list[None] = []
    db.set_progress_handler(lambda: calls.append(None), 1)
    yield calls
    db.set_progress_handler(None, 1)
