"""The first schema: every table, index and guard, as frozen in the SQL file beside this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    connection = op.get_bind()
    for statement in _statements(Path(__file__).with_suffix(".sql")):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: there is nothing before the first schema."""
    raise NotImplementedError("there is nothing before the first schema")


def _statements(path: Path) -> Iterator[str]:
    """Split by whole statements, so that a trigger's own semicolons stay inside it."""
    gathered = ""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        gathered += line
        if gathered.strip() and sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
