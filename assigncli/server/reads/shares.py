"""Test that the vault has the share of every live key, and that it matches its commitment.

Otherwise a missing or altered share is only found when somebody cannot open the brief. Keys are
read in pages, so that memory is bounded, and each transaction ends before the vault is read, so
that no writer waits. Nothing is changed, and no share leaves the vault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from assigncli.protocol.context import Context
from assigncli.server.store import keys, restores
from assigncli.server.store.engine import Store
from assigncli.server.store.keys import Live
from assigncli.server.store.restores import LostKind
from assigncli.server.vault.vault import Vault

PAGE: Final = 10_000


@dataclass(frozen=True)
class BadShare:
    """A live key whose share is missing, or is the wrong one (`altered`).

    `number` is its assignment's, also a draft's; None if no assignment has this key.
    """

    organization: str
    number: int | None
    altered: bool


def bad_shares(store: Store, vault: Vault) -> Iterator[BadShare]:
    """Yield the live keys whose share is bad, page by page; raises StoreUnavailable."""
    after: UUID | None = None
    while True:
        with store.read() as tx:
            page = keys.live(tx, after, PAGE)
        if not page:
            return
        yield from _of_page(store, vault, page)
        after = page[-1].key_id


def _of_page(store: Store, vault: Vault, page: Sequence[Live]) -> Iterator[BadShare]:
    found = _tested(vault, page)
    if not found:
        return
    # Meanwhile a key may have ended, or a draft been sealed with another: neither is a fault. Nor
    # is a share that was deleted in the lost part of a restored log.
    with store.read() as tx:
        lost = restores.lost_among(tx, LostKind.KEY, list(found))
        still = {row.key_id: row for row in keys.live_among(tx, [*found.keys() - lost])}
    for key_id, altered in _tested(vault, list(still.values())).items():
        row = still[key_id]
        yield BadShare(row.organization, row.number, altered)


def _tested(vault: Vault, page: Sequence[Live]) -> dict[UUID, bool]:
    """Return the keys whose share is bad: True if it is wrong, False if it is missing."""
    checks = {row.key_id: partial(_is_committed, row) for row in page}
    return vault.unvouched(checks)


def _is_committed(row: Live, share: bytes) -> bool:
    if row.recipient_id is None or row.dispatcher_id is None:
        return False
    context = Context(
        organization=row.organization_id,
        assignment=row.assignment_id,
        encryption_key=row.key_id,
        recipient=row.recipient_id,
        dispatcher=row.dispatcher_id,
    )
    return context.commitment(share) == row.share_commitment
