"""The schema as tables and guards say it should be, to compare with what the migrations make.

Before the first release only: `python -m tests.unit.store.draft_schema` prints the SQL file of the
first migration anew. Afterwards a change of the schema is a revision of its own.
"""

from __future__ import annotations

from sqlalchemy import create_engine
from sqlmodel import SQLModel

import assigncli.store.evidence
import assigncli.store.invitations
import assigncli.store.scheduled
import assigncli.store.wraps  # noqa: F401 - fills the metadata, with that of the tables
from assigncli.store.guards import GUARDS

OBJECTS = (
    "SELECT type, name, sql FROM sqlite_master"
    " WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' ORDER BY rowid"
)


def wanted() -> list[tuple[str, str, str]]:
    """Return type, name and normalised text of every table, index and trigger."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
        for guard in GUARDS:
            connection.exec_driver_sql(guard.sql)
        found = [tuple(row) for row in connection.exec_driver_sql(OBJECTS)]
    engine.dispose()
    # SQLAlchemy keeps a table's indexes in a set: sorted by name, the file is the same every time.
    indexes = sorted(row for row in found if row[0] == "index")
    ordered = [row for row in found if row[0] == "table"] + indexes
    ordered += [row for row in found if row[0] == "trigger"]
    return [(kind, name, tidy(sql)) for kind, name, sql in ordered]


def tidy(sql: str) -> str:
    """Return the text without trailing blanks, which mean nothing."""
    return "\n".join(line.rstrip() for line in sql.replace("\t", "  ").strip().splitlines())


if __name__ == "__main__":
    print("\n\n".join(f"{sql};" for _kind, _name, sql in wanted()))
