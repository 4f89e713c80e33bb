"""What may be trusted on disk: our own folders (0700) and files (0600), nobody else's.

POSIX only; on Windows the profile folder's own access list is what protects. Nothing here mends
what is wrong: a wide folder is refused, with the command that closes it.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Final

from assigncli.errors import StoreUnavailable

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
OTHERS: Final = 0o077
"""The bits that let anybody but the owner in."""


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents, the new ones readable by us alone whatever the umask.

    Raises StoreUnavailable `folder_unwritable` where that is not possible.
    """
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        for path in reversed(missing):
            _make_one(path)
    except OSError:
        raise StoreUnavailable("folder_unwritable", "not_made", folder=str(folder)) from None


def create_file(path: Path) -> None:
    """Make `path`, empty and readable by us alone; raises FileExistsError where it exists."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, FILE_MODE)
    try:
        close_to_others(handle)
    finally:
        os.close(handle)


def close_to_others(handle: int) -> None:
    """Give a file just made the mode 0600: a umask may have taken even our own rights away."""
    if os.name == "posix":
        os.fchmod(handle, FILE_MODE)


def require_private(path: Path) -> None:
    """Refuse a file, or the folder it is in, that another user could read or change.

    Raises StoreUnavailable `store_unsafe`.
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
    """Refuse a folder that is there and takes no new file, or, if `ours`, lets others in.

    Tried with a file that is gone again at once: a read-only disk shows in no mode. Raises
    StoreUnavailable `store_unsafe` or `folder_unwritable`.
    """
    try:
        if ours and os.name == "posix":
            _require_mode(folder, folder.stat(), FOLDER_MODE)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        raise _unwritable(folder) from None


def _make_one(folder: Path) -> None:
    """Make one folder; one that somebody else has made meanwhile keeps its mode."""
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
    """Return what the system says of `path`, None where there certainly is nothing.

    Raises OSError where we may not look: that is not the same.
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
    """Return the outermost folder on the way to `path` that we may not enter, if there is one."""
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
