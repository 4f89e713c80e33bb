"""The two organisation keys as rows: draw them, seal them to a device, open one's own.

`addresses` seals notification addresses, `imports` keys the import hashes. Coordinators and
administrators have both; the service has `addresses` alone, so that it cannot try whether a row
that it guesses was in a sheet (PROTOCOL.md 6.4). What is sealed with them is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import trust
from assigncli.actions.session import Session
from assigncli.crypto.identity import Identity
from assigncli.crypto.organization_key import (
    new_organization_key,
    organization_key_altered,
    unwrap_organization_key,
    wrap_organization_key,
)
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.wraps import ORGANIZATION_PURPOSE, USES, OrganizationWrap, Wrap
from assigncli.store import members
from assigncli.store.wraps import OrganizationKeyWrap
from assigncli.trust.envelopes import may_hold, may_make


def drawn(
    identity: Identity, maker: Certificate, readers: Sequence[Certificate]
) -> Iterator[OrganizationWrap]:
    """Draw both keys at the founding, and seal each to those of `readers` who may hold it.

    `identity` is the maker's.
    """
    for use in USES:
        key, key_id = new_organization_key(), uuid4()
        for reader in readers:
            if may_hold(use, reader):
                yield seal(identity, key, key_id, use, maker, reader)


def held(session: Session, tx: Transaction, use: str) -> tuple[bytes, UUID] | None:
    """Return the key of this use sealed to the acting member's device, and its id; None if none.

    Raises Tampered `organization_key_altered` for one that was not sealed by who may, or for
    another use, and as `trust.acting`.
    """
    reader = trust.acting(session, tx)
    row = members.organization_key_wrap(tx, session.organization_id, reader.id, use)
    if row is None:
        return None
    maker = trust.verified_by_id(session, tx, row.maker_certificate_id)
    wrap = OrganizationWrap(row.key_id, use, Wrap(reader.id, maker.id, row.wrap, row.signature))
    body = wrap.body(session.organization_id)
    is_signed = maker.keys.verify(ORGANIZATION_PURPOSE, body, row.signature)
    if not (is_signed and may_make(maker) and may_hold(use, reader)):
        raise organization_key_altered()
    info = wrap.info(session.organization_id)
    return unwrap_organization_key(row.wrap, info, session.identity), row.key_id


def store(session: Session, tx: Transaction, wrap: OrganizationWrap) -> None:
    """Keep a wrap that was checked, in place of an earlier one for the same device."""
    tx.merge(
        OrganizationKeyWrap(
            organization_id=session.organization_id,
            key_id=wrap.key,
            use=wrap.use,
            certificate_id=wrap.wrap.certificate,
            wrap=wrap.wrap.wrap,
            maker_certificate_id=wrap.wrap.maker,
            signature=wrap.wrap.signature,
            created_at=session.now,
        )
    )
    tx.flush()


def seal(
    identity: Identity,
    key: bytes,
    key_id: UUID,
    use: str,
    maker: Certificate,
    reader: Certificate,
) -> OrganizationWrap:
    """Seal a key to one device; `identity` is the maker's, who signs the wrap."""
    unsealed = OrganizationWrap(key_id, use, Wrap(reader.id, maker.id, b"", b""))
    info = unsealed.info(maker.organization)
    sealed = wrap_organization_key(key, info, reader.keys.encryption_key)
    wrap = OrganizationWrap(key_id, use, Wrap(reader.id, maker.id, sealed, b""))
    signature = identity.sign(ORGANIZATION_PURPOSE, wrap.body(maker.organization))
    return OrganizationWrap(key_id, use, Wrap(reader.id, maker.id, sealed, signature))
