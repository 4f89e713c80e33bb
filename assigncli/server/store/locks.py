"""Test whether locks work: take them here as store and vault do, and try them from another process.

SQLite locks byte ranges of the store's file (POSIX fcntl locks, or Windows' own); the vault's file
is locked as a whole (flock). A file system may honour one kind and grant the other twice, and then
two writers damage a file. Each kind is tried on a file of its own, never on the store or the vault.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from assigncli.file_lock import lock

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
    sys.exit({LET_IN})
except sqlite3.OperationalError as error:
    if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
        sys.exit({ANOTHER_FILE})
try:
    import fcntl
except ImportError:
    sys.exit({KEPT_OUT})
try:
    with open(f"{{path}}.whole", "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
except (BlockingIOError, PermissionError):
    sys.exit({KEPT_OUT})
except OSError:
    sys.exit({ANOTHER_FILE})
sys.exit({LET_IN})
"""
"""The program for the other process; its arguments are path and mark, its exit code the answer.

The answer is LET_IN if either kind of lock lets it in. Windows has only one kind.
"""


@contextmanager
def locked(path: Path, mark: int) -> Iterator[None]:
    """Lock the file for writing, as a store is, and the one beside it, as a vault is.

    `mark`, 31 bits, identifies the file. Raises OSError where the file system has no such locks.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
            connection.execute(f"PRAGMA user_version = {mark}")
            connection.execute("BEGIN IMMEDIATE")
            with _locked_whole(path.with_name(f"{path.name}.whole")):
                yield
    except sqlite3.Error:
        raise OSError("the file cannot be locked") from None


@contextmanager
def _locked_whole(path: Path) -> Iterator[None]:
    if os.name != "posix":
        yield
        return
    with path.open("ab") as file:
        if not lock(file.fileno()):
            raise OSError("the file cannot be locked")
        yield
