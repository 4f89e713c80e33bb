"""Make and verify this user's own folders (0700) and files (0600); replace small files atomically.

Knows nothing of their content. An unsafe mode is refused, with the command that fixes it, and never
changed. POSIX only: on Windows the access list of the profile folder protects.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from assigncli.errors import StoreUnavailable

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
OTHERS: Final = 0o077
"""The permission bits that let anybody but the owner in."""


def require_private_folder(folder: Path) -> None:
    """Refuse a folder that another user owns or may enter; a missing one is accepted.

    Raises StoreUnavailable `folder_unsafe`, or as `unreachable` says. POSIX only: elsewhere the
    platform's access list on the user's folder protects.
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
    if stat.S_IMODE(facts.st_mode) & OTHERS:
        raise StoreUnavailable("folder_unsafe", "mode", folder=str(folder))


def read(path: Path) -> bytes | None:
    """Return a file's bytes, or None if it does not exist; raises as `unreachable` says."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raise unreachable(path) from None


def replace(path: Path, content: bytes) -> None:
    """Replace `path` atomically: write a temporary file (0600) beside it, sync, and rename.

    A concurrent reader sees either the old file or the new one. Raises as `unreachable` says.
    """
    try:
        _replace(path, content)
        sync_folder(path.parent)
    except OSError:
        raise unreachable(path) from None


def rename(path: Path, target: Path) -> None:
    """Rename a file within its folder, and sync to disk; raises as `unreachable` says."""
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
    """Sync a rename to disk, on systems where a folder can be opened for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents, the new ones for this user alone whatever the umask.

    Raises StoreUnavailable `folder_unwritable` if that is not possible.
    """
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        for path in reversed(missing):
            _make_one(path)
    except OSError:
        raise StoreUnavailable("folder_unwritable", "not_made", folder=str(folder)) from None


def create_file(path: Path) -> None:
    """Create `path`, empty and readable by this user alone; raise FileExistsError if it exists."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, FILE_MODE)
    try:
        close_to_others(handle)
    finally:
        os.close(handle)


def close_to_others(handle: int) -> None:
    """Set the mode 0600 on a new file: a umask may have removed even the owner's rights."""
    if os.name == "posix":
        os.fchmod(handle, FILE_MODE)


def require_private(path: Path) -> None:
    """Refuse a file if another user could read or change it or the folder it is in.

    Raises StoreUnavailable `store_unsafe` or `store_unreachable`.
    """
    if os.name != "posix":
        return
    for place, mode in ((path.parent, FOLDER_MODE), (path, FILE_MODE)):
        try:
            facts = look(place)
        except OSError:
            raise _barred(place) from None
        if facts is not None:
            _require_mode(place, facts, mode)


def require_writable_folder(folder: Path, *, ours: bool) -> None:
    """Refuse a folder where no file can be created or, if `ours`, that lets others in.

    Creates a temporary file, since no mode shows a read-only disk. Raises StoreUnavailable
    `store_unsafe` or `folder_unwritable`.
    """
    try:
        if ours and os.name == "posix":
            _require_mode(folder, folder.stat(), FOLDER_MODE)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        raise _unwritable(folder) from None


def _make_one(folder: Path) -> None:
    """Make one folder; one that another process made meanwhile keeps its mode."""
    try:
        folder.mkdir(mode=FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        if os.name == "posix":
            folder.chmod(FOLDER_MODE)


def _unwritable(folder: Path) -> StoreUnavailable:
    return StoreUnavailable("folder_unwritable", folder=str(folder))


def look(path: Path) -> os.stat_result | None:
    """Return the status of `path`, or None if there is certainly nothing.

    Raises OSError if the process may not look: the path may then exist.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return None
        raise


def barred_by(path: Path) -> Path | None:
    """Return the outermost folder above `path` that this user may not enter, if there is one."""
    folders = reversed(Path(os.path.abspath(path)).parents)
    return next((each for each in folders if not os.access(each, os.X_OK)), None)


def _barred(place: Path) -> StoreUnavailable:
    return StoreUnavailable(
        "store_unreachable", "folder", folder=str(barred_by(place) or place.parent)
    )


def _require_mode(place: Path, facts: os.stat_result, mode: int) -> None:
    if facts.st_uid != os.geteuid():
        raise StoreUnavailable("store_unsafe", "owner", place=str(place))
    if facts.st_mode & OTHERS:
        raise StoreUnavailable("store_unsafe", "mode", place=str(place), mode=format(mode, "o"))
