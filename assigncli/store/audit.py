"""The audit log's rows: its tail, one more entry, and reading it in order.

Signing and hashing are `crypto.chain`'s; here an entry is only kept. Inside `store.write()` the
tail cannot move, since a writer holds the store alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from assigncli.domain.audit import Action
from assigncli.store.columns import unindexed
from assigncli.store.tables import AuditEntry


def tail(tx: Session, organization_id: UUID) -> tuple[int, bytes | None]:
    """Return the last sequence and its hash; (0, None) for an empty log."""
    found = tx.exec(
        select(AuditEntry.sequence, AuditEntry.entry_hash)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).first()
    return (0, None) if found is None else (found[0], found[1])


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


def last_action(
    tx: Session, organization_id: UUID, subject_id: UUID, actions: Collection[Action]
) -> str | None:
    """Return the kind of the last entry of these kinds about one subject; None where is none.

    The database is asked by the subject's index, from its end.
    """
    return tx.exec(
        select(AuditEntry.action)
        .where(
            AuditEntry.subject_id == subject_id,
            unindexed(col(AuditEntry.organization_id)) == organization_id,
            col(AuditEntry.action).in_([action.value for action in actions]),
        )
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).first()


def neighbours(
    tx: Session, organization_id: UUID, sequence: int
) -> tuple[bytes | None, bytes | None]:
    """Return the hash of the entry before, and the hash that the entry after says it follows.

    None where there is no such entry.
    """
    rows = tx.exec(
        select(AuditEntry.sequence, AuditEntry.entry_hash, AuditEntry.previous_hash).where(
            AuditEntry.organization_id == organization_id,
            col(AuditEntry.sequence).in_([sequence - 1, sequence + 1]),
        )
    ).all()
    before = next((own for place, own, _previous in rows if place < sequence), None)
    after = next((previous for place, _own, previous in rows if place > sequence), None)
    return before, after


def append_all(tx: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add the next entries, in order; the database refuses one that does not follow the tail."""
    if entries:
        tx.connection().execute(insert(AuditEntry), [dict(entry) for entry in entries])


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
