"""Find out whether a transaction was saved although its COMMIT failed.

SQLite commits by truncating the journal. If a sync fails after that, the transaction is committed
although COMMIT raised; an error before it leaves nothing behind. So every transaction that changes
something writes a random mark of its own, in the same commit as its rows, and a fresh connection
looks for it. Nothing is repeated or undone here.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_BYTES: Final = 8
_LETTERS: Final = 2 * _BYTES
_KEPT: Final = 64
# After these errors the transaction is still open, so that nothing of it was committed.
_LEAVE_IT_OPEN: Final = ("SQLITE_BUSY", "SQLITE_CONSTRAINT")


class CommitOutcome(Enum):
    """What happened to a transaction whose COMMIT failed."""

    SAVED = auto()
    NOT_SAVED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Mark:
    """One transaction's own mark, and the newest one before it; empty where there was none."""

    own: str
    before: str


def changes(connection: Connection) -> int:
    """Return how many rows this connection has ever changed."""
    driver = connection.connection.driver_connection
    return driver.total_changes if isinstance(driver, sqlite3.Connection) else 0


def leave_mark(connection: Connection) -> Mark | None:
    """Write this transaction's mark into it; None in a file that has no place for one."""
    own = secrets.token_hex(_BYTES)
    kept = connection.exec_driver_sql(
        "UPDATE store_info SET recent_writes = substr(? || recent_writes, 1, ?)"
        " RETURNING recent_writes",
        (own, _KEPT * _LETTERS),
    ).scalar()
    return None if kept is None else Mark(own, str(kept)[_LETTERS : 2 * _LETTERS])


def after_failed_commit(
    error: DBAPIError | sqlite3.Error, mark: Mark, connect: Callable[[], sqlite3.Connection]
) -> CommitOutcome:
    """Return what happened to the transaction; call it when its own connection is closed.

    `connect` opens a fresh connection, which first rolls back a hot journal. UNKNOWN where the file
    cannot be read now, or so much was written since that the mark may have been pushed out.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlite_errorname", "").startswith(_LEAVE_IT_OPEN):
        return CommitOutcome.NOT_SAVED
    return _asked(mark, connect)


def was_saved(mark: Mark, connect: Callable[[], sqlite3.Connection]) -> bool:
    """Say whether a transaction that was interrupted during COMMIT is known to be saved."""
    return _asked(mark, connect) is CommitOutcome.SAVED


def _asked(mark: Mark, connect: Callable[[], sqlite3.Connection]) -> CommitOutcome:
    try:
        with closing(connect()) as connection:
            found = connection.execute("SELECT recent_writes FROM store_info").fetchone()
    except sqlite3.Error as problem:
        return CommitOutcome.NOT_SAVED if _has_no_tables(problem) else CommitOutcome.UNKNOWN
    return _among(mark, "" if found is None else str(found[0]))


def _has_no_tables(problem: sqlite3.Error) -> bool:
    """Say whether the file is readable and empty; its first transaction creates the tables."""
    return getattr(problem, "sqlite_errorname", "") == "SQLITE_ERROR"


def _among(mark: Mark, recent: str) -> CommitOutcome:
    """Look for the mark; finding the one before it shows that the kept marks go back far enough."""
    marks = {recent[at : at + _LETTERS] for at in range(0, len(recent), _LETTERS)}
    if mark.own in marks:
        return CommitOutcome.SAVED
    if mark.before in marks or not marks:
        return CommitOutcome.NOT_SAVED
    return CommitOutcome.UNKNOWN
