"""Open the addresses of a recipient with the organisation's key for them."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.addresses import Addresses
from assigncli.crypto.organization_key import unwrap_organization_key
from assigncli.errors import IdentityUnavailable
from assigncli.protocol.attachments import Channel
from assigncli.server import certification, organization_key_wraps, service
from assigncli.server.store import channels
from assigncli.server.turn import Turn


def addresses_of(turn: Turn, tx: Transaction, member_id: UUID) -> list[str | None]:
    """Return the member's channels as Apprise URLs, oldest first; None for an unusable one.

    Raises IdentityUnavailable `organization_key_missing` if the organisation's key is not sealed to
    the service, Tampered `organization_key_altered` if it was sealed by somebody who may not, or
    for another use, and as `certification.acting`.
    """
    theirs = _sealed(turn, tx, member_id)
    if not theirs:
        return []
    ours = turn.service.member_id
    key, servers = _key(turn, tx), _sealed(turn, tx, ours)
    addresses = Addresses(turn.organization_id, key, ours, servers)
    return [addresses.opened(member_id, each) for each in theirs]


def _sealed(turn: Turn, tx: Transaction, member_id: UUID) -> list[Channel]:
    rows = channels.of_member(tx, turn.organization_id, member_id)
    return [Channel(row.id, row.sealed) for row in rows]


def _key(turn: Turn, tx: Transaction) -> bytes:
    reader = certification.acting(turn, tx)
    wrap = organization_key_wraps.held(turn, tx, reader)
    if wrap is None:
        raise IdentityUnavailable("organization_key_missing", "service")
    info = wrap.info(turn.organization_id)
    return unwrap_organization_key(wrap.wrap.wrap, info, service.own(turn, tx).identity)
