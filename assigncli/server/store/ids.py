"""Find ids that are already taken.

The log names assignments, members, cycles and organisations only by id. If two of them had the same
id, the entries of one would be taken for those of the other.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, CompoundSelect, bindparam, union
from sqlmodel import Session, col, select

from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.tables import (
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
    """Return those of `ids` that a row of any organisation has, or an entry names."""
    found = tx.exec(_query(), params={"ids": list(ids)})  # type: ignore[call-overload]
    return frozenset(each for (each,) in found)


@lru_cache(maxsize=1)
def _query() -> CompoundSelect[tuple[UUID]]:
    """Return the query; built once, because building it costs more than running it."""
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    return union(*(select(each).where(col(each).in_(ids)) for each in _NAMED))
