"""The note of a move, beside a store that is being moved or was moved away.

While a store is moved, its files are in two folders, and each has a note that names the other one.
What decides is the old store's file: as long as it is there, the old place is the store, and the
new one is refused. The old place keeps its note, which says later where the store went.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from assigncli.errors import StoreUnavailable
from assigncli.private_files import look, replace

SUFFIX: Final = ".move"
_MAX_NOTE: Final = 1 << 15
"""A store is larger. One in the note's place is the old store, put there by the move itself."""


class Way(StrEnum):
    """What the note's place is in the move."""

    TO = "to"
    """The store is on its way from here, or was moved from here."""
    FROM = "from"
    """The store is on its way here."""
    ARRIVED = "arrived_from"
    """The store is here; files of it may be left where it was."""


@dataclass(frozen=True)
class MoveNote:
    """A note; `other` is the store's file at the other place, None where only the way is known."""

    way: Way
    other: Path | None

    def encode(self) -> bytes:
        """Return the note's bytes."""
        return json.dumps({self.way.value: os.fspath(self.other or "")}).encode("ascii") + b"\n"


def beside(store: Path) -> Path:
    """Return the place of a store's note."""
    return store.with_name(store.name + SUFFIX)


def write(store: Path, note: MoveNote) -> None:
    """Write a note beside a store, to disk; raises StoreUnavailable `settings_unreachable`."""
    replace(beside(store), note.encode())


def read(store: Path) -> MoveNote | None:
    """Return the note beside a store, or None; one that cannot be read says no more than `FROM`.

    Whether the store is here is in doubt then, so it is refused. A folder that cannot be entered
    has no note: it is refused when the store in it is looked at.
    """
    path = beside(store)
    try:
        facts = look(path)
    except PermissionError:
        return None
    except OSError:
        return MoveNote(Way.FROM, None)
    if facts is None:
        return None
    if facts.st_size > _MAX_NOTE:
        return MoveNote(Way.ARRIVED, None)
    try:
        return _decoded(path.read_bytes())
    except OSError:
        return MoveNote(Way.FROM, None)


def require_here(store: Path) -> None:
    """Refuse a place from which the store was moved away, or at which it has not arrived.

    Raises StoreUnavailable `store_moved` or `store_moving`.
    """
    path = store.resolve()
    note = read(path)
    if note is None or note.way is Way.ARRIVED:
        return
    if note.way is Way.TO:
        if not _is_there(path):
            other, left = _places(path, note)
            raise StoreUnavailable("store_moved", path=str(path), other=other, note=left)
    elif note.other is None or not has_left(note.other, path):
        other, _left = _places(path, note)
        raise StoreUnavailable("store_moving", path=str(path), other=other)


def require_settled(store: Path) -> None:
    """Refuse a place with a note, also one that is the store as long as a move is unfinished.

    Raises StoreUnavailable `store_moved` or `store_moving`.
    """
    require_here(store)
    path = store.resolve()
    note = read(path)
    if note is not None:
        raise unfinished(path, note)


def unfinished(store: Path, note: MoveNote) -> StoreUnavailable:
    """Return the error for a move that was interrupted, whose other place may have a vault too."""
    other, left = _places(store, note)
    return StoreUnavailable("store_moving", "elsewhere", other=other, note=left)


def has_left(old: Path, new: Path) -> bool:
    """Return whether a store was moved from `old` to `new`: certainly gone, with its note left.

    A disk that is not connected has neither, and says nothing.
    """
    try:
        return read(old) == MoveNote(Way.TO, new) and look(old) is None
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    try:
        return look(path) is not None
    except OSError:
        return True  # what is wrong is said of the store itself


def _places(store: Path, note: MoveNote) -> tuple[str, str]:
    """Return the other place of a move, and the path of the note beside the store."""
    return str(note.other or "?"), str(beside(store))


def _decoded(content: bytes) -> MoveNote:
    try:
        ((way, other),) = json.loads(content).items()
        return MoveNote(Way(way), Path(other))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return MoveNote(Way.FROM, None)
