"""The organisation's keys as rows, each sealed to one device.

`addresses` seals notification addresses; `imports` keys the import hashes. Coordinators and
administrators have both. The service has only `addresses`, so that it cannot test whether a guessed
row was in a sheet (PROTOCOL.md 6.4).
"""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.crypto.organization_key import (
    organization_key_altered,
    unwrap_organization_key,
    wrap_organization_key,
)
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.sealed_keys import ADDRESSES, OrganizationWrap, Wrap
from assigncli.server import certification, service
from assigncli.server.store import members
from assigncli.server.store.wraps import OrganizationKeyWrap
from assigncli.server.turn import Turn
from assigncli.trust.envelopes import may_hold, may_make


def store(turn: Turn, tx: Transaction, wrap: OrganizationWrap) -> None:
    """Keep a checked wrap, replacing an earlier one for the same device."""
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


def give(turn: Turn, tx: Transaction, reader: Certificate) -> None:
    """Seal the key for addresses, as the service holds it, to a device that may hold it.

    For who is approved by the root key, which holds no key of the organisation. The service reads
    addresses anyway, to send notifications. Raises as `service.own`, and as `held`.
    """
    ours = service.own(turn, tx)
    found = held(turn, tx, ours.certificate)
    if found is None or not may_hold(ADDRESSES, reader):
        return
    key = unwrap_organization_key(found.wrap.wrap, found.info(turn.organization_id), ours.identity)
    given = OrganizationWrap(found.key, ADDRESSES, Wrap(reader.id, ours.certificate.id, b"", b""))
    sealed = wrap_organization_key(
        key, given.info(turn.organization_id), reader.keys.encryption_key
    )
    wrap = Wrap(reader.id, ours.certificate.id, sealed, b"")
    unsigned = OrganizationWrap(found.key, ADDRESSES, wrap)
    store(turn, tx, unsigned.signed(turn.organization_id, ours.identity))


def held(turn: Turn, tx: Transaction, reader: Certificate) -> OrganizationWrap | None:
    """Return the key for addresses as it is sealed to the service, or None.

    Raises Tampered `organization_key_altered` if who sealed it may not, or it is for another use.
    """
    row = members.organization_key_wrap(tx, turn.organization_id, reader.id, ADDRESSES)
    if row is None:
        return None
    maker = certification.verified_by_id(turn, tx, row.maker_certificate_id)
    sealed = Wrap(reader.id, maker.id, row.wrap, row.signature)
    wrap = OrganizationWrap(row.key_id, ADDRESSES, sealed)
    is_signed = wrap.is_signed(turn.organization_id, maker.keys.signing_key)
    if not (is_signed and may_make(ADDRESSES, maker) and may_hold(ADDRESSES, reader)):
        raise organization_key_altered()
    return wrap
