"""The proof that revoked shares are gone: every live file, read whole, against the shares' marks.

Live files are store and vault, what may lie beside them (SQLite's journal of an unfinished
transaction still holds what it deletes), and the ballast. It looks for the raw 32 bytes, at any
place in a file. It does not find a share that somebody wrote down as hexadecimal digits, which
nothing of ours does, and it does not see what is behind the files: snapshots, backups, the disk's
own spare blocks. It changes nothing, save that opening the store rolls back a change that a crash
left half made.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from sqlmodel import col, or_, select

from assigncli import ballast
from assigncli.errors import StoreUnavailable
from assigncli.locale import _
from assigncli.store.engine import Store
from assigncli.store.tables import EncryptionKey
from assigncli.vault import Vault, share_mark
from assigncli.vault_file import SHARE_BYTES

Progress = Callable[[int, int], None]
"""Is told how many bytes are done, and of how many."""

# Small, so that looking for one word again where it was seen costs little.
_PIECE_BYTES: Final = 1 << 14
_WORD: Final = struct.Struct("=I")
_BESIDE: Final = ("-journal", "-wal", "-shm")
_ROWS: Final = 1000
_ID: Final = 16
_PACKED: Final = _ID + 36  # a key's id and its mark


@dataclass(frozen=True)
class Residue:
    """A revoked key whose share stands in a live file, in so many places."""

    key_id: UUID
    path: Path
    places: int


@dataclass(frozen=True)
class Scan:
    """What was looked at and what was found; `found` empty is the proof.

    `marks` is how many revoked shares could be looked for, `unmarked` how many could not.
    """

    files: tuple[Path, ...]
    bytes_read: int
    marks: int
    unmarked: int
    found: tuple[Residue, ...]


class _Marks:
    """Marks by the first word of their share, packed: there may be a million of them."""

    def __init__(self) -> None:
        self._by_word: dict[int, bytes] = {}
        self.count = 0

    def add(self, key_id: UUID, mark: bytes) -> None:
        (word,) = _WORD.unpack_from(mark)
        self._by_word[word] = self._by_word.get(word, b"") + key_id.bytes + mark
        self.count += 1

    def words(self) -> frozenset[int]:
        return frozenset(self._by_word)

    def keys_of(self, word: int, window: bytes) -> Iterator[UUID]:
        """Yield the keys, of those whose share begins with `word`, whose share this is."""
        packed = self._by_word[word]
        for at in range(0, len(packed), _PACKED):
            key_id = UUID(bytes=packed[at : at + _ID])
            if share_mark(key_id, window) == packed[at + _ID : at + _PACKED]:
                yield key_id


def scan(store: Store, vault: Path, *, progress: Progress = lambda _done, _total: None) -> Scan:
    """Look for every revoked share in every live file.

    A revoked key without a mark is looked for where the vault still holds its share, and counted
    as unmarked otherwise. Not to be called inside a transaction: closing a file that SQLite has
    locked in the same process would give up its lock.

    Raises as `Vault.open`, and StoreUnavailable `store_unreachable` for a file that cannot be read:
    half a proof is none.
    """
    marks, unmarked = _revoked(store, Vault.open(vault))
    files = {path: _size(path) for path in _live_files(store.path, vault)}
    reader = _Reader(marks, progress, sum(files.values()))
    for path in files:
        reader.read(path)
    found = tuple(Residue(key_id, path, places) for (key_id, path), places in reader.found.items())
    return Scan(tuple(files), reader.done, marks.count, unmarked, found)


def _revoked(store: Store, vault: Vault) -> tuple[_Marks, int]:
    """Return the marks of the revoked keys, and how many of these keys have none."""
    marks = _Marks()
    without: list[UUID] = []
    key = EncryptionKey
    revoked = (
        select(key.id, key.share_mark)
        .where(or_(col(key.revoked_at).is_not(None), col(key.share_mark).is_not(None)))
        .execution_options(yield_per=_ROWS)
    )
    with store.read() as tx:
        for key_id, mark in tx.exec(revoked):
            if mark is None:
                without.append(key_id)
            else:
                marks.add(key_id, mark)
    held = vault.marks(without)
    for key_id, mark in held.items():
        marks.add(key_id, mark)
    return marks, len(without) - len(held)


def _live_files(store: Path, vault: Path) -> Iterator[Path]:
    """Yield store and vault, and what there is beside them: SQLite's own lie by the real file."""
    for path in (store.resolve(), vault.resolve()):
        yield path
        beside = [path.with_name(path.name + suffix) for suffix in _BESIDE]
        yield from (each for each in (*beside, ballast.beside(path)) if each.exists())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # a journal may be gone meanwhile; whatever matters is said when it is read
        return 0


class _Reader:
    """Reads files whole, in bounded memory, and counts the shares it meets."""

    def __init__(self, marks: _Marks, progress: Progress, total: int) -> None:
        self._marks = marks
        self._words = marks.words()
        self._progress = progress
        self._total = total
        self.done = 0
        self.found: Counter[tuple[UUID, Path]] = Counter()

    def read(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                for piece in self._pieces(file):
                    self.found.update((key_id, path) for key_id in self._keys_in(piece))
        except OSError as error:
            if isinstance(error, FileNotFoundError) and path.name.endswith(_BESIDE):
                return  # a journal that somebody has finished with meanwhile
            raise _unreadable() from None

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield pieces that overlap so that every 32 bytes are whole in exactly one of them."""
        rest = b""
        while read := file.read(_PIECE_BYTES):
            piece = rest + read
            yield piece
            rest = piece[-(SHARE_BYTES - 1) :]
            self.done += len(read)
            self._progress(self.done, max(self.done, self._total))

    def _keys_in(self, piece: bytes) -> Iterator[UUID]:
        for word in self._seen(piece):
            for window in _windows(piece, _WORD.pack(word)):
                yield from self._marks.keys_of(word, window)

    def _seen(self, piece: bytes) -> Iterable[int]:
        """Return which words are in the piece, at any place: four passes without Python's loop."""
        view = memoryview(piece)
        seen: set[int] = set()
        for shift in range(_WORD.size if len(piece) >= SHARE_BYTES else 0):
            whole = len(piece) - (len(piece) - shift) % _WORD.size
            seen |= self._words.intersection(view[shift:whole].cast("I"))
        return seen


def _windows(piece: bytes, beginning: bytes) -> Iterator[bytes]:
    """Yield every 32 bytes that begin so and are whole in the piece."""
    last = len(piece) - SHARE_BYTES + len(beginning)
    at = piece.find(beginning, 0, last)
    while at >= 0:
        yield piece[at : at + SHARE_BYTES]
        at = piece.find(beginning, at + 1, last)


def _unreadable() -> StoreUnavailable:
    return StoreUnavailable(
        _("A file of the store or of the vault cannot be read, so it is not known what is in it."),
        _("Check that its disk or network share is connected, and try again."),
        code="store_unreachable",
    )
