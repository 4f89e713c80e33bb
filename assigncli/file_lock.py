"""Lock one of our files for as long as a process runs.

The lock ends when the file is closed or its process ends. Nothing here waits for a lock, or reads
the file.
"""

from __future__ import annotations

import os
from typing import IO


def taken(file: IO[bytes]) -> bool:
    """Lock the file until it is closed or its process ends; return False if another has it.

    Returns True if the file system has no such locks.
    """
    try:
        return lock(file.fileno())
    except OSError:
        return True


def lock(handle: int) -> bool:
    """Lock an open file until it is closed or its process ends; return False if another has it.

    Raises OSError if the file system has no such locks.
    """
    try:
        _lock(handle)
    except (BlockingIOError, PermissionError):
        return False
    return True


def is_locked(handle: int) -> bool:
    """Say whether another has locked an open file; several may ask at once.

    Returns False if the file system has no such locks.
    """
    try:
        _share(handle)
    except (BlockingIOError, PermissionError):
        return True
    except OSError:
        return False
    return False


if os.name == "posix":
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _share(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_UN)
else:
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

    def _share(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
