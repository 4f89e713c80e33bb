"""Run the migrations on a connection that is already in a write transaction.

The only module that imports Alembic. It neither opens a file nor commits.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision; the caller commits."""
    command.upgrade(config(connection), "head")


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, built here so that no ini file can change it."""
    made = Config()
    made.set_main_option("script_location", "assigncli.server.store:migrations")
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
