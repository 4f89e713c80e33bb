"""The two organisation keys as rows: draw them, seal them to a device, open one's own.

`addresses` seals notification addresses, `imports` keys the import hashes. Coordinators and
administrators have both; the service has `addresses` alone, so that it cannot try whether a row
that it guesses was in a sheet (PROTOCOL.md 6.4). What is sealed with them is not decided here.
"""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.crypto.organization_key import (
    organization_key_altered,
    unwrap_organization_key,
)
from assigncli.protocol.sealed_keys import OrganizationWrap, Wrap
from assigncli.server import certification
from assigncli.server.store import members
from assigncli.server.store.wraps import OrganizationKeyWrap
from assigncli.server.turn import Turn
from assigncli.trust.envelopes import may_hold, may_make


def held(turn: Turn, tx: Transaction, use: str) -> tuple[bytes, UUID] | None:
    """Return the key of this use sealed to the service, and its id; None if none.

    Raises Tampered `organization_key_altered` for one that was not sealed by who may, or for
    another use, and as `certification.acting`.
    """
    reader = certification.acting(turn, tx)
    row = members.organization_key_wrap(tx, turn.organization_id, reader.id, use)
    if row is None:
        return None
    maker = certification.verified_by_id(turn, tx, row.maker_certificate_id)
    wrap = OrganizationWrap(row.key_id, use, Wrap(reader.id, maker.id, row.wrap, row.signature))
    is_signed = wrap.is_signed(turn.organization_id, maker.keys.signing_key)
    if not (is_signed and may_make(maker) and may_hold(use, reader)):
        raise organization_key_altered()
    info = wrap.info(turn.organization_id)
    return unwrap_organization_key(row.wrap, info, turn.service.identity), row.key_id


def store(turn: Turn, tx: Transaction, wrap: OrganizationWrap) -> None:
    """Keep a wrap that was checked, in place of an earlier one for the same device."""
    tx.merge(
        OrganizationKeyWrap(
            organization_id=turn.organization_id,
            key_id=wrap.key,
            use=wrap.use,
            certificate_id=wrap.wrap.certificate,
            wrap=wrap.wrap.wrap,
            maker_certificate_id=wrap.wrap.maker,
            signature=wrap.wrap.signature,
            created_at=turn.now,
        )
    )
    tx.flush()
