"""The audit log's rows: entries, the statements they carry out, and the tree's nodes over them.

Nothing is signed, hashed or verified here. Inside `store.write()` the end of the log cannot move,
since a writer holds the store alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from assigncli.domain.actions import Action
from assigncli.errors import Tampered
from assigncli.server.store import ready
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.statement_rows import LogNode, StatementRow
from assigncli.server.store.tables import AuditEntry

# A complete subtree of 2^level leaves is part of the root of `size` leaves where that bit is set.
_TAIL: Final = """
WITH RECURSIVE
  last (size, at) AS (
    SELECT sequence, at FROM audit_log WHERE organization_id = ? ORDER BY sequence DESC LIMIT 1),
  levels (level) AS (SELECT 0 UNION ALL SELECT level + 1 FROM levels WHERE level < 52)
SELECT last.size, last.at, levels.level, (last.size >> levels.level) - 1, node.hash
FROM last CROSS JOIN levels
LEFT JOIN log_nodes AS node ON node.organization_id = ?
  AND node.level = levels.level AND node.place = (last.size >> levels.level) - 1
WHERE (last.size >> levels.level) & 1
"""
_NODES: Final = """
WITH wanted (level, place) AS (VALUES {marks})
SELECT n.level, n.place, n.hash FROM wanted CROSS JOIN log_nodes AS n
WHERE n.organization_id = ? AND n.level = wanted.level AND n.place = wanted.place
"""
# Built once: to build it costs more than to run it.
_LAST_ACTION: Final = (
    select(AuditEntry.action)
    .where(
        AuditEntry.subject_id == bindparam("subject_id"),
        unindexed(col(AuditEntry.organization_id)) == bindparam("organization_id"),
        col(AuditEntry.action).in_(bindparam("actions", expanding=True)),
    )
    .order_by(col(AuditEntry.sequence).desc())
    .limit(1)
)


@dataclass(frozen=True)
class Tail:
    """The end of a log: its size, the last entry's moment (aware UTC), None where there is none.

    `nodes` are those that its root is made of, by level and place, as far as they are there.
    """

    size: int
    at: datetime | None
    nodes: Mapping[tuple[int, int], bytes]


# Built once: to build it costs more than to run it.
_ABOUT: Final = (
    select(AuditEntry, StatementRow)
    .outerjoin(StatementRow, col(StatementRow.hash) == col(AuditEntry.statement_hash))
    .where(
        AuditEntry.subject_id == bindparam("subject_id"),
        col(AuditEntry.action).in_(bindparam("actions", expanding=True)),
    )
)


def tail(tx: Session, organization_id: UUID) -> Tail:
    """Return the end of the log, in one query.

    Raises Tampered `audit_altered` where the last entry cannot be read.
    """
    own = organization_id.hex
    rows = tx.connection().exec_driver_sql(_TAIL, (own, own)).all()
    if not rows:
        return Tail(0, None, {})
    nodes = {(level, place): found for _size, _at, level, place, found in rows if found is not None}
    size, at = rows[0][:2]
    try:
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, TypeError):
        raise _unreadable() from None
    if not isinstance(size, int):
        raise _unreadable()
    return Tail(size, moment, nodes)


def last_sequence(tx: Session, organization_id: UUID) -> int:
    """Return the last entry's sequence, which is how many there are; 0 for an empty log."""
    found = tx.exec(
        select(AuditEntry.sequence)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).first()
    return found or 0


def nodes(
    tx: Session, organization_id: UUID, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Return the nodes at these levels and places, as far as they are there."""
    if not places:
        return {}
    # A list of pairs would be looked for in all nodes of the organisation; a join asks the index.
    marks = ", ".join(["(?, ?)"] * len(places))
    asked = [number for place in places for number in place]
    rows = tx.connection().exec_driver_sql(
        _NODES.format(marks=marks), (*asked, organization_id.hex)
    )
    return {(level, place): found for level, place, found in rows}


def newest_moment(tx: Session, organization_id: UUID) -> datetime | None:
    """Return when the last entry was made; None for an empty log."""
    return tx.exec(
        select(AuditEntry.at)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).first()


def count_about(tx: Session, organization_id: UUID, subject_id: UUID) -> int:
    """Return how many entries there are about one subject; by its index, which is short."""
    return int(
        tx.exec(
            select(func.count()).where(
                AuditEntry.subject_id == subject_id,
                unindexed(col(AuditEntry.organization_id)) == organization_id,
            )
        ).one()
    )


def about_all(
    tx: Session, organization_id: UUID, subject_ids: Collection[UUID], actions: Collection[Action]
) -> dict[UUID, list[AuditEntry]]:
    """Return the entries of these kinds about each of these subjects, first to last."""
    rows = tx.exec(
        select(AuditEntry)
        .where(
            col(AuditEntry.subject_id).in_(subject_ids),
            col(AuditEntry.action).in_([action.value for action in actions]),
            unindexed(col(AuditEntry.organization_id)) == organization_id,
        )
        .order_by(col(AuditEntry.subject_id), col(AuditEntry.sequence))
    )
    found: dict[UUID, list[AuditEntry]] = {}
    for row in rows:
        found.setdefault(row.subject_id, []).append(row)
    return found


def last_action(
    tx: Session, organization_id: UUID, subject_id: UUID, actions: Collection[Action]
) -> str | None:
    """Return the kind of the last entry of these kinds about one subject; None where is none.

    The database is asked by the subject's index, from its end.
    """
    asked = {"subject_id": subject_id, "organization_id": organization_id}
    found = tx.exec(_LAST_ACTION, params=asked | {"actions": [each.value for each in actions]})
    return found.first()


def append(
    tx: Session,
    *,
    statements: Sequence[Mapping[str, Any]],
    nodes: Sequence[Mapping[str, Any]],
    entries: Sequence[Mapping[str, Any]],
) -> None:
    """Add the next entries, in order, with their statements and the nodes that they complete.

    The database refuses what does not follow the last entry.
    """
    ready.insert_all(tx, StatementRow, statements)
    ready.insert_all(tx, LogNode, nodes)
    ready.insert_all(tx, AuditEntry, entries)


def statement(tx: Session, statement_hash: bytes) -> StatementRow | None:
    """Return the statement with this hash, whosever it is; None where there is none."""
    return tx.get(StatementRow, statement_hash)


def carrying_out(tx: Session, organization_id: UUID, statement_hash: bytes) -> list[AuditEntry]:
    """Return the entries that carry out the statement with this hash, first to last."""
    found = tx.exec(
        select(AuditEntry)
        .where(AuditEntry.statement_hash == statement_hash)
        .order_by(col(AuditEntry.sequence))
    )
    return [row for row in found if row.organization_id == organization_id]


def recent(
    tx: Session, organization_id: UUID, *, subject_id: UUID | None, before: int | None, limit: int
) -> list[AuditEntry]:
    """Return the newest entries, newest first, below sequence `before`."""
    query = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    newest = col(AuditEntry.sequence).desc()
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
        # A subject's few entries are sorted, rather than the whole log walked in order.
        newest = unindexed(col(AuditEntry.sequence)).desc()
    return list(tx.exec(query.order_by(newest).limit(limit)).all())


def _unreadable() -> Tampered:
    return Tampered("audit_altered")


def about(
    tx: Session, subject_id: UUID, actions: Collection[str]
) -> Iterable[tuple[AuditEntry, StatementRow | None]]:
    """Return the entries of these actions about a subject, each with its statement; any order."""
    return tx.exec(_ABOUT, params={"subject_id": subject_id, "actions": list(actions)})
