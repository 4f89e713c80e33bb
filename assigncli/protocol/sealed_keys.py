"""Wraps: their form in unsigned JSON, and what their makers sign (PROTOCOL.md 6.4 and 6.5).

JSON has only what a wrap's place does not already determine; `body` adds the rest. Sealing and
opening, and which wraps count, are not decided here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Annotated, Final, Self
from uuid import UUID

from assigncli.crypto.prefixing import prefixed
from assigncli.protocol.codec import (
    Coded,
    Data,
    Hash,
    Id,
    Many,
    SealedSecret,
    Signature,
    Spelling,
    spread,
)
from assigncli.protocol.context import SUITE_BYTE, Context
from assigncli.protocol.signed_body import SignedBody, Signing

ADDRESSES: Final = "addresses"
IMPORTS: Final = "imports"
USES: Final = (ADDRESSES, IMPORTS)
MAX_WRAP_BODY: Final = 4_096
WRAP_BYTES: Final = 80

_ORGANIZATION_LABEL: Final = b"assigncli/organization-key"

Use = Annotated[str, Spelling("/".join(USES))]


@dataclass(frozen=True)
class WrapBody(SignedBody, purpose="wrap", limit=MAX_WRAP_BODY, suite=True):
    """What the maker of a wrap signs."""

    context: Annotated[Context, spread(Context)]
    certificate: Id
    maker: Id
    wrap_sha256: Hash


@dataclass(frozen=True)
class OrganizationWrapBody(SignedBody, purpose="organization-key", limit=MAX_WRAP_BODY, suite=True):
    """What the maker of an organisation key's wrap signs."""

    organization: Id
    key: Id
    use: Use
    certificate: Id
    maker: Id
    wrap_sha256: Hash


@dataclass(frozen=True)
class Wrap(Coded):
    """A secret sealed to the device `certificate`, and signed by the device `maker`."""

    certificate: Id
    maker: Id
    wrap: SealedSecret
    signature: Signature

    def body(self, context: Context) -> WrapBody:
        """Return what its maker signs, for a secret of this context."""
        return WrapBody(context, self.certificate, self.maker, _sha256(self.wrap))

    def signed(self, context: Context, maker: Signing) -> Self:
        """Return it with its maker's signature."""
        _body, signature = self.body(context).signed_by(maker)
        return replace(self, signature=signature)

    def is_signed(self, context: Context, key: bytes) -> bool:
        """Say whether the signature is that of `key` over a wrap of this context."""
        return WrapBody.is_signed(self.body(context).encode(), self.signature, key)


@dataclass(frozen=True)
class OrganizationWrap(Coded):
    """An organisation key, by id and use, wrapped for one device."""

    key: Id
    use: Use
    wrap: Annotated[Wrap, spread(Wrap)]

    def info(self, organization: UUID) -> bytes:
        """Return the bytes to which the wrap is bound."""
        ids = (organization.bytes, self.key.bytes, self.wrap.certificate.bytes)
        return prefixed(_ORGANIZATION_LABEL, SUITE_BYTE, *ids)

    def body(self, organization: UUID) -> OrganizationWrapBody:
        """Return what its maker signs."""
        wrap = self.wrap
        return OrganizationWrapBody(
            organization, self.key, self.use, wrap.certificate, wrap.maker, _sha256(wrap.wrap)
        )

    def signed(self, organization: UUID, maker: Signing) -> Self:
        """Return it with its maker's signature."""
        _body, signature = self.body(organization).signed_by(maker)
        return replace(self, wrap=replace(self.wrap, signature=signature))

    def is_signed(self, organization: UUID, key: bytes) -> bool:
        """Say whether the signature is that of `key` over a wrap of this organisation's key."""
        body = self.body(organization).encode()
        return OrganizationWrapBody.is_signed(body, self.wrap.signature, key)


@dataclass(frozen=True)
class Envelope(Coded):
    """A ciphertext, the id of its key, and the wraps for the asking member."""

    encryption_key: Id
    ciphertext: Data
    wraps: Many[Wrap]


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
