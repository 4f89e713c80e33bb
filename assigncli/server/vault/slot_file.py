"""The vault's file: its layout, and how it is read and written.

It has slots of 64 bytes, so that no slot crosses a disk sector. Numbers are big-endian.

Slot 0 is the header:

    0   16  "assigncli vault" and a line feed
    16  12  "key shares" and two zero bytes: what kind of file it is
    28   4  version: 1
    32   8  watermark of the sweep: the number of the last slot that it has checked
    40   8  zero
    48  16  check: the first 16 bytes of SHA-256(_WATERMARK || the bytes from 32 to 48)

Every other slot has one share:

    0   16  key id
    16  32  share, or zeros once it is deleted
    48  16  check: the first 16 bytes of SHA-256(label || key id || share)

The label of the check is _LIVE or _DELETED. A slot of zeros was never written. Any other slot is
damaged: half written at a power cut, or altered. Bytes after the last whole slot are from an
interrupted write; the next one overwrites them. Slots are appended and never used again, and the
file is never made shorter. A share is deleted by overwriting it in place: this needs no room, and
leaves no old copy in a journal.

Which share is kept, handed out or deleted is not decided here.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final

from assigncli.errors import VaultUnavailable
from assigncli.file_lock import lock
from assigncli.private_files import look
from assigncli.server.vault.unusable import busy, explained, not_ours

SLOT_BYTES: Final = 64
SHARE_BYTES: Final = 32
VERSION: Final = 1
PIECE_BYTES: Final = 1 << 16
"""How much is read at once: whole slots."""

_KEY = slice(0, 16)
_SHARE = slice(16, 48)
_CHECK = slice(48, 64)
_BEGINNING: Final = b"assigncli vault\n" + b"key shares\0\0" + VERSION.to_bytes(4)
_WATERMARK: Final = b"assigncli/vault-watermark/v1\0"
_LIVE: Final = b"assigncli/vault-share/v1\0"
_DELETED: Final = b"assigncli/vault-deleted/v1\0"
_GONE: Final = bytes(SHARE_BYTES)
_EMPTY: Final = bytes(SLOT_BYTES)
_POLL_SECONDS: Final = 0.02
_LOCKED_AT: Final = 1 << 40
"""The byte to lock on Windows, where locked bytes cannot be read: far behind the data."""
_ANY: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# Without O_NONBLOCK, opening a pipe in the vault's place would wait for ever.
_FLAGS: Final = _ANY | getattr(os, "O_NONBLOCK", 0)


class SlotState(Enum):
    """The state of a slot."""

    LIVE = auto()
    DELETED = auto()
    DAMAGED = auto()
    EMPTY = auto()


@dataclass(frozen=True)
class Slot:
    """A slot as it was read; only a live one has its share."""

    number: int
    key_id: bytes
    state: SlotState
    share: bytes = field(repr=False)


def slot(number: int, content: bytes) -> Slot:
    """Return the slot that these 64 bytes are."""
    key_id, share, check = content[_KEY], content[_SHARE], content[_CHECK]
    if check == _check(_LIVE, key_id, share):
        return Slot(number, key_id, SlotState.LIVE, share)
    if share == _GONE and check == _check(_DELETED, key_id, share):
        return Slot(number, key_id, SlotState.DELETED, b"")
    state = SlotState.EMPTY if content == _EMPTY else SlotState.DAMAGED
    return Slot(number, key_id, state, b"")


def live(key_id: bytes, share: bytes) -> bytes:
    """Return the bytes of a slot with a share."""
    return key_id + share + _check(_LIVE, key_id, share)


def header(watermark: int) -> bytes:
    """Return the bytes of the header."""
    return _BEGINNING + _marked(watermark)


def is_header(content: bytes) -> bool:
    """Return whether this is a vault's header of this version; its watermark may be damaged."""
    return len(content) == SLOT_BYTES and content.startswith(_BEGINNING)


def is_begun(handle: int) -> bool:
    """Return whether the file has no more than an interrupted creation of a vault writes."""
    content = beginning(handle)
    begun = header(0).startswith(content) or content == _EMPTY[: len(content)]
    return begun and os.fstat(handle).st_size <= SLOT_BYTES


def beginning(handle: int) -> bytes:
    """Return the header's bytes, or as many as there are."""
    return _read_at(handle, SLOT_BYTES, 0)


def watermark(handle: int) -> int | None:
    """Return the watermark; None if it is damaged."""
    content = beginning(handle)
    number = int.from_bytes(content[32:40])
    return number if content == header(number) else None


def write_watermark(handle: int, number: int) -> None:
    """Write the watermark and its check, which are within one sector, and sync."""
    write_at(handle, _marked(number), len(_BEGINNING))
    sync(handle)


