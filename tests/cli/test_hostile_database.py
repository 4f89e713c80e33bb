"""Somebody controls the database: every column of every table, changed alone, and rows as a whole.

What the entries tell is found; what is this machine's business ends nothing and misleads nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import assigncli.server.store.archived
import assigncli.server.store.contact_attempts
import assigncli.server.store.invitations
import assigncli.server.store.scheduled
import assigncli.server.store.statement_rows
import assigncli.server.store.wraps  # noqa: F401 - fills the metadata, with that of the tables
from assigncli.profiles import load_profile
from tests import hostile_database as hostile
from tests import slots
from tests.column_kinds import BUSINESS, SPENT
from tests.office import Office
from tests.quick import only

TABLES = {name: list(table.columns.keys()) for name, table in SQLModel.metadata.tables.items()}
TOLD = {
    name: [column for column in columns if column not in BUSINESS.get(name, {})]
    for name, columns in TABLES.items()
}
ROWS = 3
ENDING = ("has expired", "is archived", "its time is over")
"""Words of what a sweep says when it destroys something."""


@pytest.fixture(scope="module")
def staged(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office in which everything has happened, without guards."""
    office = founded.copy_to(tmp_path_factory.mktemp("hostile") / "office")
    hostile.stage(office)
    assert hostile.found(office) == []
    return office


@pytest.fixture
def db(staged: Office) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(staged.store)) as db:
        yield db


def organization(office: Office) -> str:
    return load_profile("anne", office.env).organization_id.hex


def test_every_column_is_told_or_has_a_reason_not_to_be() -> None:
    for listed in (BUSINESS, SPENT):
        for table, columns in listed.items():
            assert columns.keys() <= set(TABLES[table]), table
            assert all(columns.values())
    assert all(TOLD[name] or name in BUSINESS for name in TABLES)


def test_every_table_has_a_row_to_lie_about(staged: Office, db: sqlite3.Connection) -> None:
    empty = [
        name for name in TABLES if db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is None
    ]
    # Refused attempts and restores are this machine's business: no entry tells them.
    assert empty == ["refused_statements", "log_restores", "lost_endings"]


@pytest.mark.slow
@pytest.mark.parametrize("table", only("consent_records", of=[name for name in TOLD if TOLD[name]]))
def test_a_lie_in_a_column_that_the_log_tells_is_found(
    staged: Office, db: sqlite3.Connection, table: str
) -> None:
    missed = []
    for column in TOLD[table]:
        for lie in hostile.lies(db, organization(staged), table, column, ROWS):
            with hostile.told(db, lie) as taken:
                if taken and not hostile.found(staged) and not is_spent(db, lie):
                    missed.append(lie)
    assert missed == []
    assert hostile.found(staged) == []


def is_spent(db: sqlite3.Connection, lie: hostile.Lie) -> bool:
    """Say whether the lie is about a row whose source is gone."""
    if lie.column not in SPENT.get(lie.table, {}):
        return False
    where = "rowid = ? AND id NOT IN (SELECT encryption_key_id FROM assignments)"
    return bool(db.execute(f"SELECT 1 FROM {lie.table} WHERE {where}", (lie.rowid,)).fetchone())


@pytest.mark.parametrize("table", only(of=sorted(BUSINESS)))
def test_a_lie_about_this_machine_s_business_ends_nothing(
    staged: Office, db: sqlite3.Connection, table: str
) -> None:
    """A sweep says no other ending than without the lie, and verifying finds nothing new."""
    before = endings(staged)
    for column in BUSINESS[table]:
        for lie in hostile.lies(db, organization(staged), table, column, ROWS):
            with hostile.told(db, lie) as taken:
                if taken:
                    assert endings(staged) <= before, lie


def endings(office: Office) -> set[str]:
    said = office.run("sweep --dry-run").stdout.splitlines()
    return {line for line in said if any(word in line for word in ENDING)}


def shares(office: Office) -> set[bytes]:
    return {each.key for each in slots.slots(office.vault) if each.what == "live"}


MOMENTS = [
    (table, column)
    for table in ("assignments", "encryption_keys", "audit_log")
    for column in TABLES[table]
    if column not in ("encrypted_payload", "manifest_body", "manifest_signature", "signature")
]


@pytest.mark.parametrize(("table", "column"), only(("encryption_keys", "revoked_at"), of=MOMENTS))
def test_no_lie_makes_the_sweep_delete_a_live_share(
    staged: Office, tmp_path: Path, table: str, column: str
) -> None:
    live = shares(staged)
    with closing(sqlite3.connect(staged.store)) as db:
        told = list(hostile.lies(db, organization(staged), table, column, 2))
    for place, lie in enumerate(told):
        office = staged.copy_to(tmp_path / f"office{place}")
        with closing(sqlite3.connect(office.store)) as db:
            hostile.write(db, lie)
        office.run("sweep")
        assert shares(office) >= live, lie


ROWS_OF = sorted(
    set(TABLES)
    - {"store_info", "sweep_runs", "refused_statements", "organizations"}
    - {"log_restores", "lost_endings"}
)


@pytest.mark.slow
@pytest.mark.parametrize("table", only("notifications", of=ROWS_OF))
def test_a_row_that_is_gone_is_found(staged: Office, tmp_path: Path, table: str) -> None:
    office = staged.copy_to(tmp_path / "office")
    own = organization(staged)
    with closing(sqlite3.connect(staged.store)) as db:
        rowids = hostile.rows_of(db, own, table)
    for rowid in rowids[:: max(1, len(rowids) // ROWS)]:
        with closing(sqlite3.connect(office.store)) as db:
            kept = hostile.removed(db, table, rowid)
            assert hostile.found(office) != [], rowid
            hostile.put_back(db, table, kept)
    assert hostile.found(office) == []


@pytest.mark.slow
@pytest.mark.parametrize("table", only("notifications", of=ROWS_OF))
def test_a_row_that_is_there_twice_is_found(staged: Office, tmp_path: Path, table: str) -> None:
    office = staged.copy_to(tmp_path / "office")
    own = organization(staged)
    with closing(sqlite3.connect(office.store)) as db:
        hostile.without_uniqueness(db, table)
        assert hostile.found(office) == []
        for rowid in hostile.rows_of(db, own, table)[:ROWS]:
            twin = hostile.doubled(db, table, rowid)
            assert hostile.found(office) != [], rowid
            db.execute(f"DELETE FROM {table} WHERE rowid = ?", (twin,))
            db.commit()
