"""The vault's file read and written past the program, from the layout that it documents.

Imports nothing of `assigncli`: what the product gets wrong would otherwise be wrong here, too.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SLOT = 64
LIVE, DELETED = b"assigncli/vault-share/v1\0", b"assigncli/vault-deleted/v1\0"
WATERMARK = b"assigncli/vault-watermark/v1\0"
BEGINNING = b"assigncli vault\nkey shares\0\0\0\0\0\1"
GONE = bytes(32)


@dataclass(frozen=True)
class Kept:
    """One slot behind the header: where it is, its bytes, and what they are."""

    at: int
    key: bytes
    share: bytes
    what: str


def check(label: bytes, key: bytes, share: bytes) -> bytes:
    """Return the check value of a slot."""
    return hashlib.sha256(label + key + share).digest()[:16]


def live(key: bytes, share: bytes) -> bytes:
    """Return a slot that keeps a share."""
    return key + share + check(LIVE, key, share)


def deleted(key: bytes) -> bytes:
    """Return a slot whose share is deleted."""
    return key + GONE + check(DELETED, key, GONE)


def header(watermark: int) -> bytes:
    """Return a header slot."""
    said = watermark.to_bytes(8, "big") + bytes(8)
    return BEGINNING + said + hashlib.sha256(WATERMARK + said).digest()[:16]


def slots(path: Path) -> list[Kept]:
    """Return every whole slot behind the header."""
    content = path.read_bytes()
    assert content.startswith(BEGINNING)
    found = []
    for at in range(SLOT, len(content) // SLOT * SLOT, SLOT):
        slot = content[at : at + SLOT]
        key, share = slot[:16], slot[16:48]
        what = {live(key, share): "live", deleted(key): "deleted", bytes(SLOT): "empty"}
        found.append(Kept(at, key, share, what.get(slot, "damaged")))
    return found


def shares(path: Path) -> dict[bytes, bytes]:
    """Return the live shares by their keys' ids."""
    return {each.key: each.share for each in slots(path) if each.what == "live"}


def add(path: Path, key: bytes, share: bytes) -> None:
    """Keep one more share."""
    with path.open("ab") as file:
        file.write(live(key, share))


def replace(path: Path, key: bytes, share: bytes) -> None:
    """Put another share, with its right check value, into the slot of a live one."""
    _write(path, key, live(key, share))


def delete(path: Path, key: bytes) -> None:
    """Delete a live share."""
    _write(path, key, deleted(key))


def _write(path: Path, key: bytes, slot: bytes) -> None:
    (found,) = (each for each in slots(path) if each.key == key and each.what == "live")
    write_at(path, slot, found.at)


def write_at(path: Path, data: bytes, at: int) -> None:
    """Write over some bytes of the file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Be the file's only writer until the end of the block."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
