"""The schema revisions, and the statements of `schema.sql`; does not import Alembic."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

REVISIONS: Final = ("0001",)
"""Every revision this program can upgrade from, oldest first."""

HEAD: Final = REVISIONS[-1]


def is_known(revision: str) -> bool:
    """Say whether this program knows the revision; an unknown one is from a later program."""
    return revision in REVISIONS


def statements() -> Iterator[str]:
    """Yield each statement of `schema.sql`, with the comment above it."""
    gathered = ""
    source = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for line in source.splitlines(keepends=True):
        gathered += line
        # The semicolons inside a trigger do not end it.
        if gathered.strip() and sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
