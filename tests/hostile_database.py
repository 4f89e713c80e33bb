"""Lies that somebody may write into the store: every column, alone, to several values.

Guards and constraints are out of the way. What is to be believed of a value is what the signed
entries say, so each lie is found by verifying, or has a reason here why it misleads nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from assigncli.errors import AssignError
from assigncli.server.verify import whole
from tests.acting import acting
from tests.office import ACCEPT, Office

PAST = "2025-01-02T03:04:05.000000Z"
FUTURE = "2099-01-02T03:04:05.000000Z"


def stage(office: Office) -> None:
    """Let everything happen in an office that leaves a row in some table."""
    office.ok("member invite eva --name 'Eva Lie' --role coordinator --here --keys keyring")
    for mentor in ("kari", "ola"):
        office.ok(f"member notify {mentor} --channel -", stdin="json://127.0.0.1:9")
    office.ok("member certify per --certified-until 2026-12-01")
    office.ok("config set notification_sender 'The office'")
    office.ok("config set honorarium_standard_from 2")
    office.ok("config set honorarium_standard_from 4")
    archived = office.dispatch("--reference SAK-1")
    office.to_status(archived, "completed")
    old_draft = office.create()
    office.ok(f"recall --yes {old_draft}")
    office.later(days=367)
    office.run("sweep")
    for more in ("", "", "", "", "", "--consent-required"):
        office.dispatch(more)
    office.dispatch("--consent-required", to="ola")
    draft = office.create()
    office.create(to="ola")
    office.to_status(3, "acknowledged")
    for _attempt in range(2):
        office.ok("contact 3 --no-answer", profile="kari")
    office.to_status(4, "read")
    office.to_status(5, "completed")
    office.ok("recall 6 --yes")
    office.read(7)
    office.ok("cancel 7 --reason Moved --yes")
    office.ok(f"consent 8 {ACCEPT}", profile="kari")
    office.ok(f"consent 9 {ACCEPT}", profile="ola")
    office.later(days=11)
    office.run("sweep")
    office.ok(f"edit {draft} --title Another")
    office.ok("member pause ola --until 31.12.2027 --yes")
    office.ok("member invite ida --name 'Ida Dal'")
    office.ok("member invite jon --name 'Jon Vik'")
    office.ok("member invite siv --name 'Siv Moe' --here --keys keyring")
    office.ok("member revoke --yes siv")
    office.ok("cycle open Next --from 1.1.2029 --to 31.12.2029")
    office.ok("cycle close --yes Next")
    erased = office.dispatch("--reference SAK-2")
    office.ok(f"cancel {erased} --reason Moved --yes")
    office.ok("privacy erase --reference SAK-2 --yes")
    office.run("recall 5 --yes", profile="kari")
    office.ok(
        "init --organization Other --handle berit --name 'Berit Foss' --keys keyring",
        profile=None,
    )
    with closing(sqlite3.connect(office.store)) as db:
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.commit()


@dataclass(frozen=True)
class Lie:
    """Another value in one column of one row."""

    table: str
    column: str
    rowid: int
    new: Any
    old: Any


def lies(
    db: sqlite3.Connection, organization: str, table: str, column: str, rows: int
) -> Iterator[Lie]:
    """Yield lies about some rows of the organisation: other values, and the absurd."""
    ours = rows_of(db, organization, table)
    everything = db.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid").fetchall()
    # Rows that differ in this column show more than the first few of the table.
    by_value: dict[Any, int] = {}
    for rowid, value in everything:
        if rowid in ours:
            by_value.setdefault(value, rowid)
    foreign = [value for rowid, value in everything if rowid not in ours][:1]
    chosen = list(by_value.items())[:: max(1, len(by_value) // rows)][:rows]
    for old, rowid in chosen:
        others = [value for value in by_value if value not in (old, None)][:2]
        for new in _values(old, [*others, *foreign]):
            if new != old:
                yield Lie(table, column, rowid, new, old)


def _values(old: Any, others: list[Any]) -> list[Any]:
    wanted: list[Any] = [None, *others, "rubbish"]
    if isinstance(old, bytes):
        wanted.append(old[:-1] + bytes([old[-1] ^ 1]) if old else b"x")
    elif isinstance(old, int):
        wanted += [old + 1, 0, -1]
    elif old is None or (isinstance(old, str) and old[10:11] == "T"):
        wanted += [PAST, FUTURE, 1]
    return list(dict.fromkeys(wanted))


def rows_of(db: sqlite3.Connection, organization: str, table: str) -> list[int]:
    """Return the rowids of an organisation's rows, in order."""
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    where = {
        "organizations": "id = :own",
        "key_wraps": "assignment_id IN (SELECT id FROM assignments WHERE organization_id = :own)",
        "member_roles": "member_id IN (SELECT id FROM members WHERE organization_id = :own)",
    }.get(table, "organization_id = :own" if "organization_id" in names else "1")
    query = f"SELECT rowid FROM {table} WHERE {where} ORDER BY rowid"
    return [rowid for (rowid,) in db.execute(query, {"own": organization})]


