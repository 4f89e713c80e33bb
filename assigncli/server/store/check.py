"""Check a store: is the file intact, are all guards there and unaltered, who can read it.

It reports and repairs nothing. Signatures, statements and the log's tree are left to `assign audit
verify`, because they need cryptography.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, create_engine, func
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, select

from assigncli.errors import AssignError, Fact
from assigncli.private_files import require_private
from assigncli.server.store.engine import Store, require_current
from assigncli.server.store.tables import Assignment, AuditEntry, Member, Organization, StoreInfo

_SCHEMA: Final = (
    "SELECT type, name, sql FROM sqlite_master"
    " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> 'alembic_version'"
)
_LINELESS: Final = (
    "SELECT number FROM assignments AS a WHERE threshold_sequence_number IS NOT NULL"
    " AND (NOT EXISTS (SELECT 1 FROM assignment_threshold_logs"
    " WHERE assignment_id = a.id AND kind = 'dispatched')"
    " OR (status IN ('recalled', 'cancelled', 'expired') AND NOT EXISTS"
    " (SELECT 1 FROM assignment_threshold_logs WHERE assignment_id = a.id AND kind = a.status)))"
    " ORDER BY number"
)
_OTHERWISE: Final = (
    "SELECT count(*) FROM (SELECT status,"
    " EXISTS (SELECT 1 FROM certificates WHERE member_id = m.id) AS is_certified,"
    " EXISTS (SELECT 1 FROM audit_log WHERE subject_id = m.id AND action = 'member.revoked')"
    " AS has_left FROM members AS m) WHERE (status = 'active') <> (is_certified AND NOT has_left)"
    " OR (status = 'revoked') <> has_left"
)
Schema = dict[tuple[str, str], str]


@dataclass(frozen=True)
class StoreProblem:
    """One finding: a stable code, and `why` and facts as in an error; no stored value."""

    code: str
    why: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


def check_store(store: Store) -> tuple[StoreProblem, ...]:
    """Return all that is wrong with the store, an empty tuple if nothing is.

    Open it with `Store.inspect`, which checks neither version nor permissions. Raises nothing for a
    damaged or altered store: that is a finding.
    """
    found: list[StoreProblem] = []
    for part in (_reach, _version, _wholeness, _references, _schema, _ledger, _members):
        try:
            found.extend(part(store))
        except AssignError as error:
            problem = StoreProblem(error.code, error.why, error.facts)
            if problem not in found:
                found.append(problem)
    return tuple(found)


def _reach(store: Store) -> Iterator[StoreProblem]:
    require_private(store.path.resolve())
    yield from ()


def _version(store: Store) -> Iterator[StoreProblem]:
    require_current(store.schema_version())
    yield from ()


def _wholeness(store: Store) -> Iterator[StoreProblem]:
    """Check pages, indexes and CHECK constraints with SQLite, which names places, not values."""
    for (finding,) in _rows(store, "PRAGMA integrity_check"):
        if finding != "ok":
            yield StoreProblem("store_damaged", "not_whole", {"finding": _one_line(str(finding))})


def _references(store: Store) -> Iterator[StoreProblem]:
    broken = {(row[0], row[2]) for row in _rows(store, "PRAGMA foreign_key_check")}
    for table, parent in sorted(broken, key=str):
        facts: dict[str, Fact] = {"table": str(table), "parent": str(parent)}
        yield StoreProblem("reference_broken", facts=facts)


def _schema(store: Store) -> Iterator[StoreProblem]:
    """Compare tables, indexes, triggers and views, word for word, with those of the migrations."""
    with store.read() as session:
        actual = _schema_of(session.connection())
    expected = _migrated()
    for kind, name in sorted(expected.keys() | actual.keys()):
        if (kind, name) not in actual:
            yield StoreProblem(f"{_noun(kind)}_missing", facts={"name": name})
        elif (kind, name) not in expected:
            yield StoreProblem(f"{kind}_unknown", facts={"name": name})
        elif actual[kind, name] != expected[kind, name]:
            yield StoreProblem(f"{_noun(kind)}_altered", facts={"name": name})


def _ledger(store: Store) -> Iterator[StoreProblem]:
    for (number,) in _rows(store, _LINELESS):
        yield StoreProblem("ledger_incomplete", facts={"number": int(str(number))})


def _members(store: Store) -> Iterator[StoreProblem]:
    """Compare each member's status with certificates and log; `audit verify` checks signatures."""
    for (count,) in _rows(store, _OTHERWISE):
        if count:
            yield StoreProblem("member_status_differs", facts={"count": int(str(count))})


def _rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(statement)]


def _schema_of(connection: Connection) -> Schema:
    rows = connection.exec_driver_sql(_SCHEMA)
    return {(kind, name): _trimmed(sql) for kind, name, sql in rows}


def _migrated() -> Schema:
    """Return the schema of a fresh store in memory."""
    from assigncli.server.store.migrations import run

    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            run.upgrade(connection)
            return _schema_of(connection)
    finally:
        engine.dispose()


def _trimmed(sql: str) -> str:
    return "\n".join(line.strip() for line in sql.strip().splitlines())


def _one_line(text: str) -> str:
    return " ".join(text.replace("***", "").split())


def _noun(kind: str) -> str:
    """Return the word for a kind of schema object; a view belongs to the guards that read it."""
    return "guard" if kind in ("trigger", "view") else kind


def contents(tx: Session) -> tuple[StoreInfo, list[int]]:
    """Return the store's own row, and four counts.

    They count organisations, members, assignments and entries.
    """
    return tx.exec(select(StoreInfo)).one(), [
        int(tx.exec(select(func.count()).select_from(table)).one())
        for table in (Organization, Member, Assignment, AuditEntry)
    ]
