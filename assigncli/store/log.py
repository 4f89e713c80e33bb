"""The whole log as its rows lie, whatever stands in them: for verifying it.

Ids and moments are given as the database keeps them. Everything is streamed: memory is bounded
whatever the log's length.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel import Session

_PART: Final = 500


class Raw(NamedTuple):
    """One entry, the hash that the tree has at its place, and the statement that it names."""

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
    """One node above the entries' own, and the two that it is over."""

    level: Any
    place: Any
    hash: Any
    left: Any
    right: Any


class Level(NamedTuple):
    """How many nodes a level has, and between which places."""

    level: Any
    number: int
    first: Any
    last: Any


_ENTRIES: Final = """
SELECT e.sequence, e.at, e.actor_id, e.actor_certificate_id, e.action, e.subject_id, e.details,
  e.statement_hash, e.service_certificate_id, e.signature, n.hash,
  s.organization_id, s.body, s.signature
FROM audit_log AS e
LEFT JOIN log_nodes AS n ON n.organization_id = e.organization_id AND n.level = 0
  AND n.place = e.sequence - 1
LEFT JOIN statements AS s ON s.hash = e.statement_hash
WHERE e.organization_id = ? ORDER BY e.sequence, e.id
"""
_INNER: Final = """
SELECT n.level, n.place, n.hash, l.hash, r.hash
FROM log_nodes AS n
LEFT JOIN log_nodes AS l ON l.organization_id = n.organization_id
  AND l.level = n.level - 1 AND l.place = 2 * n.place
LEFT JOIN log_nodes AS r ON r.organization_id = n.organization_id
  AND r.level = n.level - 1 AND r.place = 2 * n.place + 1
WHERE n.organization_id = ? AND n.level > 0
"""
_LEVELS: Final = """
SELECT level, count(*), min(place), max(place) FROM log_nodes WHERE organization_id = ?
GROUP BY level ORDER BY level
"""
_UNUSED: Final = """
SELECT count(*) FROM statements WHERE organization_id = ?1 AND hash NOT IN (
  SELECT statement_hash FROM audit_log
  WHERE organization_id = ?1 AND statement_hash IS NOT NULL)
"""
_REUSED: Final = """
SELECT e.sequence FROM audit_log AS e JOIN (
  SELECT statement_hash, min(sequence) AS first FROM audit_log
  WHERE organization_id = ?1 AND statement_hash IS NOT NULL
  GROUP BY statement_hash HAVING count(*) > 1) AS twice
ON twice.statement_hash = e.statement_hash AND e.sequence > twice.first
LEFT JOIN audit_log AS before ON before.organization_id = e.organization_id
  AND before.sequence = e.sequence - 1
WHERE e.organization_id = ?1 AND before.statement_hash IS NOT e.statement_hash
"""


def entries(tx: Session, organization_id: UUID) -> Iterator[Raw]:
    """Yield every entry, first to last."""
    for row in _streamed(tx, _ENTRIES, organization_id):
        yield Raw(*row)


def inner_nodes(tx: Session, organization_id: UUID) -> Iterator[Inner]:
    """Yield every node above level 0."""
    for row in _streamed(tx, _INNER, organization_id):
        yield Inner(*row)


def levels(tx: Session, organization_id: UUID) -> list[Level]:
    """Return what there is of the tree, level by level."""
    return [Level(*row) for row in _streamed(tx, _LEVELS, organization_id)]


def unused_statements(tx: Session, organization_id: UUID) -> int:
    """Return how many statements no entry names."""
    return int(next(iter(_streamed(tx, _UNUSED, organization_id)))[0])


def naming_again(tx: Session, organization_id: UUID) -> list[Any]:
    """Return the sequences of entries that name a statement again, and not right after it."""
    return [row[0] for row in _streamed(tx, _REUSED, organization_id)]


def _streamed(tx: Session, query: str, organization_id: UUID) -> Iterator[Any]:
    connection = tx.connection().execution_options(yield_per=_PART)
    yield from connection.exec_driver_sql(query, (organization_id.hex,))
