"""Our own folders (0700) and files (0600), nobody else's; small files are read and replaced whole.

Knows nothing of what is in them. What is not safe is refused with the command that closes it, never
mended. POSIX only: on Windows the profile folder's own access list protects.
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
"""The bits that let anybody but the owner in."""


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
    if stat.S_IMODE(facts.st_mode) & OTHERS:
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
