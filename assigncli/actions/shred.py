"""Make a payload unreadable for good: its key is marked dead in the store, its share deleted.

Status first, then share: what a crash leaves between the two is found by `NOT_SHREDDED`, and the
sweep deletes it. Nothing here decides that a payload's time is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli import disk_error
from assigncli.actions.session import Session
from assigncli.errors import StoreUnavailable
from assigncli.store import due, keys

T = TypeVar("T")

DISK_FULL: Final = "disk_full"


def mark_dead(session: Session, tx: Transaction, key_id: UUID) -> None:
    """Record that the key is dead, and a mark by which its share could be found in a file.

    Where the vault cannot be read the mark is missing; the sweep adds it before it deletes.
    """
    try:
        mark = session.vault.marks([key_id]).get(key_id)
    except StoreUnavailable:
        mark = None
    keys.revoke(tx, key_id, session.now, mark)


def delete_shares(session: Session, dead: Iterable[UUID]) -> bool:
    """Delete the shares of dead keys, after the commit that says so; say whether they are gone.

    Where the vault is out of reach the keys are dead all the same, and the sweep deletes them. They
    are gone, too, where only rebuilding the file failed.
    """
    keys_dead = list(dead)
    try:
        session.vault.revoke(keys_dead)
    except StoreUnavailable:
        return _found_gone(session, keys_dead)
    return True


def _found_gone(session: Session, dead: list[UUID]) -> bool:
    try:
        gone = not session.vault.marks(dead)
    except StoreUnavailable:
        return False
    if gone:
        disk_error.report()
    return gone


def with_ballast(session: Session, act: Callable[[], T]) -> T:
    """Do what ends a payload; where the disk is full, once more with the ballast's room.

    Raises what `act` raises.
    """
    try:
        return act()
    except StoreUnavailable as full:
        if full.code != DISK_FULL or not session.vault.free_ballast():
            raise
    return act()


def left_behind(session: Session) -> Iterator[list[UUID]]:
    """Yield, in parts, dead keys of the organisation whose share is not known to be gone."""
    after: UUID | None = None
    while True:
        with session.store.read() as tx:
            part = keys.unshredded(tx, session.organization_id, after, due.PART)
        if not part:
            return
        yield part
        after = part[-1]


def finish(session: Session, dead: list[UUID]) -> set[UUID]:
    """Delete what is left of dead keys; return those whose share was still there.

    The file is not rebuilt here: that ends a whole run. On a full disk the shares go although the
    store cannot say so. Raises StoreUnavailable for whatever else.
    """
    held = session.vault.marks(dead)
    with session.store.read() as tx:
        unmarked = keys.unmarked_among(tx, list(held))
    marks = {key_id: mark for key_id, mark in held.items() if key_id in unmarked}
    if marks:
        with _unless_disk_full(), session.store.write() as tx:
            keys.remember_marks(tx, marks)
    deleted = session.vault.revoke(dead, compact=False)
    with _unless_disk_full(), session.store.write() as tx:
        keys.shredded(tx, dead, session.now)
    return deleted


@contextmanager
def _unless_disk_full() -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as full:
        if full.code != DISK_FULL:
            raise


def strays(session: Session, *, thorough: bool) -> list[UUID]:
    """Return the keys of what `delete_strays` would delete, less what `left_behind` yields."""
    fresh = session.vault.unchecked()[1]
    with session.store.read() as tx:
        found = [*_not_alive(tx, fresh), *(_dead_and_held(session, tx) if thorough else [])]
        awaited = keys.unshredded_among(tx, found)
    return [key_id for key_id in dict.fromkeys(found) if key_id not in awaited]


def delete_strays(session: Session, *, thorough: bool) -> list[UUID]:
    """Delete shares that should not be there; return their keys.

    Such as were put for a row which was never written; or, where every share is looked at
    (`thorough`) and not only new ones, such as came back with a copy of the vault. An older share
    that the store does not know is left: it may be the store that is an old copy. Whoever writes a
    row puts its share while holding the store, so that while this holds it there is none between
    the two.
    """
    with session.store.read() as tx:
        returned = _dead_and_held(session, tx) if thorough else []
    if not returned and not session.vault.unchecked()[1]:
        return []
    with session.store.write() as tx:
        top, fresh = session.vault.unchecked()
        found = list(dict.fromkeys([*_not_alive(tx, fresh), *returned]))
        session.vault.revoke(found, compact=False)
        session.vault.mark_checked(top)
    return found


def _not_alive(tx: Transaction, fresh: list[UUID]) -> list[UUID]:
    known, dead = keys.registered(tx, fresh), keys.dead(tx, fresh)
    return [key_id for key_id in fresh if key_id in dead or key_id not in known]


def _dead_and_held(session: Session, tx: Transaction) -> list[UUID]:
    """Return dead keys whose share the vault still has; no key ever comes to life again."""
    held = session.vault.unchecked(every=True)[1]
    dead = keys.dead(tx, held)
    return [key_id for key_id in held if key_id in dead]
