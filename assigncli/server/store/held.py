"""Everything that the store holds about one member: each row that names them, table by table.

The tables themselves say which columns name a member, so that a new table is not forgotten. What is
about a person visited is left out, and so are keys, digests and signatures, which say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Table,
    Uuid,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel

import assigncli.server.store.archived
import assigncli.server.store.contact_attempts
import assigncli.server.store.invitations
import assigncli.server.store.scheduled
import assigncli.server.store.statement_rows
import assigncli.server.store.tables
import assigncli.server.store.wraps  # noqa: F401 - fills the metadata

PART: Final = 200
_SPAN: Final = 20_000
"""How many rows are looked through in one transaction, so that no writer waits for long."""

NAMING: Final = frozenset(
    {
        *("member_id", "actor_id", "subject_id", "recipient_id", "set_by"),
        *("recipient_user_id", "dispatched_by_user_id"),
        *("recalled_by_user_id", "cancelled_by_user_id"),
    }
)
"""The columns whose value may be a member's id, besides `members.id`."""
DEVICES: Final = frozenset({"certificate_id", "maker_certificate_id"})
"""The columns whose value may be the id of a certificate of theirs."""
OF_OTHERS: Final = frozenset(
    {"subject_reference", "coordinator_notes", "internal_notes", "reason", "value"}
)
"""The texts that are not about the member."""
_LOG: Final = "audit_log"

Cell = str | int | None
TableColumn = Column[Any]


@dataclass(frozen=True)
class HeldPlace:
    """Where to read on: a table, and the hidden number of the last row read."""

    table: str
    after: int


@dataclass(frozen=True)
class Holder:
    """The member whose rows are wanted, and the ids of their certificates."""

    organization: UUID
    member: UUID
    certificates: tuple[UUID, ...]


Found = list[tuple[str, Mapping[str, Cell]]]


def rows(tx: Session, holder: Holder, place: HeldPlace | None) -> tuple[Found, HeldPlace | None]:
    """Return the next part of the rows, each with its table, and where to read on; None at the end.

    Tables come in the order of their names, rows in the order in which they were written.
    """
    after = 0 if place is None else place.after
    for table in tables():
        if place is not None and table.name < place.table:
            continue
        newest = select(func.max(_rowid(table))).select_from(table)
        last = tx.connection().execute(newest).scalar() or 0
        while after < last:
            found = list(_part(tx, holder, table, after))
            after = found[-1][0] if len(found) == PART else min(after + _SPAN, last)
            if found:
                told: Found = [(str(table.name), row) for _at, row in found]
                return told, HeldPlace(str(table.name), after)
            tx.commit()
        after = 0
    return [], None


def tables() -> list[Table]:
    """Return the tables that name members, by name."""
    found = (each for each in SQLModel.metadata.tables.values() if any(map(names, each.columns)))
    return sorted(found, key=lambda each: each.name)


def names(column: TableColumn) -> bool:
    """Say whether a column's value may be a member or one of their devices."""
    return column.name in NAMING | DEVICES or _is_member(column)


def shown(table: Table) -> list[str]:
    """Return the columns of a table that are given out, as plain text: SQLAlchemy's is quoted."""
    return [
        str(each.name)
        for each in table.columns
        if each.name not in OF_OTHERS and not isinstance(each.type, LargeBinary)
    ]


def _is_member(column: TableColumn) -> bool:
    return (column.table.name, column.name) == ("members", "id")


def _part(
    tx: Session, holder: Holder, table: Table, after: int
) -> Iterator[tuple[int, Mapping[str, Cell]]]:
    rowid, given = _rowid(table), shown(table)
    columns = [type_coerce(table.columns[name], NullType()) for name in given]
    query = (
        select(rowid, *columns)
        .where(rowid > after, rowid <= after + _SPAN, or_(*_conditions(holder, table)))
        .order_by(rowid)
        .limit(PART)
    )
    if "organization_id" in table.columns:
        query = query.where(table.columns["organization_id"] == holder.organization)
    for at, *values in tx.connection().execute(query).all():
        cells = zip(given, values, strict=True)
        yield at, {name: _cell(table, name, value) for name, value in cells}


def _conditions(holder: Holder, table: Table) -> Iterator[ColumnElement[bool]]:
    for column in table.columns:
        if column.name in NAMING or _is_member(column):
            yield column == holder.member
        elif column.name in DEVICES:
            yield column.in_(holder.certificates)
    if table.name == _LOG:  # what was decided for a mentor, or about a device, is in the facts
        for named in (holder.member, *holder.certificates):
            yield table.columns["details"].contains(str(named))


def _rowid(table: Table) -> ColumnElement[int]:
    return literal_column(f"{table.name}.rowid", Integer())


def _cell(table: Table, name: str, value: Any) -> Cell:
    if isinstance(value, str) and isinstance(table.columns[name].type, Uuid):
        return str(UUID(value)) if len(value) == len(UUID(int=0).hex) else value
    return value if isinstance(value, str | int) or value is None else str(value)
