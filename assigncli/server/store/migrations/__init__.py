"""The schema's history, as Alembic revisions. A released revision never changes."""
