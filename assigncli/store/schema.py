"""Which schema revisions there are, known without importing Alembic."""

from __future__ import annotations

from typing import Final

REVISIONS: Final = ("0001",)
"""Every revision this program can upgrade from, oldest first."""

HEAD: Final = REVISIONS[-1]


def is_known(revision: str) -> bool:
    """Say whether this program knows the revision; an unknown one is a later program's."""
    return revision in REVISIONS
