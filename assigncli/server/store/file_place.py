"""The store's file itself: create it, check that it exists and is readable, remove it.

It never claims more than it knows: a file in a folder that we may not enter is reported as neither
there nor missing. It reads no table.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

from assigncli.errors import StoreUnavailable
from assigncli.private_files import barred_by, create_file, look, make_folder, require_private
from assigncli.server.store.guard_refusals import refusal


def make_file(path: Path) -> bool:
    """Create an empty file, 0600 in a folder 0700; say whether it is new.

    An empty file of our own may exist, because an interrupted creation leaves one. Raises
    StoreUnavailable `store_exists`, `store_unsafe`, `store_unreachable`.
    """
    make_folder(path.parent)
    require_private(path)
    try:
        create_file(path)
    except FileExistsError:
        if is_empty(path):
            return False
        raise StoreUnavailable("store_exists", path=str(path)) from None
    except OSError:
        raise StoreUnavailable("store_unreachable", "not_made", path=str(path)) from None
    return True


def is_empty(path: Path) -> bool:
    """Say whether `path` is a database to which nothing was written yet.

    SQLite first rolls back what a killed process left half written. Raises StoreUnavailable
    `store_unsafe`, `store_busy` and others; returns False for a file that is no database.
    """
    if not path.is_file():
        return False
    require_private(path.resolve())
    address = f"{path.absolute().as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master")
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            return False
        raise refusal(error) from None
    return bool(pages == 0)


def remove_files(path: Path) -> None:
    """Delete a database and its journal; errors are ignored."""
    for leftover in (path, path.with_name(f"{path.name}-journal")):
        with suppress(OSError):
            leftover.unlink(missing_ok=True)


def require_file(path: Path) -> None:
    """Refuse anything but a file that we may read.

    Raises StoreUnavailable `store_missing` where it certainly does not exist, `store_unreachable`
    where we may not look or read, `store_not_ours` for something other than a file.
    """
    try:
        facts = look(path)
    except OSError:
        raise _barred(path) from None
    if facts is None:
        raise StoreUnavailable("store_missing", path=str(path))
    if not stat.S_ISREG(facts.st_mode):
        raise not_ours()
    if not os.access(path, os.R_OK):
        raise StoreUnavailable("store_unreachable", "not_readable", path=str(path))


def not_ours() -> StoreUnavailable:
    """Return the error for a file that is not a store."""
    return StoreUnavailable("store_not_ours")


def _barred(path: Path) -> StoreUnavailable:
    folder = barred_by(path)
    if folder is None:
        return StoreUnavailable("store_unreachable", "path", path=str(path))
    return StoreUnavailable("store_unreachable", "folder_of_store", folder=str(folder))
