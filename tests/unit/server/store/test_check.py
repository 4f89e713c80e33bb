"""What `check_store` finds in a store that somebody meddled with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from assigncli.server.store.check import StoreProblem, check_store
from assigncli.server.store.engine import Store
from assigncli.words.problems import in_store

from .conftest import World, moment, new_id


def problems(path: Path) -> tuple[StoreProblem, ...]:
    with Store.inspect(path) as store:
        return check_store(store)


def test_a_sound_store_has_no_problems(world: World) -> None:
    world.sent("completed")
    assert problems(world.path) == ()


MEDDLING: list[tuple[str, str, str]] = [
    ("DROP TRIGGER title_no_pii_insert", "guard_missing", "title_no_pii_insert"),
    (
        "DROP TRIGGER auto_expiry;"
        "CREATE TRIGGER auto_expiry BEFORE UPDATE ON assignments WHEN 0 BEGIN SELECT 1; END",
        "guard_altered",
        "auto_expiry",
    ),
    (
        "CREATE TRIGGER spy AFTER INSERT ON members BEGIN SELECT 1; END",
        "trigger_unknown",
        "spy",
    ),
    ("CREATE VIEW peek AS SELECT 1", "view_unknown", "peek"),
    ("DROP VIEW personal_shapes", "guard_missing", "personal_shapes"),
    (
        "DROP VIEW steps; CREATE VIEW steps (from_status, to_status) AS VALUES (1, 2)",
        "guard_altered",
        "steps",
    ),
    ("CREATE TABLE extra (x)", "table_unknown", "extra"),
    ("DROP INDEX ix_assignments_sweep", "index_missing", "ix_assignments_sweep"),
    ("ALTER TABLE notifications ADD COLUMN note", "table_altered", "notifications"),
    ("UPDATE alembic_version SET version_num = '9999'", "store_newer", "newer"),
    ("DELETE FROM alembic_version", "store_damaged", "version"),
]


@pytest.mark.parametrize(("statement", "code", "named"), MEDDLING)
def test_meddling_with_the_schema_is_named(
    world: World, statement: str, code: str, named: str
) -> None:
    world.db.executescript(statement)
    (problem,) = problems(world.path)
    assert problem.code == code
    assert named in in_store(problem)


def orphan(world: World) -> None:
    world.add("member_roles", member_id=new_id(), role="coordinator")


def break_check(world: World) -> None:
    world.db.execute("PRAGMA ignore_check_constraints = ON")
    world.draft(number=0)


def drop_ledger(world: World) -> None:
    key = world.draft()
    world.change("assignments", key, **world.dispatch_columns(key))


def widen(world: World) -> None:
    world.path.chmod(0o644)


@pytest.mark.parametrize(
    ("meddle", "code"),
    [
        (orphan, "reference_broken"),
        (break_check, "store_damaged"),
        (drop_ledger, "ledger_incomplete"),
        pytest.param(
            widen, "store_unsafe", marks=pytest.mark.skipif(os.name != "posix", reason="modes")
        ),
    ],
)
def test_meddling_with_rows_or_the_file_is_named(
    world: World, meddle: Callable[[World], None], code: str
) -> None:
    meddle(world)
    assert [problem.code for problem in problems(world.path)] == [code]


def test_a_damaged_page_raises_nothing(world: World) -> None:
    for _ in range(20):
        world.setting("honorarium_standard_from", moment())
    (page,) = world.db.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'organization_settings'"
    ).fetchone()
    world.db.close()
    content = bytearray(world.path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    world.path.write_bytes(content)
    assert "store_damaged" in {problem.code for problem in problems(world.path)}
