"""A backup's file: a copy of the store, what belongs to it, and a footer with a hash over both.

    the store         as SQLite wrote it, with another application id, so that no command takes it
                      for a store; empty in a file that has the list of deletions alone
    the contents      canonical JSON: lists of deletions and sealed service keys
    the footer        64 bytes: "assigncli backup", the lengths of the two parts (8 bytes each,
                      big-endian) and SHA-256 over all before it

The hash finds what was cut or altered by chance. What somebody altered on purpose is found by the
service's signature on the lists and by `assign audit verify`. Nothing is sealed or signed here.
"""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from assigncli.errors import InvalidInput, NotFound, StoreUnavailable
from assigncli.private_files import FILE_MODE, close_to_others, sync_folder
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Body, Coded, Data, Hash, Id, Many, Moment, Signature
from assigncli.protocol.deletions import MAX_LIST

_MAGIC: Final = b"assigncli backup"
_FOOTER: Final = struct.Struct(">16sQQ32s")
_HASHED: Final = 32
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class SignedList(Coded):
    """A list of deletions with the service's signature."""

    body: Data
    signature: Signature


@dataclass(frozen=True)
class SealedKey(Coded):
    """A service's private key, sealed by a passphrase, and the root key pinned beside it."""

    organization: Id
    member: Id
    root: Hash
    signing_key: Hash
    sealed: Data


@dataclass(frozen=True)
class Contents(Body, limit=2 * MAX_LIST):
    """What a backup has beside the store; `at` is when it was made (aware UTC)."""

    store: Id
    at: Moment
    lists: Many[SignedList]
    keys: Many[SealedKey]


@dataclass(frozen=True)
class Backup:
    """A backup's file that was read whole; `store_bytes` is 0 where it has lists alone."""

    path: Path
    store_bytes: int
    contents: Contents


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yield a new file (0600) beside `path`; give it that name once the block has ended.

    Nothing is ever overwritten, and a file that is not whole never has the name. Raises
    InvalidInput `backup_exists`, StoreUnavailable `disk_full`, `backup_unwritable`.
    """
    if os.path.lexists(path):
        raise _exists(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        temporary = Path(name)
        close_to_others(handle)
        os.close(handle)
        yield temporary
        os.link(temporary, path)
        sync_folder(path.parent)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def write_content(path: Path, content: bytes) -> None:
    """Write a file that `writing` has made, and wait for the disk."""
    with path.open("r+b") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def finish(path: Path, contents: Contents) -> None:
    """Append contents and footer to the copy of the store in `path`, and wait for the disk."""
    with path.open("r+b") as file:
        hashed = hashlib.sha256()
        store_bytes = file.seek(0, os.SEEK_END)
        _read_into(hashed.update, file, store_bytes)
        body = contents.encode()
        footer = _MAGIC + struct.pack(">QQ", store_bytes, len(body))
        hashed.update(body + footer)
        file.seek(store_bytes)
        file.write(body + footer + hashed.digest())
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> Backup:
    """Return a backup after reading all of it.

    Raises NotFound `backup_missing`, StoreUnavailable `backup_unreadable`, InvalidInput
    `backup_damaged` for a file that is cut, altered or no backup.
    """
    try:
        with path.open("rb") as file:
            store_bytes, contents_bytes = _checked(file)
            file.seek(store_bytes)
            contents = Contents.decode(file.read(contents_bytes))
    except FileNotFoundError:
        raise NotFound("backup_missing", path=str(path)) from None
    except OSError:
        raise StoreUnavailable("backup_unreadable", path=str(path)) from None
    except Malformed:
        raise _damaged(path) from None
    return Backup(path, store_bytes, contents)


def unpack(backup: Backup, target: Path) -> None:
    """Write the copy of the store into `target`, a new file (0600), and wait for the disk.

    Raises StoreUnavailable `disk_full`, `backup_unwritable`.
    """
    try:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        with (
            backup.path.open("rb") as source,
            open(os.open(target, flags, FILE_MODE), "wb") as file,
        ):
            _read_into(file.write, source, backup.store_bytes)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unwritable(target, error) from None


def unwritable(path: Path, error: OSError) -> StoreUnavailable:
    """Return the error for a backup or a copy that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreUnavailable("disk_full", "backup", path=str(path))
    return StoreUnavailable("backup_unwritable", path=str(path))


def _read_into(take: Callable[[bytes], object], file: BinaryIO, count: int) -> None:
    """Read the first `count` bytes, in pieces."""
    file.seek(0)
    while count and (piece := file.read(min(count, _PIECE))):
        take(piece)
        count -= len(piece)


def _checked(file: BinaryIO) -> tuple[int, int]:
    """Return the lengths of both parts; raises Malformed unless the whole file fits its hash."""
    size = file.seek(0, os.SEEK_END)
    if size < _FOOTER.size:
        raise Malformed("too short")
    file.seek(size - _FOOTER.size)
    magic, store_bytes, contents_bytes, expected = _FOOTER.unpack(file.read(_FOOTER.size))
    if magic != _MAGIC or store_bytes + contents_bytes + _FOOTER.size != size:
        raise Malformed("not a backup")
    hashed = hashlib.sha256()
    _read_into(hashed.update, file, size - _HASHED)
    if hashed.digest() != expected or contents_bytes > Contents.limit:
        raise Malformed("altered")
    return store_bytes, contents_bytes


def _exists(path: Path) -> InvalidInput:
    return InvalidInput("backup_exists", path=str(path))


def _damaged(path: Path) -> InvalidInput:
    return InvalidInput("backup_damaged", path=str(path))
