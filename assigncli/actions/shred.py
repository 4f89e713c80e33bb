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


def delete_shares(session: Session, dead: Iterable[UUID]) -> None:
    """Delete the shares of dead keys, after the commit that says so."""
    session.vault.revoke(dead)


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
    marks = session.vault.marks(dead)
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


def delete_unregistered(session: Session) -> list[UUID]:
    """Delete shares that were put for a row which was never written; return their keys.

    Whoever writes such a row puts its share while holding the store, so that while this holds it
    there is none between the two.
    """
    if not session.vault.unchecked()[1]:
        return []
    with session.store.write() as tx:
        top, key_ids = session.vault.unchecked()
        known = keys.registered(tx, key_ids)
        unknown = [key_id for key_id in key_ids if key_id not in known]
        session.vault.revoke(unknown, compact=False)
        session.vault.mark_checked(top)
    return unknown
