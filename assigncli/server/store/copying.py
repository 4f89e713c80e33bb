"""Copy a store that is in use, with SQLite's own backup, in steps in which a writer waits briefly.

A step holds the store for well under 0.2 seconds. Where somebody writes between two steps, SQLite
begins the copy again, because ours is another connection; after a few such times one step copies
the whole store, and writers wait for that. Nothing in the copy is interpreted here.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from assigncli.server.store.engine import BUSY_SECONDS
from assigncli.server.store.guard_refusals import refusal

PAGES: Final = 2_000
"""In one step: 8 MB, some 20 ms from memory and 80 ms from a slow disk."""
RESTARTS: Final = 3
"""How often the copy begins again before it is made in one step."""
_PAUSE: Final = 0.02
BACKUP_ID: Final = int.from_bytes(b"ASGB", "big")
"""The application id of the copy, so that no command opens it as a store."""


class _Outrun(Exception):
    """Others write faster than the steps copy."""


@dataclass
class _Progress:
    restarts: int
    left: int | None = None
    begun: int = 0
    waiting_since: float | None = None

    def __call__(self, status: int, remaining: int, _total: int) -> None:
        """Look at one step; raises _Outrun, and OperationalError where nobody lets us read."""
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self.waiting_since = self.waiting_since or monotonic()
            if monotonic() - self.waiting_since > BUSY_SECONDS:
                raise sqlite3.OperationalError("database is locked")
            return
        self.waiting_since = None
        if self.left is not None and remaining >= self.left:
            self.begun += 1
            if self.begun > self.restarts:
                raise _Outrun
        self.left = remaining


def copy(source: Path, target: Path, *, pages: int = PAGES, restarts: int = RESTARTS) -> None:
    """Copy the store into `target`, an empty file, as it was at one moment.

    Raises StoreUnavailable `store_busy`, `disk_full`, `store_damaged` and others.
    """
    try:
        with (
            closing(_opened(source)) as ours,
            closing(sqlite3.connect(target, isolation_level=None)) as theirs,
        ):
            # Nobody else has the copy, and it counts only once it is whole.
            for pragma in ("journal_mode = MEMORY", "synchronous = OFF"):
                theirs.execute(f"PRAGMA {pragma}")
            _in_steps(ours, theirs, pages, restarts)
    except sqlite3.Error as error:
        raise refusal(error) from None


def mark(path: Path, application_id: int) -> None:
    """Say in the file whether it is a store or a backup's copy of one."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute(f"PRAGMA application_id = {application_id}")
    except sqlite3.Error as error:
        raise refusal(error) from None


def _in_steps(
    ours: sqlite3.Connection, theirs: sqlite3.Connection, pages: int, restarts: int
) -> None:
    try:
        ours.backup(theirs, pages=pages, progress=_Progress(restarts), sleep=_PAUSE)
    except _Outrun:
        ours.backup(theirs, pages=-1, progress=_Progress(restarts), sleep=_PAUSE)


def _opened(source: Path) -> sqlite3.Connection:
    address = f"{source.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA journal_mode")
    return connection
