"""The two organisation keys: generated at the founding, and sealed to devices.

`addresses` seals notification addresses, `imports` keys the import hashes. Coordinators and
administrators have both; the service has `addresses` alone, so that it cannot test whether a
guessed row was in a sheet (PROTOCOL.md 6.4). This module does not use the keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from assigncli.crypto.identity import Identity
from assigncli.crypto.organization_key import (
    new_organization_key,
    wrap_organization_key,
)
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.sealed_keys import USES, OrganizationWrap, Wrap
from assigncli.trust.envelopes import may_hold


def drawn(
    identity: Identity, maker: Certificate, readers: Sequence[Certificate]
) -> Iterator[OrganizationWrap]:
    """Generate both keys at the founding, and seal each to those of `readers` who may hold it.

    `identity` is the maker's.
    """
    for use in USES:
        key, key_id = new_organization_key(), uuid4()
        for reader in readers:
            if may_hold(use, reader):
                yield seal(identity, key, key_id, use, maker, reader)


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
    return wrap.signed(maker.organization, identity)