@contextmanager
def told(db: sqlite3.Connection, lie: Lie) -> Iterator[bool]:
    """Let the lie stand until the end of the block; false where the database never takes it."""
    if not write(db, lie):
        yield False
        return
    try:
        yield True
    finally:
        # The column may be the rowid itself.
        query = f"SELECT 1 FROM {lie.table} WHERE rowid = ?"
        moved = db.execute(query, (lie.rowid,)).fetchone() is None
        rowid = lie.new if moved else lie.rowid
        assert write(db, Lie(lie.table, lie.column, rowid, lie.old, lie.new))


def write(db: sqlite3.Connection, lie: Lie) -> bool:
    """Write the lie; say whether the database took it."""
    try:
        db.execute("PRAGMA ignore_check_constraints = ON")
        query = f"UPDATE {lie.table} SET {lie.column} = ? WHERE rowid = ?"
        db.execute(query, (lie.new, lie.rowid))
        db.commit()
    except sqlite3.IntegrityError:
        db.rollback()
        return False
    return True


def removed(db: sqlite3.Connection, table: str, rowid: int) -> dict[str, Any]:
    """Delete a row, and return it with its rowid."""
    cursor = db.execute(f"SELECT rowid AS row_id, * FROM {table} WHERE rowid = ?", (rowid,))
    names = [each[0] for each in cursor.description]
    kept = dict(zip(names, cursor.fetchone(), strict=True))
    db.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
    db.commit()
    return kept


def put_back(db: sqlite3.Connection, table: str, kept: dict[str, Any]) -> None:
    """Write a row as it was."""
    named = {("rowid" if name == "row_id" else name): value for name, value in kept.items()}
    columns, places = ", ".join(named), ", ".join("?" * len(named))
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", tuple(named.values()))
    db.commit()


def without_uniqueness(db: sqlite3.Connection, table: str) -> None:
    """Make the table anew without any constraint, so that it takes every row."""
    db.execute(f"CREATE TABLE loose AS SELECT * FROM {table}")
    db.execute(f"DROP TABLE {table}")
    db.execute(f"ALTER TABLE loose RENAME TO {table}")
    db.commit()


def doubled(db: sqlite3.Connection, table: str, rowid: int) -> int:
    """Add a copy of a row, under an id of its own where it has one; return its rowid."""
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    (held,) = db.execute(f"SELECT {names[0]} FROM {table} LIMIT 1").fetchone()
    new = (
        "lower(hex(randomblob(16)))"
        if isinstance(held, str)
        else f"(SELECT max(id) + 1 FROM {table})"
    )
    values = ", ".join(new if name == "id" else name for name in names)
    query = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE rowid = ?"
    twin = db.execute(query, (rowid,)).lastrowid
    db.commit()
    assert twin is not None
    return twin


def found(office: Office) -> list[str]:
    """Return the codes of what verifying finds, or of what it says that stops it."""
    try:
        with acting(office, "anne") as session:
            return [each.code for each in whole.verify(session.turn).findings]
    except (AssignError, ValueError, TypeError, LookupError):
        result = office.run("audit verify --json")
        assert result.code in (1, 3, 7), result.said
        return [result.error_code]
