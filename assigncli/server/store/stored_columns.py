"""Every column that a store has, from the tables themselves."""

from __future__ import annotations

from sqlmodel import SQLModel

# Each module with tables is imported, so that none is missing among the columns.
from assigncli.server.store import (
    archived,
    contact_attempts,
    invitations,
    restores,
    scheduled,
    statement_rows,
    tables,
    wraps,
)

_WITH_TABLES = (
    *(archived, contact_attempts, invitations, restores),
    *(scheduled, statement_rows, tables, wraps),
)


def stored_columns() -> dict[str, tuple[str, ...]]:
    """Return the columns of every table, by the table's name."""
    return {
        name: tuple(column.name for column in table.columns)
        for name, table in sorted(SQLModel.metadata.tables.items())
    }
