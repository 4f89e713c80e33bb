"""What a device has signed and has no answer to yet: one small file for each statement.

Statement and signature alone, never texts or attachments. A file is locked for as long as its
command runs, so that only what nobody waits for any more is asked about. What the statements say,
and what became of them, is for `outcome`.
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
# Windows keeps others from reading what is locked, so that the lock is on a byte far behind it.
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
        """The hash that the file is named for, unverified."""
        return self.path.stem

    def remove(self) -> None:
        """Remove it: it is known what became of the statement.

        Where that is not possible the next command asks again, and is told the same.
        """
        if os.name != "posix":
            self._file.close()  # an open file cannot be removed there
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._file.close()

    def leave(self) -> None:
        """Let the next command ask about it."""
        self._file.close()

    def set_aside(self) -> None:
        """Give it another ending, with which it is never asked about, and leave it."""
        self._file.close()
        with suppress(OSError):
            os.replace(self.path, self.aside)

    @property
    def aside(self) -> Path:
        """Where it is kept once it is set aside."""
        return self.path.with_suffix(_ASIDE)


class Outstanding:
    """The folder of one profile. `unkept` is called where a statement cannot be noted in it.

    An act is sent all the same then: an ending must be possible on a full disk. What is lost is
    that the next command can say what became of it.
    """

    def __init__(self, folder: Path, unkept: Callable[[], None] = lambda: None) -> None:
        """Take the folder, which need not be there yet."""
        self._folder = folder
        self._unkept = unkept

    @property
    def count(self) -> int:
        """How many statements are noted; another command may still wait for some."""
        return len(self._found())

    def keep(self, name: str, body: bytes, signature: bytes) -> Note | None:
        """Note a statement, whole and on disk before this returns; None where that fails."""
        try:
            make_folder(self._folder)
            require_private_folder(self._folder)
            file = _written(self._path(name), _document(body, signature))
        except (AssignError, OSError):
            self._unkept()
            return None
        return Note(self._path(name), body, signature, file)

    def forget(self, organization_id: UUID) -> None:
        """Remove what was noted of an organisation that never knew of this profile."""
        for note in self.left():
            is_of_it = note.body is not None and str(organization_id).encode() in note.body
            note.remove() if is_of_it else note.leave()

    def left(self) -> Iterator[Note]:
        """Yield what is outstanding and no other command waits for, the oldest first.

        Each is to be removed, left or set aside. Nothing where the folder cannot be read.
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
    """Return the file's text; a signed body is ASCII that holds no escape."""
    fields = {"signature": signature.hex(), "statement": body.decode("ascii")}
    return (json.dumps(fields, indent=2) + "\n").encode("ascii")


def _read(document: bytes) -> tuple[bytes, bytes] | None:
    """Return body and signature; None for a file that was not written here."""
    try:
        fields = json.loads(document)
        return fields["statement"].encode("ascii"), bytes.fromhex(fields["signature"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _written(path: Path, content: bytes) -> IO[bytes]:
    """Write a file whole and return it open and locked, as nobody else has seen it unlocked."""
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
            file.close()  # which tries once more to write what the disk did not take
        for left in (temporary, path):
            with suppress(OSError):
                os.unlink(left)
        raise
    return file


def _renamed(file: IO[bytes], temporary: str, path: Path) -> IO[bytes]:
    """Give the file its name; where an open file cannot be renamed it is locked again after it."""
    if os.name == "posix":
        os.replace(temporary, path)
        return file
    file.close()
    os.replace(temporary, path)
    named = path.open("r+b")
    _take(named)
    return named


def _opened(path: Path) -> Note | None:
    """Return a note that nobody else holds and that is still there."""
    try:
        file = path.open("rb")
    except OSError:
        return None
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
    """Remove what a command left that was killed before it had written the whole of it."""
    with suppress(OSError), path.open("r+b") as file:
        if taken(file):
            path.unlink()
