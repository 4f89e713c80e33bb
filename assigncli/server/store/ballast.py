"""A file of random bytes that takes up room, so that some can be freed when the disk is full.

What the room is used for is decided by the caller. The bytes are random because some file systems
store zeros as nothing. Nothing here raises for a disk that is full, read-only or gone: the return
values say what was possible.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from assigncli.private_files import create_file

BALLAST_BYTES: Final = 1 << 20
_LEFT_FREE: Final = 1 << 16
"""Room for what an act notes beside the store after it is recorded, and the next one before."""


def beside(path: Path) -> Path:
    """Return the path of the ballast for `path`, on the disk on which that file really is."""
    real = path.resolve()
    return real.with_name(f"{real.name}.ballast")


def keep(place: Path) -> bool:
    """Create the ballast where it is missing or short; say whether it is in place.

    It is created only if as much room again remains: a ballast that fills the disk would cause the
    problem it is meant for.
    """
    try:
        if _is_whole(place):
            return True
        if shutil.disk_usage(place.parent).free < 2 * BALLAST_BYTES:
            return False
        place.unlink(missing_ok=True)
        _make(place, BALLAST_BYTES)
    except OSError:
        return False
    return True


def free(place: Path) -> bool:
    """Delete the ballast; say whether there was one."""
    try:
        place.unlink()
    except OSError:
        return False
    return True


def put_back(place: Path) -> None:
    """Take up again the room that `free` gave and nobody used, for the next recall or cancellation.

    The ballast is then as large as the free room minus a little; `keep` completes it later.
    """
    with suppress(OSError):
        room = shutil.disk_usage(place.parent).free - _LEFT_FREE
        if room > 0:
            _make(place, min(room, BALLAST_BYTES))


def _is_whole(place: Path) -> bool:
    with suppress(FileNotFoundError):
        return place.stat(follow_symlinks=False).st_size == BALLAST_BYTES and place.is_file()
    return False


def _make(place: Path, size: int) -> None:
    create_file(place)
    try:
        with place.open("r+b") as file:
            file.write(os.urandom(size))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            place.unlink()
        raise
