"""Queries on refused and withdrawn statements, and on the hours in which attempts are counted.

Which attempt makes an entry, and how long a hash is kept, is decided in `domain.attempts`. A device
is its certificate; all keys without one (None) count as one device.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, insert, literal, select, update
from sqlmodel import Session, col

from assigncli.server.store.column_types import unindexed
from assigncli.server.store.statement_rows import RefusedStatement

WITHDRAWN: Final = "statement_withdrawn"

_ROW: Final = RefusedStatement
_BEGUN: Final = select(
    col(_ROW.certificate_id), col(_ROW.sequence), col(_ROW.at), col(_ROW.counted)
).where(col(_ROW.counted).is_not(None))


_GLANCE: Final = """
SELECT EXISTS (SELECT 1 FROM audit_log WHERE statement_hash = ?),
  EXISTS (SELECT 1 FROM refused_statements WHERE hash = ?),
  EXISTS (SELECT 1 FROM refused_statements WHERE organization_id = ? AND certificate_id = ?)
"""


@dataclass(frozen=True)
class Begun:
    """The row that began an hour: its device, its entry, its time (aware UTC), and the count."""

    certificate_id: UUID | None
    sequence: int
    at: datetime
    counted: int


@dataclass(frozen=True)
class Glance:
    """What is known of a statement before any row is read: carried out, or kept as refused.

    `has_others` says whether anything is kept of other statements of its device.
    """

    is_carried_out: bool
    is_kept: bool
    has_others: bool


def glance(
    tx: Session, organization_id: UUID, statement_hash: bytes, certificate_id: UUID
) -> Glance:
    """Return in one query whether there is anything to read about a statement."""
    found = tx.connection().exec_driver_sql(
        _GLANCE, (statement_hash, statement_hash, organization_id.hex, certificate_id.hex)
    )
    return Glance(*map(bool, found.one()))


def by_hash(tx: Session, organization_id: UUID, statement_hash: bytes) -> RefusedStatement | None:
    """Return the row of a refused or withdrawn statement, or None."""
    query = select(RefusedStatement).where(
        col(_ROW.hash) == statement_hash, unindexed(col(_ROW.organization_id)) == organization_id
    )
    return tx.scalars(query).first()


def count_kept(
    tx: Session,
    organization_id: UUID,
    certificate_id: UUID | None,
    now: datetime,
    *,
    withdrawn: bool,
    limit: int,
) -> int:
    """Return how many hashes of a device must be known at `now`, counted up to `limit`.

    Either those withdrawn or those refused, never both.
    """
    code = col(_ROW.code)
    kept = (
        select(literal(1))
        .where(
            *_of_device(organization_id, certificate_id),
            col(_ROW.kept_until) >= now,
            code == WITHDRAWN if withdrawn else code != WITHDRAWN,
        )
        .limit(limit)
    )
    counted = select(func.count()).select_from(kept.subquery())
    return int(tx.connection().execute(counted).scalar_one())


def begun(tx: Session, organization_id: UUID, certificate_id: UUID | None) -> Begun | None:
    """Return the device's hour that is not reported yet, over or not, or None."""
    query = _BEGUN.where(*_of_device(organization_id, certificate_id))
    found = tx.connection().execute(query).first()
    return None if found is None else _read(found)


def begun_before(tx: Session, organization_id: UUID, moment: datetime) -> list[Begun]:
    """Return the hours that began before `moment` and are not reported yet, the earliest first."""
    query = _BEGUN.where(col(_ROW.organization_id) == organization_id, col(_ROW.at) < moment)
    found = tx.connection().execute(query.order_by(unindexed(col(_ROW.sequence))))
    return [_read(each) for each in found]


def recorded_since(
    tx: Session, organization_id: UUID, certificate_id: UUID | None, sequence: int
) -> list[tuple[str, UUID, str]]:
    """Return act, subject and code of a device's attempts that made an entry, from this one on."""
    query = select(col(_ROW.act), col(_ROW.subject_id), col(_ROW.code)).where(
        *_of_device(organization_id, certificate_id), col(_ROW.sequence) >= sequence
    )
    return [(act, subject, code) for act, subject, code in tx.connection().execute(query)]


def keep(tx: Session, row: RefusedStatement) -> None:
    """Insert a row; the database refuses a hash that is kept already, or carried out."""
    tx.connection().execute(insert(RefusedStatement), [row.model_dump()])


def count(tx: Session, organization_id: UUID, certificate_id: UUID | None, first: int) -> None:
    """Count one more attempt in the hour that the entry `first` began."""
    _change(tx, organization_id, certificate_id, first, counted=col(_ROW.counted) + 1)


def end(tx: Session, organization_id: UUID, certificate_id: UUID | None, first: int) -> None:
    """End the hour that the entry `first` began: it is reported, or there is nothing to report."""
    _change(tx, organization_id, certificate_id, first, counted=None)


def empty_bodies(
    tx: Session, organization_id: UUID, certificate_id: UUID | None, *, newest: int, of_all: int
) -> None:
    """Empty all bodies except the device's `newest` and the organisation's newest `of_all`."""
    device = _of_device(organization_id, certificate_id)
    everybody = (col(_ROW.organization_id) == organization_id,)
    for whose, most in ((device, newest), (everybody, of_all)):
        has_body = (*whose, col(_ROW.sequence).is_not(None), col(_ROW.body).is_not(None))
        last = (
            select(col(_ROW.sequence))
            .where(*has_body)
            .order_by(col(_ROW.sequence).desc())
            .offset(most)
            .limit(1)
        )
        tx.connection().execute(
            update(RefusedStatement)
            .where(*has_body, col(_ROW.sequence) <= last.scalar_subquery())
            .values(body=None, signature=None)
        )


def forget(tx: Session, organization_id: UUID, now: datetime) -> None:
    """Delete the rows that are no longer needed at `now`: no body, no hour, no hash to be known."""
    tx.connection().execute(
        delete(RefusedStatement).where(
            col(_ROW.organization_id) == organization_id,
            col(_ROW.kept_until) < now,
            col(_ROW.body).is_(None),
            col(_ROW.counted).is_(None),
        )
    )


def _of_device(
    organization_id: UUID, certificate_id: UUID | None
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        col(_ROW.organization_id) == organization_id,
        col(_ROW.certificate_id).is_not_distinct_from(certificate_id),
    )


def _read(row: Row[*tuple[Any, ...]]) -> Begun:
    return Begun(row.certificate_id, row.sequence, row.at, row.counted)


def _change(
    tx: Session, organization_id: UUID, certificate_id: UUID | None, first: int, **values: object
) -> None:
    tx.connection().execute(
        update(RefusedStatement)
        .where(*_of_device(organization_id, certificate_id), col(_ROW.sequence) == first)
        .values(**values)
    )
