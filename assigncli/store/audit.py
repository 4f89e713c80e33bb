"""The audit log's rows: its tail, one more entry, and reading it in order.

Signing and hashing are `crypto.chain`'s; here an entry is only kept. Inside `store.write()` the
tail cannot move, since a writer holds the store alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from assigncli.store.columns import unindexed
from assigncli.store.tables import AuditEntry

_BATCH: Final = 500


def tail(tx: Session, organization_id: UUID) -> tuple[int, bytes | None]:
    """Return the last sequence and its hash; (0, None) for an empty log."""
    found = tx.exec(
        select(AuditEntry.sequence, AuditEntry.entry_hash)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).first()
    return (0, None) if found is None else (found[0], found[1])


def append(tx: Session, entry: AuditEntry) -> None:
    """Add the next entry; the database refuses one that does not follow the tail."""
    tx.add(entry)
    tx.flush()


def in_order(tx: Session, organization_id: UUID) -> Iterator[AuditEntry]:
    """Yield every entry as the rows lie, by sequence and then by row, in bounded memory."""
    after = (0, 0)
    while True:
        batch = tx.exec(
            select(AuditEntry)
            .where(
                AuditEntry.organization_id == organization_id,
                (col(AuditEntry.sequence) > after[0])
                | ((col(AuditEntry.sequence) == after[0]) & (col(AuditEntry.id) > after[1])),
            )
            .order_by(col(AuditEntry.sequence), col(AuditEntry.id))
            .limit(_BATCH)
        ).all()
        if not batch:
            return
        yield from batch
        after = (batch[-1].sequence, batch[-1].id or 0)
        tx.expunge_all()


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
