"""The socket's file: made so that every account may connect, and nobody else may replace it.

Who somebody is says the kernel (`peer_uid`), so the file itself is open to all (0666). POSIX only.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from assigncli import private_files
from assigncli.errors import StoreUnavailable

FOLDER_MODE: Final = 0o755
SOCKET_MODE: Final = 0o666
BACKLOG: Final = 1_024
_CREDENTIALS: Final = struct.Struct("3i")
_OTHERS_ENTER: Final = 0o011
_OTHERS_WRITE: Final = 0o022
_ROOT: Final = 0


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Listen at `path`, and remove the file afterwards; a stale file is replaced.

    Raises StoreUnavailable `socket_unusable` and `socket_in_use`.
    """
    _require_folder(path.parent)
    _remove_stale(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        try:
            bound.bind(os.fsencode(path))
            os.chmod(path, SOCKET_MODE)
            bound.listen(BACKLOG)
        except OSError:
            raise StoreUnavailable("socket_unusable", "not_made", path=str(path)) from None
        bound.setblocking(False)
        ours = _place(path)
        try:
            yield bound
        finally:
            if _place(path) == ours:
                with suppress(OSError):
                    path.unlink()


def peer_uid(connection: socket.socket) -> int:
    """Return the account (uid) at the other end, as the kernel knows it."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(found)
    return int(uid)


def require_system() -> None:
    """Refuse a system that does not say which account is at the other end of a socket.

    Raises StoreUnavailable `socket_unusable`.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        raise StoreUnavailable("socket_unusable", "system")


def _require_folder(folder: Path) -> None:
    """Refuse a folder that other accounts cannot enter, or can change; make a missing one."""
    try:
        if not folder.exists():
            folder.mkdir(FOLDER_MODE)
            folder.chmod(FOLDER_MODE)
        facts = folder.stat()
    except OSError:
        raise StoreUnavailable("socket_unusable", "folder", path=str(folder)) from None
    mode = stat.S_IMODE(facts.st_mode)
    if facts.st_uid not in (_ROOT, os.geteuid()) or mode & _OTHERS_WRITE:
        raise StoreUnavailable("socket_unusable", "folder_open", path=str(folder))
    if mode & _OTHERS_ENTER != _OTHERS_ENTER:
        raise StoreUnavailable("socket_unusable", "folder_closed", path=str(folder))


def _remove_stale(path: Path) -> None:
    """Remove the socket of a server that was killed; refuse a live one, and any other file."""
    try:
        facts = private_files.look(path)
        if facts is None:
            return
        if not stat.S_ISSOCK(facts.st_mode):
            raise StoreUnavailable("socket_unusable", "other_file", path=str(path))
        if _is_answered(path):
            raise StoreUnavailable("socket_in_use", path=str(path))
        path.unlink()
    except OSError:
        raise StoreUnavailable("socket_unusable", "not_made", path=str(path)) from None


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        tried.settimeout(1.0)
        try:
            tried.connect(os.fsencode(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except (TimeoutError, BlockingIOError):
            return True
    return True


def _place(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        facts = path.lstat()
        return facts.st_dev, facts.st_ino
    return None
