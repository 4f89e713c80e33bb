"""A file of noise that takes up room, so that there is some to give back when a disk is full.

Knows nothing of what the room is kept for. Noise, because some file systems store zeros as
nothing. Nothing here raises for a disk that is full, read-only or gone: it says what it could do.
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
"""What an act notes beside the store once it is recorded, and the next one before."""


def beside(path: Path) -> Path:
    """Return where the ballast of the file at `path` is kept: on the disk the file really is on."""
    real = path.resolve()
    return real.with_name(f"{real.name}.ballast")


def keep(place: Path) -> bool:
    """Make the ballast where it is missing or short; say whether it is in place.

    It is made only where as much room again is left afterwards: a ballast that fills the disk
    would cause what it is there to survive.
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
    """Delete the ballast; say whether there was one to delete."""
    try:
        place.unlink()
    except OSError:
        return False
    return True


def put_back(place: Path) -> None:
    """Take up what room `free` gave and nobody used, so that the next ending has it too.

    The ballast is then as large as the room there is, but for a little; `keep` makes it whole.
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
