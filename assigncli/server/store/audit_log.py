"""The audit log's rows: entries, the statements they carry out, and the tree's nodes over them.

Nothing is signed, hashed or verified here. Inside `store.write()` the log cannot grow otherwise,
because a writer holds the store exclusively.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, text
from sqlmodel import Session, col, select

from assigncli.domain.actions import Action
from assigncli.errors import Tampered
from assigncli.server.store import ready
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.conditions import REPLACING
from assigncli.server.store.statement_rows import LogNode, StatementRow
from assigncli.server.store.tables import AuditEntry

# A complete subtree of 2^level leaves is part of the root of `size` leaves if that bit is set.
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
# Built once, because building it costs more than running it.
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
    """The end of a log: its size and the time of its last entry (aware UTC, None if empty).

    `nodes` are those from which its root is computed, by level and place; missing ones are left
    out.
    """

    size: int
    at: datetime | None
    nodes: Mapping[tuple[int, int], bytes]


# Built once, because building it costs more than running it.
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
    """Return the last entry's sequence, which is the number of entries; 0 for an empty log."""
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
    """Return the nodes at these levels and places; missing ones are left out."""
    if not places:
        return {}
    # A list of pairs would scan all nodes of the organisation; a join uses the index.
    marks = ", ".join(["(?, ?)"] * len(places))
    asked = [number for place in places for number in place]
    rows = tx.connection().exec_driver_sql(
        _NODES.format(marks=marks), (*asked, organization_id.hex)
    )
    return {(level, place): found for level, place, found in rows}


def newest_moment(tx: Session, organization_id: UUID) -> datetime | None:
    """Return the time of the last entry (aware UTC); None for an empty log."""
    return tx.exec(
        select(AuditEntry.at)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).first()


def count_about(tx: Session, organization_id: UUID, subject_id: UUID) -> int:
    """Return the number of entries about one subject, using the subject's index."""
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
    """Return the action of the last of these entries about one subject, or None.

    The query reads the subject's index from its end.
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
    """Add the next entries, in order, with their statements and the nodes they complete.

    The database refuses entries that do not follow the last one.
    """
    ready.insert_all(tx, StatementRow, statements)
    ready.insert_all(tx, LogNode, nodes)
    ready.insert_all(tx, AuditEntry, entries)


def statement(tx: Session, statement_hash: bytes) -> StatementRow | None:
    """Return the statement with this hash, of any organisation, or None."""
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
    """Return the newest entries below sequence `before`, newest first."""
    query = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    newest = col(AuditEntry.sequence).desc()
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
        # Sort a subject's few entries instead of walking the whole log in order.
        newest = unindexed(col(AuditEntry.sequence)).desc()
    return list(tx.exec(query.order_by(newest).limit(limit)).all())


def often(
    tx: Session, organization_id: UUID, action: Action, since: datetime, above: int, within: int
) -> dict[UUID, int]:
    """Return who has more than `above` entries of this action since a moment, and how many.

    Only the newest `within` entries are looked at, so that it costs the same in a long log.
    """
    newest = (
        select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.at)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(within)
        .subquery()
    )
    query = (
        select(newest.c.actor_id, func.count())
        .where(newest.c.action == action.value, newest.c.at >= since)
        .group_by(newest.c.actor_id)
        .having(func.count() > above)
    )
    return dict(tx.exec(query).all())


def _unreadable() -> Tampered:
    return Tampered("audit_altered")


def replacements(tx: Session, organization_id: UUID) -> list[AuditEntry]:
    """Return the entries that replaced the service, first to last."""
    rows = tx.exec(
        select(AuditEntry)
        .where(AuditEntry.organization_id == organization_id, text(REPLACING))
        .order_by(col(AuditEntry.sequence))
    )
    return list(rows.all())


def about(
    tx: Session, subject_id: UUID, actions: Collection[str]
) -> Iterable[tuple[AuditEntry, StatementRow | None]]:
    """Return the entries of these actions about a subject, each with its statement; unordered."""
    return tx.exec(_ABOUT, params={"subject_id": subject_id, "actions": list(actions)})
