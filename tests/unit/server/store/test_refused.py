"""Refused statements inside the database: what raw SQL may do to a row, and how rows are found."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlmodel import Session

from assigncli.server.store import refused_statements
from assigncli.server.store.engine import Store
from tests.quick import all_in_one

from .conftest import World, moment, new_id
from .test_due_plans import planned

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
OWN, DEVICE = uuid4(), uuid4()
SIGNED: dict[str, object] = {"body": b"{}", "signature": bytes(64)}
ROW = "UPDATE refused_statements SET "


def row(world: World, **changes: object) -> bytes:
    """Keep a refused statement with its body; return its hash."""
    columns: dict[str, object] = {
        "hash": uuid4().bytes * 2,
        "organization_id": world.own.id,
        "certificate_id": world.own.coordinator_certificate,
        "act": "assignment.recalled",
        "subject_id": new_id(),
        "code": "number_differs",
        "facts": "{}",
        "at": moment(),
        "kept_until": moment(1),
        "sequence": 4,
        "counted": None,
    }
    columns |= SIGNED | changes
    world.add("refused_statements", **columns)
    return bytes(columns["hash"])  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(
    "change",
    [
        "hash = zeroblob(32)",
        "organization_id = 'x'",
        "certificate_id = NULL",
        "act = 'assignment.cancelled'",
        "subject_id = 'x'",
        "code = 'role_missing'",
        "facts = '{\"x\":1}'",
        "at = kept_until",
        "kept_until = at",
        "sequence = 5",
        "sequence = NULL",
        "rowid = rowid + 1",
        "body = x'7b20'",
        "signature = randomblob(64)",
        "counted = 0",
    ],
)
def test_nothing_of_a_refusal_is_changed(world: World, change: str) -> None:
    row(world)
    for verb in ("UPDATE", "UPDATE OR REPLACE"):
        with world.refused("append_only"):
            world.db.execute(f"{verb} refused_statements SET {change}")


def test_body_and_signature_are_emptied_together_and_not_filled_again(world: World) -> None:
    row(world)
    with world.refused("refused_statements_shape"):
        world.db.execute(f"{ROW} body = NULL")
    world.db.execute(f"{ROW} body = NULL, signature = NULL")
    with world.refused("append_only"):
        world.db.execute(f"{ROW} body = x'7b7d', signature = zeroblob(64)")


def test_a_count_goes_up_by_one_until_it_is_told(world: World) -> None:
    row(world, counted=0)
    world.db.execute(f"{ROW} counted = 1")
    world.db.execute(f"{ROW} counted = 2, body = NULL, signature = NULL")
    for count in (0, 1, 4):
        with world.refused("append_only"):
            world.db.execute(f"{ROW} counted = {count}")
    world.db.execute(f"{ROW} counted = NULL")
    with world.refused("append_only"):
        world.db.execute(f"{ROW} counted = 0")


def test_a_row_goes_once_it_counts_no_attempts(world: World) -> None:
    row(world, counted=3)
    with world.refused("append_only"):
        world.db.execute("DELETE FROM refused_statements")
    world.db.execute(f"{ROW} counted = NULL")
    world.db.execute("DELETE FROM refused_statements")


def test_a_hash_is_kept_once(world: World) -> None:
    first = row(world)
    for verb in ("INSERT INTO", "INSERT OR REPLACE INTO"):
        with world.refused("append_only"):
            world.db.execute(f"{verb} refused_statements SELECT * FROM refused_statements")
    with world.refused("append_only"):
        row(world, rowid=-1)
    assert world.db.execute("SELECT hash FROM refused_statements").fetchall() == [(first,)]


def test_a_statement_that_was_carried_out_is_not_refused(world: World) -> None:
    with world.refused("already_exists"):
        row(world, hash=world.statement())


@pytest.mark.parametrize(
    "changes",
    [
        {"hash": bytes(31)},
        {"signature": bytes(63)},
        {"signature": None},
        {"body": None},
        {"body": bytes(16385)},
        {"sequence": None},
        {"counted": -1},
        {"sequence": None, "body": None, "signature": None, "counted": 0},
        {"facts": "x" * 65537},
    ],
)
def test_a_row_of_another_shape_is_refused(world: World, changes: dict[str, object]) -> None:
    with world.refused("refused_statements_shape"):
        row(world, **changes)


def test_a_device_is_a_certificate_of_the_store(world: World) -> None:
    world.db.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        row(world, certificate_id=new_id())


HASH = "sqlite_autoindex_refused_statements_1 (hash=?)"
KEPT = "ix_refused_statements_device (organization_id=? AND certificate_id=? AND kept_until>?)"
RECORDED = "ix_refused_statements_recorded (organization_id=? AND certificate_id=? AND sequence{}?)"
BODIES = "ix_refused_statements_bodies (organization_id=? AND {})"
BEGUN = "ix_refused_statements_hours (organization_id=?{})"
SPENT = "ix_refused_statements_spent (organization_id=? AND kept_until<?)"


@all_in_one(
    ("ask", "indexes"),
    [
        (lambda tx: refused_statements.by_hash(tx, OWN, bytes(32)), [HASH]),
        (
            lambda tx: refused_statements.count_kept(
                tx, OWN, DEVICE, NOW, withdrawn=False, limit=9
            ),
            [KEPT],
        ),
        (
            lambda tx: refused_statements.count_kept(tx, OWN, None, NOW, withdrawn=True, limit=9),
            [KEPT],
        ),
        (
            lambda tx: refused_statements.begun(tx, OWN, DEVICE),
            [BEGUN.format(" AND certificate_id=?")],
        ),
        (lambda tx: refused_statements.begun_before(tx, OWN, NOW), [BEGUN.format("")]),
        (
            lambda tx: refused_statements.recorded_since(tx, OWN, DEVICE, 7),
            [RECORDED.format(">")],
        ),
        (lambda tx: refused_statements.count(tx, OWN, DEVICE, 7), [RECORDED.format("=")]),
        (lambda tx: refused_statements.end(tx, OWN, None, 7), [RECORDED.format("=")]),
        (
            lambda tx: refused_statements.empty_bodies(tx, OWN, DEVICE, newest=3, of_all=9),
            [
                RECORDED.format(">? AND sequence<"),
                RECORDED.format(">"),
                BODIES.format("sequence>? AND sequence<?"),
                BODIES.format("sequence>?"),
            ],
        ),
        (lambda tx: refused_statements.forget(tx, OWN, NOW), [SPENT]),
    ],
)
def test_rows_are_found_by_an_index_of_their_own(
    store: Store, ask: Callable[[Session], object], indexes: list[str]
) -> None:
    steps = [step for step in planned(store, ask) if "refused_statements" in step]
    found = [step.split("INDEX ")[1] for step in steps if step.startswith("SEARCH")]
    assert found == indexes
    assert len(found) == len(steps)
