"""The files of a store that is moved: where each is, and how one is copied, or written over.

A link is never followed: the folders belong to different accounts, and root may be at work.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assigncli.errors import StoreUnavailable
from assigncli.private_files import close_to_others, look, sync_folder
from assigncli.server.store import ballast
from assigncli.server.store.served import SUFFIX as SERVED

PIECE: Final = 1 << 20
_NOT_FOLLOWED: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

Acting = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Parts:
    """What belongs to a store beside its file, by the end of each name.

    `keys` is a folder with files of its own; `plain` are files without a secret.
    """

    vault: str
    keys: str
    plain: tuple[str, ...]


@dataclass(frozen=True)
class StorePlace:
    """Where a store's file is or is to be; inside `acting`, the process is the owner's account."""

    store: Path
    parts: Parts
    acting: Acting

    @property
    def folder(self) -> Path:
        """The folder of the store."""
        return self.store.parent

    @property
    def vault(self) -> Path:
        """The vault's file."""
        return self._beside(self.parts.vault)

    @property
    def keys(self) -> Path:
        """The folder with the service's keys."""
        return self._beside(self.parts.keys)

    def plain(self) -> list[Path]:
        """Return the files without a secret, there or not."""
        return [self._beside(suffix) for suffix in self.parts.plain]

    def rest(self) -> list[Path]:
        """Return the files that are not copied, but belong to a store, there or not."""
        made_again = (self._beside("-journal"), self._beside(SERVED))
        return [*made_again, ballast.beside(self.store)]

    def _beside(self, suffix: str) -> Path:
        return self.store.with_name(self.store.name + suffix)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a file for reading and writing; raises StoreUnavailable `store_unreachable`."""
    try:
        handle = os.open(path, os.O_RDWR | _NOT_FOLLOWED)
    except OSError:
        raise _unreachable(path) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _unreachable(path)
        yield handle
    finally:
        os.close(handle)


def key_files(place: StorePlace) -> dict[str, bytes]:
    """Return the content of each file in the folder of keys; what a killed write left is none."""
    with suppress(FileNotFoundError, NotADirectoryError):
        paths = sorted(place.keys.iterdir())
        return {each.name: content(each) for each in paths if not each.name.startswith(".")}
    return {}


@contextmanager
def plain_files(place: StorePlace) -> Iterator[dict[str, int]]:
    """Open each file without a secret that is there; raises as `opened`."""
    with ExitStack() as all_of_them:
        yield {
            path.name: all_of_them.enter_context(opened(path))
            for path in place.plain()
            if look(path) is not None
        }


def content(path: Path) -> bytes:
    """Return what a small file says; raises as `opened`."""
    with opened(path) as handle:
        return b"".join(_pieces(handle))


def copy(handle: int, target: Path) -> None:
    """Copy an open file to a new one, and require that the copy says the same.

    Raises OSError, and StoreUnavailable `store_io`.
    """
    digest, again = hashlib.sha256(), hashlib.sha256()
    with _created(target) as made:
        for piece in _pieces(handle):
            digest.update(piece)
            _write_whole(made, piece)
        os.fsync(made)
        for piece in _pieces(made):
            again.update(piece)
    if again.digest() != digest.digest():
        raise StoreUnavailable("store_io")


def write(target: Path, what: bytes) -> None:
    """Write a new file, to disk; raises OSError."""
    with _created(target) as made:
        _write_whole(made, what)
        os.fsync(made)


def write_keys(place: StorePlace, files: dict[str, bytes]) -> None:
    """Make the folder of keys with these files; raises OSError."""
    place.keys.mkdir(mode=0o700)
    place.keys.chmod(0o700)
    for name, what in files.items():
        write(place.keys / name, what)
    sync_folder(place.keys)


def remove(place: StorePlace, vault_in_use: os.stat_result) -> None:
    """Remove a store's files; vault and keys are written over first. Raises OSError.

    Where the vault is another name of the file `vault_in_use`, only that name is removed.
    """
    wipe(place.vault, vault_in_use)
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in list(place.keys.iterdir()):
            wipe(path)
        place.keys.rmdir()
    for path in (place.store, *place.plain(), *place.rest()):
        path.unlink(missing_ok=True)
    sync_folder(place.folder)


def wipe(path: Path, in_use: os.stat_result | None = None) -> None:
    """Write over a file in its place, wait for the disk, and remove it; raises OSError."""
    try:
        handle = os.open(path, os.O_RDWR | _NOT_FOLLOWED)
    except FileNotFoundError:
        return
    try:
        facts = os.fstat(handle)
        if in_use is None or not os.path.samestat(facts, in_use):
            for at in range(0, facts.st_size, PIECE):
                os.pwrite(handle, bytes(min(PIECE, facts.st_size - at)), at)
            os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink(missing_ok=True)


@contextmanager
def _created(target: Path) -> Iterator[int]:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOT_FOLLOWED
    handle = os.open(target, flags, 0o600)
    try:
        close_to_others(handle)
        yield handle
    finally:
        os.close(handle)


def _pieces(handle: int) -> Iterator[bytes]:
    at = 0
    while piece := os.pread(handle, PIECE, at):
        yield piece
        at += len(piece)


def _write_whole(handle: int, what: bytes) -> None:
    while what:
        what = what[os.write(handle, what) :]


def _unreachable(path: Path) -> StoreUnavailable:
    return StoreUnavailable("store_unreachable", "path", path=str(path))
