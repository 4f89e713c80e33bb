"""Whether a lock holds: taken here as SQLite takes it, and tried by another process.

SQLite locks bytes of the file (POSIX fcntl locks, or Windows' own). Some file systems grant the
same lock twice, and then two writers damage a store. What is tried is a file of its own, never the
store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

KEPT_OUT: Final = 10
LET_IN: Final = 11
ANOTHER_FILE: Final = 12

TRY: Final = f"""
import sqlite3, sys
from pathlib import Path
path, mark = Path(sys.argv[1]), sys.argv[2]
try:
    connection = sqlite3.connect(f"{{path.absolute().as_uri()}}?mode=rw", uri=True, timeout=0)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != int(mark):
        sys.exit({ANOTHER_FILE})
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    busy = error.sqlite_errorname.startswith("SQLITE_BUSY")
    sys.exit({KEPT_OUT} if busy else {ANOTHER_FILE})
sys.exit({LET_IN})
"""
"""A program for the other process: path and mark are its arguments, its exit code the answer."""


@contextmanager
def locked(path: Path, mark: int) -> Iterator[None]:
    """Hold the file for writing, as a store is held; `mark`, 31 bits, tells it from any other.

    Raises sqlite3.Error, as an OSError, where the file system has no such locks at all.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
            connection.execute(f"PRAGMA user_version = {mark}")
            connection.execute("BEGIN IMMEDIATE")
            yield
    except sqlite3.Error:
        raise OSError("the file cannot be locked") from None
