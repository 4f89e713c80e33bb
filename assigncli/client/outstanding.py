"""Statements that a device has signed and has no answer to yet, one small file for each.

A file holds the statement and its signature, never texts or attachments. It is locked while its
command runs, so that a later command asks only about statements that no command is waiting for.
`outcome` reads the statements and finds out what happened to them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from assigncli.errors import AssignError
from assigncli.file_lock import taken
from assigncli.private_files import (
    close_to_others,
    make_folder,
    require_private_folder,
    sync_folder,
)

_ENDING: Final = ".json"
_ASIDE: Final = ".aside"
_UNFINISHED: Final = ".tmp"
# On Windows other processes cannot read a locked range, so the lock is on a byte far past the
# content.
_LOCKED_AT: Final = 1 << 30
_MOST: Final = 1 << 16


@dataclass(eq=False)
class Note:
    """One statement's file, locked by this process; body and signature are None if unreadable."""

    path: Path
    body: bytes | None
    signature: bytes | None
    _file: IO[bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """The hash that names the file, unverified."""
        return self.path.stem

    def remove(self) -> None:
        """Remove the file, once it is known what happened to the statement.

        Where that fails, the next command asks again and gets the same answer.
        """
        if os.name != "posix":
            self._file.close()  # Windows cannot remove an open file
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._file.close()

    def leave(self) -> None:
        """Release the lock, so that the next command asks about it."""
        self._file.close()

    def set_aside(self) -> None:
        """Rename it to an ending that is never asked about, and release the lock."""
        self._file.close()
        with suppress(OSError):
            os.replace(self.path, self.aside)

    @property
    def aside(self) -> Path:
        """The path to which it is set aside."""
        return self.path.with_suffix(_ASIDE)


class Outstanding:
    """One profile's folder of statements; `unkept` is called where one cannot be noted.

    The act is sent all the same, because a recall or cancellation must be possible on a full disk.
    The next command then cannot say what happened to it.
    """

    def __init__(self, folder: Path, unkept: Callable[[], None] = lambda: None) -> None:
        """Take the folder, which need not exist yet."""
        self._folder = folder
        self._unkept = unkept

    @property
    def count(self) -> int:
        """The number of noted statements, including those that another command still waits for."""
        return len(self._found())

    def keep(self, name: str, body: bytes, signature: bytes) -> Note | None:
        """Note a statement, written and synced before this returns; None where that fails."""
        try:
            make_folder(self._folder)
            require_private_folder(self._folder)
            file = _written(self._path(name), _document(body, signature))
        except (AssignError, OSError):
            self._unkept()
            return None
        return Note(self._path(name), body, signature, file)

    def forget(self, organization_id: UUID) -> None:
        """Remove the statements of an organisation that never knew of this profile."""
        for note in self.left():
            is_of_it = note.body is not None and str(organization_id).encode() in note.body
            note.remove() if is_of_it else note.leave()

    def left(self) -> Iterator[Note]:
        """Yield the statements that no other command is waiting for, the oldest first.

        The caller removes, leaves or sets aside each. Yields nothing where the folder cannot be
        read.
        """
        for path in self._found():
            note = _opened(path)
            if note is not None:
                yield note

    def _found(self) -> list[Path]:
        try:
            require_private_folder(self._folder)
            found = list(self._folder.iterdir())
        except (AssignError, OSError):
            return []
        for path in found:
            if path.suffix == _UNFINISHED:
                _forget(path)
        return sorted((path for path in found if path.suffix == _ENDING), key=_age)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_ENDING}"


def _age(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except OSError:  # another command has just removed it
        return 0, path.name


def _document(body: bytes, signature: bytes) -> bytes:
    """Return the file's text; a signed body is ASCII without escapes."""
    fields = {"signature": signature.hex(), "statement": body.decode("ascii")}
    return (json.dumps(fields, indent=2) + "\n").encode("ascii")


def _read(document: bytes) -> tuple[bytes, bytes] | None:
    """Return body and signature; None for a file that this module did not write."""
    try:
        fields = json.loads(document)
        return fields["statement"].encode("ascii"), bytes.fromhex(fields["signature"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _written(path: Path, content: bytes) -> IO[bytes]:
    """Write a file whole and return it open; it is locked before other processes can see it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=_UNFINISHED)
    file: IO[bytes] = os.fdopen(handle, "w+b")
    try:
        close_to_others(handle)
        _take(file)
        file.write(content)
        file.flush()
        os.fsync(handle)
        file = _renamed(file, temporary, path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            file.close()  # closing tries once more to write what the disk did not take
        for left in (temporary, path):
            with suppress(OSError):
                os.unlink(left)
        raise
    return file


def _renamed(file: IO[bytes], temporary: str, path: Path) -> IO[bytes]:
    """Give the file its name; on Windows it is closed for that and locked again afterwards."""
    if os.name == "posix":
        os.replace(temporary, path)
        return file
    file.close()
    os.replace(temporary, path)
    named = path.open("r+b")
    _take(named)
    return named


def _opened(path: Path) -> Note | None:
    """Return the note, or None where another process holds it or it has been removed."""
    try:
        file = path.open("rb")
    except OSError:
        return None
    # Another command may have removed it between opening and locking.
    if not _take(file) or not path.exists():
        file.close()
        return None
    try:
        found = _read(file.read(_MOST))
    except OSError:
        found = None
    body, signature = found or (None, None)
    return Note(path, body, signature, file)


def _take(file: IO[bytes]) -> bool:
    file.seek(_LOCKED_AT)
    is_ours = taken(file)
    file.seek(0)
    return is_ours


def _forget(path: Path) -> None:
    """Remove the unfinished file of a command that was killed while it wrote."""
    with suppress(OSError), path.open("r+b") as file:
        if taken(file):
            path.unlink()
