"""Read the whole log as stored, whatever its content, in order to verify it.

Ids and moments are returned as the database keeps them. Everything is streamed, so memory is
bounded whatever the log's length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel import Session, SQLModel

from assigncli.server.store import raw
from assigncli.server.store.statement_rows import StatementRow
from assigncli.server.store.tables import AuditEntry

_PART: Final = 300
_MANY: Final = 2_000


class Raw(NamedTuple):
    """One entry, the tree's hash at its place, and the statement that it names."""

    sequence: Any
    at: Any
    actor_id: Any
    actor_certificate_id: Any
    action: Any
    subject_id: Any
    details: Any
    statement_hash: Any
    service_certificate_id: Any
    signature: Any
    node: Any
    said_in: Any
    said: Any
    said_signature: Any


class Inner(NamedTuple):
    """One inner node of the tree, and the two nodes below it."""

    level: Any
    place: Any
    hash: Any
    left: Any
    right: Any


class Level(NamedTuple):
    """The number of nodes on a level, and the first and last place."""

    level: Any
    number: int
    first: Any
    last: Any


_ENTRIES: Final = """
SELECT e.sequence, e.at, e.actor_id, e.actor_certificate_id, e.action, e.subject_id, e.details,
  e.statement_hash, e.service_certificate_id, e.signature, n.hash,
  s.organization_id, s.body, s.signature, e.id
FROM audit_log AS e
LEFT JOIN log_nodes AS n ON n.organization_id = e.organization_id AND n.level = 0
  AND n.place = e.sequence - 1
LEFT JOIN statements AS s ON s.hash = e.statement_hash
WHERE e.organization_id = :own AND {after} ORDER BY e.sequence, e.id LIMIT :size
"""
_INNER: Final = """
SELECT n.level, n.place, n.hash, l.hash, r.hash
FROM log_nodes AS n
LEFT JOIN log_nodes AS l ON l.organization_id = n.organization_id
  AND l.level = n.level - 1 AND l.place = 2 * n.place
LEFT JOIN log_nodes AS r ON r.organization_id = n.organization_id
  AND r.level = n.level - 1 AND r.place = 2 * n.place + 1
WHERE n.organization_id = :own AND n.level = :level AND {after} ORDER BY n.place LIMIT :size
"""
_LEVELS: Final = """
SELECT level, count(*), min(place), max(place) FROM log_nodes WHERE organization_id = ?
GROUP BY level ORDER BY level
"""
_UNUSED: Final = """
SELECT count(*) FROM statements WHERE rowid > :low AND rowid <= :high
  AND organization_id = :own AND NOT EXISTS (
  SELECT 1 FROM audit_log WHERE statement_hash = statements.hash
  AND statement_hash IS NOT NULL AND organization_id = :own)
"""
# A plus hides a column from the planner: with its index each row would walk the log.
_REUSED: Final = """
SELECT e.sequence FROM audit_log AS e
LEFT JOIN audit_log AS before ON before.organization_id = e.organization_id
  AND before.sequence = e.sequence - 1
WHERE e.id > :low AND e.id <= :high AND +e.organization_id = :own AND e.statement_hash IS NOT NULL
  AND before.statement_hash IS NOT e.statement_hash
  AND EXISTS (SELECT 1 FROM audit_log AS first WHERE first.statement_hash = e.statement_hash
    AND first.statement_hash IS NOT NULL AND +first.organization_id = e.organization_id
    AND +first.sequence < e.sequence)
"""


def entries(tx: Session, organization_id: UUID) -> Iterator[Raw]:
    """Yield every entry, first to last, including those added while this runs.

    As in everything that reads the whole log, a new transaction begins between two parts, so that
    no writer waits for long.
    """
    after = "(e.sequence, e.id) > (:sequence, :id)"
    for *row, _id in _paged(tx, _ENTRIES, {"own": organization_id.hex}, after, sequence=0, id=-1):
        yield Raw(*row)


def inner_nodes(tx: Session, organization_id: UUID, there: Iterable[Level]) -> Iterator[Inner]:
    """Yield every node above level 0, level by level."""
    for each in there:
        tx.commit()
        if each.level != 0:
            asked = {"own": organization_id.hex, "level": each.level}
            for row in _paged(tx, _INNER, asked, "n.place > :place", place=1):
                yield Inner(*row)


def levels(tx: Session, organization_id: UUID) -> list[Level]:
    """Return the extent of each level of the tree."""
    found = tx.connection().exec_driver_sql(_LEVELS, (organization_id.hex,))
    return [Level(*row) for row in found]


def unused_statements(tx: Session, organization_id: UUID) -> int:
    """Return how many statements no entry names."""
    found = _windowed(tx, _UNUSED, StatementRow, organization_id)
    return sum(int(row[0]) for row in found)


def naming_again(tx: Session, organization_id: UUID) -> list[Any]:
    """Return the sequences of entries that name a statement again, but not right after the last."""
    return [row[0] for row in _windowed(tx, _REUSED, AuditEntry, organization_id)]


def _paged(
    tx: Session, query: str, asked: dict[str, Any], after: str, **places: int
) -> Iterator[Any]:
    """Yield the rows of a query in its order, page by page.

    `after` is the condition for the rows after a given one; `places` says at which index of that
    row its parameters are. The transaction ends before a page is handed over, since to verify it
    takes much longer than to read it, and again after it, for whatever was looked up meanwhile. The
    last page's does not: what is read next must not be newer.
    """
    condition = "1"
    while True:
        now = {**asked, "size": _PART}
        page = tx.connection().exec_driver_sql(query.format(after=condition), now).all()
        is_last = len(page) < _PART
        if not is_last:
            tx.commit()
        yield from page
        if is_last:
            return
        tx.commit()
        asked |= {name: page[-1][place] for name, place in places.items()}
        condition = after


def _windowed(
    tx: Session, query: str, table: type[SQLModel], organization_id: UUID
) -> Iterator[Any]:
    for low, high in raw.bounds(tx, table, _MANY):
        asked = {"own": organization_id.hex, "low": low, "high": high}
        yield from tx.connection().exec_driver_sql(query, asked).all()
