"""The register of vault keys: which exist, which are dead, which shares are known to be deleted.

The shares themselves are in the vault; nothing is opened here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, TextClause, and_, or_, text, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from assigncli.domain.actions import SEALING
from assigncli.server.store import ready
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.conditions import IS_COMPLETED, NOT_SHREDDED, RETENTION_RUNS
from assigncli.server.store.tables import Assignment, AuditEntry, EncryptionKey, Organization

_BATCH = 500
_NAMED = 100
"""SQLite refuses an OR of many more terms as too deep."""


@dataclass(frozen=True)
class Retired:
    """The key of a completed assignment whose retention is over."""

    key_id: UUID
    assignment_id: UUID
    number: int
    retired_at: datetime


@dataclass(frozen=True)
class Live:
    """A live key, its commitment, and its assignment's recipient and dispatcher.

    `number`, recipient and dispatcher are None where no assignment has this key.
    """

    key_id: UUID
    organization_id: UUID
    organization: str
    assignment_id: UUID
    share_commitment: bytes
    number: int | None
    recipient_id: UUID | None
    dispatcher_id: UUID | None


def by_id(tx: Session, key_id: UUID) -> EncryptionKey | None:
    """Return the register's row of a key, or None."""
    return tx.get(EncryptionKey, key_id)


def live(tx: Session, after: UUID | None, limit: int) -> list[Live]:
    """Return live keys of every organisation, ordered by id, after `after`."""
    query = _live().order_by(col(EncryptionKey.id)).limit(limit)
    if after is not None:
        query = query.where(col(EncryptionKey.id) > after)
    return [Live(*row) for row in tx.connection().execute(query)]


def live_among(tx: Session, key_ids: Sequence[UUID]) -> list[Live]:
    """Return those of these keys that are live; at most one page of keys."""
    query = _live().where(col(EncryptionKey.id).in_(key_ids))
    return [Live(*row) for row in tx.connection().execute(query)]


def _live() -> Select[Any]:
    key, assignment = EncryptionKey, Assignment
    columns: list[Any] = [
        col(key.id),
        col(key.organization_id),
        col(Organization.name),
        col(key.assignment_id),
        col(key.share_commitment),
        col(assignment.number),
        col(assignment.recipient_user_id),
        col(assignment.dispatched_by_user_id),
    ]
    own = and_(
        col(assignment.id) == col(key.assignment_id),
        unindexed(col(assignment.encryption_key_id)) == col(key.id),
    )
    return (
        sql_select(*columns)
        .join(Organization, col(Organization.id) == col(key.organization_id))
        .outerjoin(assignment, own)
        .where(col(key.revoked_at).is_(None))
    )


