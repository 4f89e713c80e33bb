"""Whether a store is served: then one process answers for it, and no other opens it.

The server holds a lock on a file beside the store for as long as it runs. Opening a store looks for
that file, which costs one failing system call where none was ever served. POSIX locks end with
their process, so the file stays and says nothing by itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from assigncli.errors import StoreUnavailable
from assigncli.file_lock import is_locked, lock
from assigncli.private_files import create_file, require_private
from assigncli.server.store.move_note import require_here

SUFFIX: Final = ".served"
_TRIES: Final = 20
_PAUSE: Final = 0.05
"""Seconds. Somebody who looks holds a shared lock for a moment."""

_ours: set[Path] = set()
"""The stores that this process serves, and may open."""


@contextmanager
def served(store: Path) -> Iterator[None]:
    """Serve a store inside the block: only this process opens it.

    Raises StoreUnavailable `store_served` if another process serves it, `store_moved` or
    `store_moving` where a move has left or not reached this place, `store_unsafe`,
    `store_unreachable`.
    """
    path = store.resolve()
    require_here(path)
    require_private(path)
    handle = _opened(_beside(path))
    try:
        if path in _ours or not _locked(handle):
            raise StoreUnavailable("store_served")
        _ours.add(path)
        try:
            yield
        finally:
            _ours.discard(path)
    finally:
        os.close(handle)


def require_unserved(store: Path) -> None:
    """Refuse a store that another process serves; raises StoreUnavailable `store_served`."""
    path = store.resolve()
    try:
        handle = os.open(_beside(path), os.O_RDONLY)
    except OSError:  # never served; or what is unreachable is reported for the store itself
        return
    try:
        if path not in _ours and is_locked(handle):
            raise StoreUnavailable("store_served")
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    try:
        with suppress(FileExistsError):
            create_file(path)
        return os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        raise StoreUnavailable("store_unreachable", "not_made", path=str(path)) from None


def _locked(handle: int) -> bool:
    for _try in range(_TRIES):
        if lock(handle):
            return True
        time.sleep(_PAUSE)
    return False


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)
