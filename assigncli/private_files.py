"""Small files of ours, read and replaced whole, in folders that nobody else may enter.

Knows nothing of what is in them. A folder that is not safe is refused, never mended.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from assigncli.errors import StoreUnavailable
from assigncli.permissions import close_to_others


def require_private_folder(folder: Path) -> None:
    """Refuse a folder that another user owns or may enter; a missing one is fine.

    Raises StoreUnavailable `folder_unsafe`, or as `unreachable` says. POSIX only: elsewhere the
    platform's own access list on the user's folder protects.
    """
    if os.name != "posix":
        return
    try:
        facts = folder.stat()
    except FileNotFoundError:
        return
    except OSError:
        raise unreachable(folder) from None
    if facts.st_uid != os.geteuid():
        raise StoreUnavailable("folder_unsafe", "owner", folder=str(folder))
    if stat.S_IMODE(facts.st_mode) & 0o077:
        raise StoreUnavailable("folder_unsafe", "mode", folder=str(folder))


def read(path: Path) -> bytes | None:
    """Return a file's bytes, None where there is none; raises as `unreachable` says."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raise unreachable(path) from None


def replace(path: Path, content: bytes) -> None:
    """Replace `path` whole: a temporary file beside it (0600), on disk, then renamed over it.

    Whoever reads meanwhile sees the old file or the new one. Raises as `unreachable` says.
    """
    try:
        _replace(path, content)
        sync_folder(path.parent)
    except OSError:
        raise unreachable(path) from None


def rename(path: Path, target: Path) -> None:
    """Give a file another name in its folder, on disk; raises as `unreachable` says."""
    try:
        os.replace(path, target)
        sync_folder(target.parent)
    except OSError:
        raise unreachable(target) from None


def unreachable(path: Path) -> StoreUnavailable:
    """Return the error `settings_unreachable` for a path that the system refuses."""
    return StoreUnavailable("settings_unreachable", path=str(path))


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            close_to_others(handle)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def sync_folder(folder: Path) -> None:
    """Put a rename on disk, where folders can be opened for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