def delete(handle: int, number: int, key_id: bytes) -> None:
    """Overwrite the share of a slot in place; the caller must `sync`."""
    write_at(handle, _GONE + _check(_DELETED, key_id, _GONE), number * SLOT_BYTES + _SHARE.start)


def last(handle: int) -> int:
    """Return the number of the last whole slot; 0 if there is only the header."""
    return os.fstat(handle).st_size // SLOT_BYTES - 1


def read(handle: int, number: int) -> Slot:
    """Read one slot, a second time if it is damaged: it may just be being written."""
    for _attempt in range(2):
        found = slot(number, _read_at(handle, SLOT_BYTES, number * SLOT_BYTES))
        if found.state is not SlotState.DAMAGED:
            break
    return found


def slots(handle: int, after: int = 0) -> Iterator[Slot]:
    """Yield the slots after number `after`, in order."""
    number = after + 1
    while piece := _piece(handle, number * SLOT_BYTES, PIECE_BYTES):
        for at in range(0, len(piece), SLOT_BYTES):
            found = slot(number, piece[at : at + SLOT_BYTES])
            yield read(handle, number) if found.state is SlotState.DAMAGED else found
            number += 1


def pieces_backwards(handle: int) -> Iterator[tuple[int, bytearray]]:
    """Yield pieces of whole slots, from the end of the file, each with its first slot's number.

    The newest come first, since most lookups are of recent slots. All share one buffer: a piece is
    valid until the next one. Reads are used instead of `mmap`: if the file is truncated or a
    network share goes away, a process that has it mapped is killed.
    """
    end = (last(handle) + 1) * SLOT_BYTES
    buffer = bytearray(PIECE_BYTES)
    with open(handle, "rb", buffering=0, closefd=False) as file:
        while end > SLOT_BYTES:
            start = max(SLOT_BYTES, end - PIECE_BYTES)
            if end - start < len(buffer):
                buffer = bytearray(end - start)
            file.seek(start)
            if file.readinto(buffer) != len(buffer):
                raise OSError(errno.EIO, "the file became shorter")
            yield start // SLOT_BYTES, buffer
            end = start


def _piece(handle: int, at: int, length: int) -> bytes:
    """Read whole slots; fewer or none at the end of the file."""
    piece = _read_at(handle, length, at)
    return piece[: len(piece) // SLOT_BYTES * SLOT_BYTES]


def _read_at(handle: int, length: int, at: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(handle, length, at)
    os.lseek(handle, at, os.SEEK_SET)  # Windows lacks pread; nobody else uses this handle
    return os.read(handle, length)


def write_at(handle: int, data: bytes, at: int) -> None:
    """Write all of `data` at an offset: in one call, unless the system takes less at once."""
    while data:
        if hasattr(os, "pwrite"):
            written = os.pwrite(handle, data, at)
        else:
            os.lseek(handle, at, os.SEEK_SET)
            written = os.write(handle, data)
        data, at = data[written:], at + written


def sync(handle: int) -> None:
    """Wait until everything written is on the disk."""
    getattr(os, "fdatasync", os.fsync)(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the folder's names are on the disk; does nothing except on POSIX systems."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY | _ANY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def reading(path: Path) -> Iterator[int]:
    """Open the file for reading, without waiting for a lock. Raises VaultUnavailable."""
    try:
        with _opened(path, os.O_RDONLY) as handle:
            yield handle
    except OSError as error:
        raise explained(error, writing=False) from None


@contextmanager
def writing(path: Path, patience: float) -> Iterator[int]:
    """Open the file as its only writer.

    Raises VaultUnavailable; `store_busy` if another writer holds it for `patience` seconds.
    """
    try:
        with _opened(path, os.O_RDWR) as handle:
            _lock(handle, patience)
            yield handle
    except OSError as error:
        raise explained(error, writing=True) from None


@contextmanager
def _opened(path: Path, how: int) -> Iterator[int]:
    handle = os.open(path, how | _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise not_ours()
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, patience: float) -> None:
    if os.name != "posix":
        os.lseek(handle, _LOCKED_AT, os.SEEK_SET)
    until = time.monotonic() + patience
    while not lock(handle):
        if time.monotonic() >= until:
            raise busy()
        time.sleep(_POLL_SECONDS)


def _check(label: bytes, key_id: bytes, share: bytes) -> bytes:
    return hashlib.sha256(label + key_id + share).digest()[:16]


def _marked(number: int) -> bytes:
    said = number.to_bytes(8) + bytes(8)
    return said + hashlib.sha256(_WATERMARK + said).digest()[:16]


def require_readable_file(path: Path) -> None:
    """Refuse a file that we may not read, or whose folder we may not enter.

    Raises VaultUnavailable `vault_out_of_reach`. A missing file is not refused.
    """
    try:
        may = look(path) is None or os.access(path, os.R_OK)
    except OSError:
        may = False
    if not may:
        raise VaultUnavailable("vault_out_of_reach", "not_readable", path=str(path))
