"""Make a payload unreadable for good: mark its key dead in the store, then delete its share.

Status first, then share: after a crash in between, the key has `NOT_SHREDDED`, and the sweep
deletes the share. When a payload has to go is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar
from uuid import UUID

from assigncli.errors import StoreUnavailable, Tampered
from assigncli.server import endings
from assigncli.server.store import ballast, due, keys, restores
from assigncli.server.store.engine import Store
from assigncli.server.store.restores import LostKind
from assigncli.server.turn import Turn
from assigncli.server.vault.vault import Vault

T = TypeVar("T")

DISK_FULL: Final = "disk_full"
_ASKED: Final = 50


def delete_shares(turn: Turn, dead: Iterable[UUID]) -> bool:
    """Delete the shares of keys whose end is committed; return whether they are gone.

    If the vault is out of reach, or the disk does not confirm the deletion, the keys are dead all
    the same, and the sweep deletes the shares.
    """
    try:
        turn.vault.revoke(dead)
    except StoreUnavailable:
        return False
    return True


def with_ballast(turn: Turn, act: Callable[[], T]) -> T:
    """Do what ends a payload; if the disk is full, free the ballast and try once more.

    Room that is left is taken up again at once: the next payload to end needs it, and other writers
    on a full disk would use it up. Raises what `act` raises.
    """
    place = ballast.beside(turn.store.path)
    try:
        return act()
    except StoreUnavailable as full:
        if full.code != DISK_FULL or not ballast.free(place):
            raise
    try:
        return act()
    finally:
        ballast.put_back(place)


def left_behind(turn: Turn) -> Iterator[list[UUID]]:
    """Yield, in parts, the organisation's dead keys whose share is not known to be gone."""
    after: UUID | None = None
    while True:
        with turn.store.read() as tx:
            part = keys.unshredded(tx, turn.organization_id, after, due.PART)
        if not part:
            return
        yield part
        after = part[-1]


def finish(turn: Turn, dead: list[UUID]) -> set[UUID]:
    """Delete the shares of dead keys and record that; return the keys whose share was still there.

    On a full disk the shares are deleted although the store cannot record it. Raises
    StoreUnavailable for anything else.
    """
    deleted = turn.vault.revoke(dead)
    with _unless_disk_full(), turn.store.write() as tx:
        keys.shredded(tx, dead, turn.now)
    return deleted


@contextmanager
def _unless_disk_full() -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as full:
        if full.code != DISK_FULL:
            raise


def returned(turn: Turn, *, thorough: bool) -> list[UUID]:
    """Return the organisation's dead keys whose share is in the vault all the same.

    A restored vault brings shares back. Checks only shares put since the last run, or all if
    `thorough`.
    """
    held = turn.vault.unchecked(every=thorough)[1]
    with turn.store.read() as tx:
        dead = keys.dead(tx, turn.organization_id, held)
    return [key_id for key_id in held if key_id in dead]


def delete_lost(turn: Turn, *, dry_run: bool) -> int:
    """Delete the shares of keys that the lost part of a restored log had ended; return how many.

    A restore deletes them itself; an old copy of the vault can bring them back.
    """
    with turn.store.read() as tx:
        ended = restores.lost(tx, turn.organization_id, LostKind.KEY)
    held = turn.vault.held_among(ended) if ended else set()
    if held and not dry_run:
        turn.vault.revoke(held)
    return len(held)


def sorted_out(
    turn: Turn, dead: Iterable[UUID]
) -> tuple[list[UUID], list[tuple[int | None, Tampered]]]:
    """Return the keys that a signed entry ended, and number and problem of each other one.

    Call it before a share is deleted: that the store marks a key dead proves nothing.
    """
    ended: list[UUID] = []
    others: list[tuple[int | None, Tampered]] = []
    waiting = list(dead)
    for start in range(0, len(waiting), _ASKED):  # so that no writer waits for long
        with turn.store.read() as tx:
            for key_id in waiting[start : start + _ASKED]:
                assignment_id = keys.assignment_of(tx, key_id)
                try:
                    endings.course(turn, tx, assignment_id).key_ended_at(key_id)
                    ended.append(key_id)
                except Tampered as problem:
                    number = keys.number_of(tx, turn.organization_id, assignment_id)
                    others.append((number, problem))
    return ended, others


def delete_unregistered(store: Store, vault: Vault, *, dry_run: bool) -> tuple[int, int]:
    """Delete shares put for a row that was never written; return how many, and how many were kept.

    Looks at the whole store, since such a share names no organisation. Looks only at shares put
    since the last run: if the store does not know an older one, the store may be an old copy.
    Shares whose key an entry or an assignment names are kept and counted apart: their row was
    removed.

    Whoever writes a row puts its share while holding the store's lock. As this holds the lock too,
    it never sees a share whose row is about to be written.
    """
    if not vault.unchecked()[1]:
        return 0, 0
    with store.read() if dry_run else store.write() as tx:
        top, fresh = vault.unchecked()
        known = keys.registered(tx, fresh)
        unknown = [key_id for key_id in fresh if key_id not in known]
        named = keys.named_somewhere(tx, unknown)
        strays = [key_id for key_id in unknown if key_id not in named]
        if not dry_run:
            vault.revoke(strays)
            if not named:  # while some are kept, each run reports them
                vault.mark_checked(top)
    return len(strays), len(named)
