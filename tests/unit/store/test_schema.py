"""The migrations make exactly what tables and guards say."""

from __future__ import annotations

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

from assigncli.domain.rules import Rule
from assigncli.store.guards import GUARDS, Code
from assigncli.store.migrations import run
from assigncli.store.refusals import SENTENCES
from assigncli.store.schema import HEAD, REVISIONS

from .draft_schema import OBJECTS, tidy, wanted


def test_guards_have_names_of_their_own() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_every_rule_a_guard_raises_has_its_sentence() -> None:
    assert {guard.rule for guard in GUARDS} <= set(SENTENCES)
    assert set(SENTENCES) == set(Rule) | set(Code)


def test_every_rule_is_raised_by_a_guard_or_a_check(raw: sqlite3.Connection) -> None:
    rows = raw.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    schema = "\n".join(sql for (sql,) in rows)
    for rule in (*Rule, *Code):
        assert f"RAISE(ABORT, '{rule}')" in schema or f"CONSTRAINT {rule} CHECK" in schema


def test_migrations_make_the_tables_indexes_checks_and_guards(raw: sqlite3.Connection) -> None:
    made = {name: tidy(sql) for _kind, name, sql in raw.execute(OBJECTS)}
    assert made == {name: sql for _kind, name, sql in wanted()}


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


def test_opening_a_store_imports_neither_alembic_nor_the_guards(store_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from assigncli.store.engine import Store;"
        "Store.open(Path(sys.argv[1])).close();"
        "assert not {'alembic', 'assigncli.store.guards'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, str(store_path)], check=True)
