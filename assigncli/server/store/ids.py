"""Which ids are somebody's or something's already.

The log names assignments, members, cycles and organisations by their ids alone. If two of them had
one id, the entries of one would be taken for those of the other.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, CompoundSelect, bindparam, union
from sqlmodel import Session, col, select

from assigncli.server.store.tables import (
    ArchivedAssignment,
    Assignment,
    AuditEntry,
    Member,
    Organization,
    ReportingCycle,
)

_NAMED: Final = (
    Assignment.id,
    ArchivedAssignment.id,
    Member.id,
    ReportingCycle.id,
    Organization.id,
    AuditEntry.subject_id,
)


def taken(tx: Session, ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of `ids` that something of any organisation has, or an entry speaks of."""
    found = tx.exec(_query(), params={"ids": list(ids)})  # type: ignore[call-overload]
    return frozenset(each for (each,) in found)


@lru_cache(maxsize=1)
def _query() -> CompoundSelect[tuple[UUID]]:
    """Built once: to build it costs more than to run it."""
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    return union(*(select(each).where(col(each).in_(ids)) for each in _NAMED))
