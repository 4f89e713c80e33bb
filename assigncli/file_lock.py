"""Whether another process has a file of ours in use: the lock that ends with its process.

Nothing here waits. It says nothing of what is in the file.
"""

from __future__ import annotations

import os
from typing import IO


def taken(file: IO[bytes]) -> bool:
    """Lock the file until it is closed, or its process ends; say whether nobody else has it.

    Where the file system has no such locks, nobody else is assumed.
    """
    try:
        return lock(file.fileno())
    except OSError:
        return True


def lock(handle: int) -> bool:
    """Lock an open file until it is closed, or its process ends; say whether nobody else has it.

    Raises OSError where the file system has no such locks.
    """
    try:
        _lock(handle)
    except (BlockingIOError, PermissionError):
        return False
    return True


if os.name == "posix":
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
else:
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
