"""Values as the database keeps them: those a column would hold, and those it does hold.

So even an unreadable value can be compared like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel, col

from assigncli.server.store.column_types import unindexed

Raw = Mapping[str, Any]
"""The columns of one row, by name."""
TableClass = type[SQLModel]

PART: Final = 200
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
"""Every rowid is between these two."""
_DIALECT: Final = sqlite.dialect()


def stored(table: type[SQLModel], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the database keeps for these values of a table's columns."""
    return {name: _kept(table, name)(value) for name, value in columns.items()}


def column(table: type[SQLModel], name: str) -> ColumnElement[Any]:
    """Return a column whose value is read without conversion."""
    return type_coerce(getattr(table, name), NullType())


def of(table: TableClass, organization_id: UUID) -> ColumnElement[bool]:
    """Return the condition for the rows of one organisation, hidden from indexes."""
    return unindexed(col(table.organization_id)) == organization_id  # type: ignore[attr-defined]


def bounds(tx: Session, table: type[SQLModel], size: int = PART) -> Iterator[tuple[int, int]]:
    """Yield windows (low, high] of rowids, each with up to `size` rows of a table.

    Between two windows a new transaction begins, so that no writer waits for long; each window
    shows the rows as they are then. The last window is unbounded.
    """
    rowid = _rowid(table)
    low, high = _LEAST, _LEAST
    while high < _MOST:
        ends = select(rowid).select_from(table).where(rowid > low).order_by(rowid)
        high = tx.connection().execute(ends.limit(1).offset(size - 1)).scalar() or _MOST
        yield low, high
        low = high
        tx.commit()


def rows(
    tx: Session,
    table: type[SQLModel],
    *where: ColumnElement[bool],
    without: Collection[str] = (),
) -> Iterator[list[Raw]]:
    """Yield a table's rows in parts, oldest first, with all columns except those `without`.

    Columns in `where` should be hidden from indexes (`unindexed`), which would find the same rows
    again for each window.
    """
    names = [each.name for each in _table(table).columns if each.name not in without]
    query = _all(table, names, *where).order_by(_rowid(table))
    for low, high in bounds(tx, table):
        found = tx.connection().execute(query.where(between(table, low, high))).all()
        if found:
            yield [dict(zip(names, row, strict=True)) for row in found]


def at_once(tx: Session, table: type[SQLModel], *where: ColumnElement[bool]) -> list[Raw]:
    """Return a small table's rows as they are in this transaction, oldest first."""
    names = [each.name for each in _table(table).columns]
    query = _all(table, names, *where).order_by(_rowid(table))
    return [dict(zip(names, row, strict=True)) for row in tx.connection().execute(query).all()]


def about(
    tx: Session,
    table: type[SQLModel],
    name: str,
    ids: Collection[Any],
    without: Collection[str] = (),
    order: Collection[ColumnElement[Any]] = (),
) -> dict[Any, list[Raw]]:
    """Return a table's rows whose column `name` is one of these ids, as stored, by id.

    They are in the order of their primary keys, or of `order`.
    """
    found: dict[Any, list[Raw]] = {}
    order = order or _table(table).primary_key.columns.values()
    names = [each.name for each in _table(table).columns if each.name not in without]
    query = _all(table, names, column(table, name).in_(ids)).order_by(*order)
    for values in tx.connection().execute(query).all():
        row = dict(zip(names, values, strict=True))
        found.setdefault(row[name], []).append(row)
    return found


def between(table: type[SQLModel], low: int, high: int) -> ColumnElement[bool]:
    """Return the condition for the rows of a window."""
    return and_(_rowid(table) > low, _rowid(table) <= high)


def _rowid(table: type[SQLModel]) -> ColumnElement[int]:
    return literal_column(f"{_table(table).name}.rowid", Integer())


def _all(table: type[SQLModel], names: Collection[str], *where: ColumnElement[bool]) -> Select[Any]:
    wanted: list[Any] = [column(table, name) for name in names]
    return select(*wanted).where(*where)


@cache
def _kept(table: type[SQLModel], name: str) -> Callable[[Any], Any]:
    kind = _table(table).columns[name].type.dialect_impl(_DIALECT)
    return kind.bind_processor(_DIALECT) or (lambda value: value)


def _table(table: type[SQLModel]) -> Table:
    found: Table = table.__table__  # type: ignore[attr-defined]
    return found
