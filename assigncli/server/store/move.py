"""Move a store's files into another folder, which may be another account's or on another disk.

Everything is copied first, while the old place goes on to be the store. Then the old store's file
goes, in one step, and the new place is the store. Only then are the old vault and keys written over
and removed. Killed at any point, the same move goes on where it was; `move_note` says how each
place is told. Nothing here knows what is in a file, except that the store is SQLite's.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from assigncli.errors import PartlyDone, StoreUnavailable, VaultUnavailable
from assigncli.file_lock import lock
from assigncli.private_files import look, require_private, sync_folder
from assigncli.server.store import ballast, move_files, move_note
from assigncli.server.store.guard_refusals import refusal
from assigncli.server.store.move_files import Acting, StorePlace
from assigncli.server.store.move_note import MoveNote, Way
from assigncli.server.store.served import served

_BUSY_SECONDS: Final = 30.0
_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))


@dataclass(frozen=True)
class Move:
    """A move from one place to another; `acting` is for the step that touches both.

    `shares_owner` says that both places have one owner. `complete` is called, as the new owner,
    once everything is copied.
    """

    old: StorePlace
    new: StorePlace
    acting: Acting
    shares_owner: bool
    complete: Callable[[], None]


@dataclass(frozen=True)
class _Held:
    """The open files of the old place, and what the files of keys say."""

    store: int
    vault: int
    plain: dict[str, int]
    keys: dict[str, bytes]


def carry_out(move: Move) -> None:
    """Move the store, or finish a move that was interrupted.

    Raises StoreUnavailable: `store_served`, `store_busy`, `store_exists` where the new place has
    files already, `store_moving` where another move is unfinished, `disk_full`, `store_io`; and
    PartlyDone `store_moved` where files could not be removed from the old place.
    """
    if not was_carried_out(move):
        require_possible(move)
        with _held(move) as held:
            _go(move, held)
            os.ftruncate(held.store, 0)  # whoever opened it before writes nothing there any more
    _clear_up(move)


def was_carried_out(move: Move) -> bool:
    """Return whether the store has left its old place for the new one."""
    with move.old.acting():
        return move_note.has_left(move.old.store, move.new.store)


def require_possible(move: Move) -> None:
    """Refuse a move where another one is unfinished, or the new place has files of a store.

    Raises StoreUnavailable `store_moving`, `store_exists`, `store_unsafe`, `store_unreachable`.
    """
    with move.old.acting():
        note = move_note.read(move.old.store)
        if note is not None and note != MoveNote(Way.TO, move.new.store):
            raise move_note.unfinished(move.old.store, note)
    with move.new.acting():
        require_private(move.new.store)
        note = move_note.read(move.new.store)
        if note == MoveNote(Way.FROM, move.old.store):
            return
        if note is not None and note.way is not Way.TO:
            raise move_note.unfinished(move.new.store, note)
        for path in (move.new.store, move.new.vault, move.new.keys, *move.new.plain()):
            if look(path) is not None:
                raise StoreUnavailable("store_exists", "moving", path=str(path))


@contextmanager
def _held(move: Move) -> Iterator[_Held]:
    """Keep every other process from the old store and its vault; raises `store_busy`.

    Closing any handle of a file ends SQLite's locks on it, so the store's is closed after those.
    """
    old = move.old
    with (
        old.acting(),
        served(old.store),
        move_files.opened(old.store) as store,
        closing(_locked(old)),
        move_files.opened(old.vault) as vault,
        move_files.plain_files(old) as plain,
    ):
        if not lock(vault):
            raise VaultUnavailable("store_busy", "vault")
        yield _Held(store, vault, plain, move_files.key_files(old))


def _locked(old: StorePlace) -> sqlite3.Connection:
    """Return a connection that keeps all others out; a half-done write is undone first."""
    address = f"{old.store.as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        raise refusal(error) from None
    return connection


def _go(move: Move, held: _Held) -> None:
    """Copy everything and leave; what was copied is removed again if that fails."""
    try:
        _copy_all(move, held)
        _leave(move)
    except BaseException as problem:
        is_done = was_carried_out(move)
        if not is_done:
            _take_back(move, held)
        if isinstance(problem, (OSError, StoreUnavailable)) and is_done:
            raise _left(move) from None
        if isinstance(problem, OSError):
            raise _unwritten(problem) from None
        raise


def _copy_all(move: Move, held: _Held) -> None:
    move_note.write(move.old.store, MoveNote(Way.TO, move.new.store))
    with move.new.acting():
        move_note.write(move.new.store, MoveNote(Way.FROM, move.old.store))
        move_files.remove(move.new, os.fstat(held.vault))  # of the same move, interrupted
        _require_room(move, held)
        for name, handle in held.plain.items():
            move_files.copy(handle, move.new.folder / name)
        move_files.write_keys(move.new, held.keys)
    _put_vault(move, held)
    with move.new.acting():
        move_files.copy(held.store, move.new.store)
        ballast.keep(ballast.beside(move.new.store))
        move.complete()
        sync_folder(move.new.folder)


def _put_vault(move: Move, held: _Held) -> None:
    """Give the vault's file its new name too, where it stays with its owner and on its disk.

    Otherwise copy it, and so have its shares in two places until the old one is written over.
    """
    if move.shares_owner:
        with suppress(OSError):
            os.link(move.old.vault, move.new.vault, follow_symlinks=False)
            return
    with move.new.acting():
        move_files.copy(held.vault, move.new.vault)


def _leave(move: Move) -> None:
    """Let the old store's file go: from this step on the new place is the store.

    On one disk it takes the place of the note that holds the new one back, a single step for both.
    Between two disks that note goes next, unless the new owner can see that the old store has gone.
    """
    name, note = move.old.store.name, move_note.beside(move.new.store).name
    with _folder(move.old) as old, _folder(move.new) as new, move.acting():
        try:
            os.rename(name, note, src_dir_fd=old, dst_dir_fd=new)
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise
            os.unlink(name, dir_fd=old)
        os.fsync(new)
        os.fsync(old)
    _arrived(move)


@contextmanager
def _folder(place: StorePlace) -> Iterator[int]:
    """Open a folder as its owner, so that nobody can put another one in its place meanwhile."""
    with place.acting():
        handle = os.open(place.folder, _FOLDER)
    try:
        yield handle
    finally:
        os.close(handle)


def _arrived(move: Move) -> None:
    with move.new.acting():
        move_note.write(move.new.store, MoveNote(Way.ARRIVED, move.old.store))


def _clear_up(move: Move) -> None:
    """Write over and remove what is left at the old place; its note stays, and says where to."""
    with move.new.acting():
        note = move_note.read(move.new.store)
        if note is None or note.way is Way.TO:  # all was done, and perhaps the store moved on
            return
        if note.way is Way.FROM:
            _arrived(move)
        vault = look(move.new.vault)
    try:
        if vault is None:  # nothing is written over as long as it is not known to be elsewhere
            raise FileNotFoundError
        with move.old.acting():
            move_files.remove(move.old, vault)
        with move.new.acting():
            move_note.beside(move.new.store).unlink(missing_ok=True)
            sync_folder(move.new.folder)
    except OSError:
        raise _left(move) from None


def _take_back(move: Move, held: _Held) -> None:
    """Remove what was copied, so that only the old place is left."""
    with suppress(OSError, StoreUnavailable):
        with move.new.acting():
            move_files.remove(move.new, os.fstat(held.vault))
            move_note.beside(move.new.store).unlink(missing_ok=True)
            sync_folder(move.new.folder)
        move_note.beside(move.old.store).unlink(missing_ok=True)


def _require_room(move: Move, held: _Held) -> None:
    handles = (held.store, held.vault, *held.plain.values())
    needed = sum(os.fstat(handle).st_size for handle in handles)
    if shutil.disk_usage(move.new.folder).free < needed + 2 * ballast.BALLAST_BYTES:
        raise StoreUnavailable("disk_full")


def _left(move: Move) -> PartlyDone:
    return PartlyDone("store_moved", "left", folder=str(move.old.folder))


def _unwritten(problem: OSError) -> StoreUnavailable:
    return StoreUnavailable("disk_full" if problem.errno in _FULL else "store_io")
