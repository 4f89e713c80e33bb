"""Whose devices are in force: the signing keys of each member's certificates.

For whoever lets an account read a member's lists. Verified up to the pinned root, from the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.member_names import SERVICE_HANDLE
from assigncli.server import admission
from assigncli.server.certified import chained
from assigncli.server.refused import Refused
from assigncli.server.store import members
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class MemberInForce:
    """A member with at least one device in force, and the signing keys of those devices."""

    id: UUID
    handle: str
    display_name: str
    keys: tuple[bytes, ...]


def people_in_force(turn: Turn) -> Iterator[MemberInForce]:
    """Yield the organisation's people who have a device in force, by handle; raises Tampered."""
    with turn.store.read() as tx:
        for row in members.everyone(tx, turn.organization_id):
            keys = tuple(keys_in_force(turn, tx, row.id))
            if keys and row.handle != SERVICE_HANDLE:
                yield MemberInForce(row.id, row.handle, row.display_name, keys)


def keys_in_force(turn: Turn, tx: Transaction, member: UUID) -> Iterator[bytes]:
    """Yield the signing keys of a member's certificates that are in force; raises Tampered."""
    members.preload(tx, [], [member])
    for row in members.preloaded(tx, member):
        if row.organization_id != turn.organization_id:
            continue
        try:
            admission.require_in_force(turn, tx, row)
        except Refused:
            continue
        yield chained(turn, tx, row).keys.signing_key
