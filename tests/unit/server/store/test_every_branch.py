"""Every part of every trigger is needed: a case is refused with it and goes through without it.

The cases are the tests of the `test_guards_...` modules. Wherever one of them expects a refusal,
its last statement is tried again on the same rows with each part of the trigger taken away in turn.
"""

from __future__ import annotations

import inspect
import itertools
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import (
    test_guards_access,
    test_guards_declined,
    test_guards_kept,
    test_guards_ledger,
    test_guards_log,
    test_guards_moments,
    test_guards_people,
    test_guards_records,
    test_guards_steps,
    test_schema_follows_domain,
)
from .branches import guards
from .conftest import World

CASES = (
    test_guards_access,
    test_guards_declined,
    test_guards_kept,
    test_guards_ledger,
    test_guards_log,
    test_guards_moments,
    test_guards_people,
    test_guards_records,
    test_guards_steps,
    test_schema_follows_domain,
)
NO_ROW_TELLS = {
    "assignment_threshold_logs_step: status <> 'pending'": (
        "Only what was dispatched has a number, which is asked for too."
    ),
    "assignment_threshold_logs_step: kind = 'dispatched'": (
        "Until a withdrawal's own line is there, the line of its dispatch is its only one."
    ),
    "audit_log_sequence: level = 0": (
        "A node above stands on those below, so its place is taken there too. An index asks."
    ),
    "audit_log_no_replace: EXISTS (SELECT 1 FROM audit_log"
    " WHERE organization_id = NEW.organization_id AND sequence = NEW.sequence)": (
        "A sequence that is taken is not the next one; here it is refused in better words."
    ),
}
"""The parts that stay although no row can tell the difference, and why."""

_WRITES = re.compile(r"(INSERT|REPLACE|UPDATE|DELETE) (?:OR \w+ )?(?:INTO |FROM )?(\w+)")


NOTHING = 0
"""The number of no part."""


class Recorder(sqlite3.Connection):
    """A connection that remembers the statement it was last given."""

    last: tuple[str, Any] = ("", ())

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self.last = (sql, parameters)
        return super().execute(sql, parameters)


class Prover:
    """Switches parts off wherever a trigger refuses, and keeps those that no refusal has needed."""

    def __init__(self) -> None:
        self.guards = guards()
        self.left = {guard.name: dict(guard.parts) for guard in self.guards}
        self.gone = NOTHING

    def install(self, db: sqlite3.Connection) -> None:
        """Put a trigger with switches in the place of each trigger, in the same order."""
        db.create_function("gone", 1, lambda number: number == self.gone)
        for guard in self.guards:
            db.execute(f"DROP {'VIEW' if guard.event == 'VIEW' else 'TRIGGER'} {guard.name}")
            for statement in guard.statements:
                db.execute(statement)

    def take_apart(self, db: Recorder, rule: str) -> None:
        """Try the statement that was just refused for `rule` without each part of the trigger."""
        statement = db.last
        found = _WRITES.match(statement[0])
        assert found is not None, statement[0]
        assert not self._passes(db, statement, without=NOTHING)
        what = [(found[1].replace("REPLACE", "INSERT"), found[2]), ("VIEW", "")]
        for guard in self.guards:
            left = self.left[guard.name]
            if guard.raises == rule and (guard.event, guard.table) in what:
                for number in list(left):
                    if self._passes(db, statement, number):
                        del left[number]

    def _passes(self, db: Recorder, statement: tuple[str, Any], without: int) -> bool:
        db.execute("SAVEPOINT tried")
        self.gone = without
        try:
            db.execute(*statement)
        except sqlite3.IntegrityError:
            return False
        finally:
            self.gone = NOTHING
            db.execute("ROLLBACK TO tried")
            db.execute("RELEASE tried")
        return True

    def unneeded(self) -> list[str]:
        return [f"{name}: {what}" for name, left in self.left.items() for what in left.values()]


def cases() -> Iterator[Callable[[World], None]]:
    """Yield every test of the modules that takes a world, with each set of its parameters."""
    for module in CASES:
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_") and "world" in inspect.signature(test).parameters:
                for parameters in _parameters(test):
                    yield lambda world, test=test, given=parameters: test(world=world, **given)


def _parameters(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    marks: list[list[dict[str, Any]]] = []
    for mark in getattr(test, "pytestmark", []):
        names, values = mark.args
        if isinstance(names, str):
            marks.append([{names: value} for value in values])
        else:
            marks.append([dict(zip(names, value, strict=True)) for value in values])
    for chosen in itertools.product(*marks):
        yield {name: value for given in chosen for name, value in given.items()}


def test_every_part_of_every_trigger_is_needed(empty_store: Path) -> None:
    prover = Prover()
    with closing(sqlite3.connect(":memory:", factory=Recorder, isolation_level=None)) as db:
        with closing(sqlite3.connect(empty_store)) as template:
            template.backup(db)
        prover.install(db)
        own = World(db, Path()).organization()
        for case in cases():
            db.execute("SAVEPOINT case_begun")
            world = World(db, Path(), replace(own))
            world.on_refusal = lambda rule: prover.take_apart(db, rule)
            case(world)
            db.execute("ROLLBACK TO case_begun")
            db.execute("RELEASE case_begun")
    unneeded = prover.unneeded()
    count = sum(len(guard.parts) for guard in prover.guards)
    print(f"{count} parts of {len(prover.guards)} triggers, {count - len(unneeded)} needed")
    assert sorted(unneeded) == sorted(NO_ROW_TELLS)