def registered(tx: Session, key_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `key_ids` that the register holds, of any organisation."""
    return _among(tx, key_ids)


def dead(tx: Session, organization_id: UUID, key_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `key_ids` that the register says are dead and of this organisation."""
    return _among(
        tx,
        key_ids,
        col(EncryptionKey.revoked_at).is_not(None),
        unindexed(col(EncryptionKey.organization_id)) == organization_id,
    )


def live_of(tx: Session, organization_id: UUID, key_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of `key_ids` that the register has as live, of this organisation."""
    own = unindexed(col(EncryptionKey.organization_id)) == organization_id
    return frozenset(_among(tx, list(key_ids), col(EncryptionKey.revoked_at).is_(None), own))


def all_live(tx: Session) -> set[UUID]:
    """Return the live keys of every organisation."""
    return set(tx.exec(select(EncryptionKey.id).where(col(EncryptionKey.revoked_at).is_(None))))


def numbers_of(tx: Session, key_ids: Collection[UUID]) -> list[int]:
    """Return the numbers of the assignments that are sealed with these keys, in order."""
    found: set[int] = set()
    ordered, own = list(key_ids), unindexed(col(Assignment.encryption_key_id))
    for start in range(0, len(ordered), _BATCH):
        part = ordered[start : start + _BATCH]
        found.update(tx.exec(select(Assignment.number).where(own.in_(part))))
    return sorted(found)


def is_live(tx: Session, key_id: UUID) -> bool:
    """Say whether the register has the key as live."""
    query = select(EncryptionKey.id).where(EncryptionKey.id == key_id)
    return tx.exec(query.where(col(EncryptionKey.revoked_at).is_(None))).first() is not None


def is_found_retired(tx: Session, key_id: UUID, before: datetime) -> bool:
    """Say whether `retired` would return this key: its columns say that its retention is over."""
    query = (
        select(EncryptionKey.id)
        .join(Assignment, col(Assignment.encryption_key_id) == col(EncryptionKey.id))
        .where(
            EncryptionKey.id == key_id,
            text(RETENTION_RUNS),
            text(f"assignments.{IS_COMPLETED}"),
            col(EncryptionKey.retired_at) < before,
        )
    )
    return tx.exec(query).first() is not None


def assignment_of(tx: Session, key_id: UUID) -> UUID:
    """Return the key's assignment according to the register; the nil id for an unknown key."""
    query = select(EncryptionKey.assignment_id).where(EncryptionKey.id == key_id)
    return tx.exec(query).first() or UUID(int=0)


def unshredded_among(tx: Session, key_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `key_ids` that are dead and whose share is not known to be deleted."""
    return _among(tx, key_ids, text(NOT_SHREDDED))


def shredded_among(tx: Session, key_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `key_ids` whose share is known to be deleted."""
    return _among(tx, key_ids, col(EncryptionKey.shredded_at).is_not(None))


def number_of(tx: Session, organization_id: UUID, assignment_id: UUID) -> int | None:
    """Return the number of the organisation's assignment, live or archived, or None."""
    for table in (Assignment, ArchivedAssignment):
        query = select(table.number).where(
            table.id == assignment_id,
            unindexed(col(table.organization_id)) == organization_id,
        )
        found = tx.exec(query).first()
        if found is not None:
            return found
    return None


def named_somewhere(tx: Session, key_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `key_ids` that an audit entry or an assignment's row names.

    This scans both tables. It is only called for shares that the register does not know, which
    exist only after a crash.
    """
    found: set[UUID] = set()
    for start in range(0, len(key_ids), _NAMED):
        part = key_ids[start : start + _NAMED]
        own = unindexed(col(Assignment.encryption_key_id))
        found.update(tx.exec(select(own).where(own.in_(part))))
        details = col(AuditEntry.details)
        naming = select(details).where(
            col(AuditEntry.action).in_(SEALING),
            or_(*(details.contains(str(key_id)) for key_id in part)),
        )
        for text_ in tx.exec(naming.execution_options(yield_per=_BATCH)):
            found.update(key_id for key_id in part if str(key_id) in text_)
    return found


def write(tx: Session, register: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Write columns of keys, by key: all of a new one's, or moments that are still empty.

    A share is deleted only after the commit that says its key is dead.
    """
    new = [{"id": id_, **columns} for id_, columns in register.items() if "created_at" in columns]
    ready.insert_all(tx, EncryptionKey, new)
    for key_id, columns in register.items():
        if "created_at" not in columns:
            unwritten = [getattr(EncryptionKey, name).is_(None) for name in columns]
            own = col(EncryptionKey.id) == key_id
            tx.connection().execute(
                update(EncryptionKey).where(own, *unwritten).values(dict(columns))
            )


def retired(
    tx: Session, organization_id: UUID, before: datetime, after: Retired | None, limit: int
) -> list[Retired]:
    """Return live keys that were retired before that moment, oldest first, after `after`."""
    moment, key_id = col(EncryptionKey.retired_at), col(EncryptionKey.id)
    query = (
        select(EncryptionKey.id, EncryptionKey.retired_at, Assignment.id, Assignment.number)
        .join(Assignment, col(Assignment.encryption_key_id) == col(EncryptionKey.id))
        .where(
            EncryptionKey.organization_id == organization_id,
            text(RETENTION_RUNS),
            text(f"assignments.{IS_COMPLETED}"),
            moment < before,
        )
        .order_by(moment, key_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(
            moment >= after.retired_at,
            (moment > after.retired_at) | (key_id > after.key_id),
        )
    rows = tx.exec(query)
    return [Retired(key, assignment, number, at or before) for key, at, assignment, number in rows]


def unshredded(tx: Session, organization_id: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """Return dead keys whose share is not known to be deleted, ordered by id, after `after`."""
    query = select(EncryptionKey.id).where(
        EncryptionKey.organization_id == organization_id, text(NOT_SHREDDED)
    )
    if after is not None:
        query = query.where(EncryptionKey.id > after)
    return list(tx.exec(query.order_by(col(EncryptionKey.id)).limit(limit)))


def shredded(tx: Session, key_ids: Collection[UUID], now: datetime) -> None:
    """Record that the shares of these dead keys are deleted; `now` is aware UTC."""
    ordered = list(key_ids)
    for start in range(0, len(ordered), _BATCH):
        tx.connection().execute(
            update(EncryptionKey)
            .where(
                col(EncryptionKey.id).in_(ordered[start : start + _BATCH]),
                col(EncryptionKey.revoked_at).is_not(None),
                col(EncryptionKey.shredded_at).is_(None),
            )
            .values(shredded_at=now)
        )


def _among(
    tx: Session, key_ids: Sequence[UUID], *conditions: ColumnElement[bool] | TextClause
) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(key_ids), _BATCH):
        part = key_ids[start : start + _BATCH]
        found.update(
            tx.exec(select(EncryptionKey.id).where(col(EncryptionKey.id).in_(part), *conditions))
        )
    return found
