"""The first schema: every table and index as declared, and `schema.sql`.

Until the first release it changes with them. After that, each change is a new revision.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

import assigncli.server.store.archived
import assigncli.server.store.contact_attempts
import assigncli.server.store.invitations
import assigncli.server.store.restores
import assigncli.server.store.scheduled
import assigncli.server.store.statement_rows
import assigncli.server.store.tables
import assigncli.server.store.wraps  # noqa: F401 - fills the metadata
from assigncli.server.store.schema import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    connection = op.get_bind()
    tables = SQLModel.metadata.sorted_tables
    for table in tables:
        connection.execute(CreateTable(table))
    # SQLAlchemy keeps a table's indexes in a set, and the planner's choice between two equally good
    # ones depends on their order of creation.
    indexes = (index for table in tables for index in table.indexes)
    for index in sorted(indexes, key=lambda index: str(index.name)):
        connection.execute(CreateIndex(index))
    for statement in statements():
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: there is nothing before the first schema."""
    raise NotImplementedError("there is nothing before the first schema")
