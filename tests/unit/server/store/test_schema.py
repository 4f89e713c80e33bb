"""The migrations make what tables and schema.sql declare, and what is refused has its sentence."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from assigncli.domain.rules import Guard, Rule
from assigncli.server.store.migrations import run
from assigncli.server.store.schema import HEAD, REVISIONS, statements
from assigncli.words.guards import GUARDS as SENTENCES

OBJECTS = (
    "SELECT type, name, sql FROM sqlite_master"
    " WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%'"
)
GUARDS = "\n".join(statements())


def test_every_statement_of_the_file_makes_a_trigger_or_a_view() -> None:
    made = re.compile(r"(?:(?:--.*)?\n)*CREATE (TRIGGER|VIEW) \w+ ")
    assert [text for text in statements() if not made.match(text)] == []


def test_every_rule_a_guard_raises_has_its_sentence() -> None:
    raised = set(re.findall(r"RAISE\(ABORT, '(\w+)'\)", GUARDS))
    worded = {key.removesuffix(".guard") for key in SENTENCES}
    assert raised <= worded
    assert worded == set(Rule) | set(Guard)


def test_every_rule_is_raised_by_a_guard_or_a_check(raw: sqlite3.Connection) -> None:
    rows = raw.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    schema = "\n".join(sql for (sql,) in rows)
    for rule in (*Rule, *Guard):
        assert f"RAISE(ABORT, '{rule}')" in schema or f"CONSTRAINT {rule} CHECK" in schema


def test_the_migrations_make_what_is_declared_and_nothing_else(raw: sqlite3.Connection) -> None:
    named = {(kind, name) for kind, name, _sql in raw.execute(OBJECTS)}
    tables = SQLModel.metadata.tables.values()
    declared = {("table", table.name) for table in tables}
    declared |= {("index", str(index.name)) for table in tables for index in table.indexes}
    for kind, name in re.findall(r"^CREATE (TRIGGER|VIEW) (\w+)", GUARDS, re.MULTILINE):
        declared.add((kind.lower(), name))
    assert named == declared


def test_migrations_match_the_metadata_as_alembic_sees_it(store_path: Path) -> None:
    engine = create_engine(f"sqlite:///{store_path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_revisions_are_those_of_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(run.config())
    assert scripts.get_current_head() == HEAD
    walked = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(walked)) == REVISIONS


def test_a_migration_rolled_back_leaves_nothing_behind() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        run.upgrade(connection)
        connection.rollback()
    with engine.begin() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    engine.dispose()
    assert left == 0


def test_opening_a_store_does_not_import_alembic(store_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from assigncli.server.store.engine import Store;"
        "Store.open(Path(sys.argv[1])).close();"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(store_path)], check=True)
