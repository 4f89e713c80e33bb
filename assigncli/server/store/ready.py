"""Write many rows with one statement: convert each value for its column and pass it to the driver.

SQLAlchemy's own `insert` builds a dictionary of parameters for each row and looks for defaults.
Here there are none: the first row gives the columns, and each row must have them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlmodel import Session, SQLModel

# Statements consist only of our own table and column names; values are always parameters.
Rows = Sequence[Mapping[str, Any]]
Bound = Callable[[Any], Any]


def insert_all(tx: Session, table: type[SQLModel], rows: Rows) -> None:
    """Write new rows of one table, in order; all have the columns of the first."""
    if not rows:
        return
    names = tuple(rows[0])
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    own = _table(table)
    _execute(tx, own, f"INSERT INTO {own.name} ({columns}) VALUES ({marks})", names, rows)  # noqa: S608


def update_all(tx: Session, table: type[SQLModel], rows: Rows, condition: str) -> int:
    """Write columns of the rows with these `id`s that meet `condition`; return how many did."""
    own, names = _table(table), tuple(name for name in rows[0] if name != "id")
    changed = ", ".join(f"{name} = ?" for name in names)
    statement = f"UPDATE {own.name} SET {changed} WHERE id = ? AND {condition}"  # noqa: S608
    return _execute(tx, own, statement, (*names, "id"), rows)


def _execute(tx: Session, table: Table, statement: str, names: tuple[str, ...], rows: Rows) -> int:
    """Execute a statement once per row with these columns; return how many rows it changed."""
    connection = tx.connection()
    bounds = _bound(table, names, connection.dialect)
    columns = [
        _column(bound, [row[name] for row in rows])
        for name, bound in zip(names, bounds, strict=True)
    ]
    return connection.exec_driver_sql(statement, list(zip(*columns, strict=True))).rowcount


def _column(bound: Bound | None, values: list[Any]) -> list[Any]:
    """Return a column's values for the driver; a value common to all rows is converted once."""
    if bound is None:
        return values
    first = values[0]
    if all(each is first for each in values):
        return [bound(first)] * len(values)
    return list(map(bound, values))


@lru_cache(maxsize=64)
def _bound(table: Table, names: tuple[str, ...], dialect: Dialect) -> list[Bound | None]:
    types = [table.c[name].type.dialect_impl(dialect) for name in names]
    return [each.bind_processor(dialect) for each in types]


def _table(table: type[SQLModel]) -> Table:
    found: Table = table.__table__  # type: ignore[attr-defined]
    return found
