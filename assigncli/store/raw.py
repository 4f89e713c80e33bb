"""Values as the database keeps them: what a column would hold, and what it does hold.

So that a value that cannot even be read is compared like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, select, type_coerce
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel

Raw = Mapping[str, Any]
"""Columns of one row, by name."""

PART: Final = 200
_DIALECT: Final = sqlite.dialect()


def stored(table: type[SQLModel], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the database keeps for these values of columns of a table."""
    return {name: _kept(table, name)(value) for name, value in columns.items()}


def column(table: type[SQLModel], name: str) -> ColumnElement[Any]:
    """Return a column whose value is given as it lies."""
    return type_coerce(getattr(table, name), NullType())


def rows(
    tx: Session,
    table: type[SQLModel],
    *where: ColumnElement[bool],
    order: Collection[ColumnElement[Any]] = (),
    without: Collection[str] = (),
) -> Iterator[list[Raw]]:
    """Yield rows of a table, whatever stands in them, in parts; all columns but those `without`."""
    names = [each.name for each in _table(table).columns if each.name not in without]
    query = select(*(column(table, name) for name in names)).where(*where).order_by(*order)
    found = tx.connection().execute(query.execution_options(yield_per=PART))
    for part in found.partitions():
        yield [dict(zip(names, row, strict=True)) for row in part]


def about(
    tx: Session,
    table: type[SQLModel],
    name: str,
    ids: Collection[Any],
    without: Collection[str] = (),
    order: Collection[ColumnElement[Any]] = (),
) -> dict[Any, list[Raw]]:
    """Return the rows of a table whose column is one of these ids as they lie, by id, in order.

    That is the order of their keys where no other is given.
    """
    found: dict[Any, list[Raw]] = {}
    order = order or _table(table).primary_key.columns.values()
    for part in rows(tx, table, column(table, name).in_(ids), order=order, without=without):
        for row in part:
            found.setdefault(row[name], []).append(row)
    return found


@cache
def _kept(table: type[SQLModel], name: str) -> Callable[[Any], Any]:
    kind = _table(table).columns[name].type.dialect_impl(_DIALECT)
    return kind.bind_processor(_DIALECT) or (lambda value: value)


def _table(table: type[SQLModel]) -> Table:
    found: Table = table.__table__  # type: ignore[attr-defined]
    return found
