"""The attachments that carry no assignment (PROTOCOL.md section 10).

This module encodes and decodes certificates, wraps and sealed addresses. Whether the signer may
sign them, or there are too many, is checked with the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from assigncli.crypto.prefixing import prefixed
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Body, Coded, Data, Id, Items, Many, Signature
from assigncli.protocol.message import MAX_ATTACHMENT
from assigncli.protocol.sealed_keys import OrganizationWrap, Wrap

MAX_CERTIFICATES: Final = 2
MAX_WRAPS: Final = 16

_VALUE_LABEL: Final = b"assigncli/organization-value"


@dataclass(frozen=True)
class NewCertificate(Coded):
    """A certificate's body and its issuer's signature; the server already has its texts."""

    body: Data
    signature: Signature


@dataclass(frozen=True)
class Certificates(Body, limit=MAX_ATTACHMENT):
    """Certificates to approve, and the organisation's keys wrapped for them."""

    certificates: Annotated[tuple[NewCertificate, ...], Items(1, MAX_CERTIFICATES)]
    organization_wraps: Many[OrganizationWrap] = ()


@dataclass(frozen=True)
class Channel(Coded):
    """A notification channel; its address is sealed with the organisation's key."""

    id: Id
    sealed: Data

    def bound_to(self, organization: UUID, member: UUID) -> bytes:
        """Return the additional data to which the sealed address is bound."""
        place = f"notification-channel/{self.id}".encode("ascii")
        return prefixed(_VALUE_LABEL, organization.bytes, member.bytes, place)


@dataclass(frozen=True)
class _OrganizationWraps(Body, limit=MAX_ATTACHMENT):
    organization_wraps: Annotated[tuple[OrganizationWrap, ...], Items(least=1)]


@dataclass(frozen=True)
class _Wraps(Body, limit=MAX_ATTACHMENT):
    wraps: Annotated[tuple[Wrap, ...], Items(1, MAX_WRAPS)]


@dataclass(frozen=True)
class _Channels(Body, limit=MAX_ATTACHMENT):
    channels: Many[Channel]

    def require(self) -> None:
        """Refuse the same channel twice."""
        if len({each.id for each in self.channels}) != len(self.channels):
            raise Malformed("channels")


def decode_certificates(body: bytes, count: int) -> Certificates:
    """Read `count` certificates and the wraps; Malformed for anything else, VersionUnknown."""
    made = Certificates.decode(body)
    if len(made.certificates) != count:
        raise Malformed("certificates")
    return made


def encode_organization_wraps(wraps: Sequence[OrganizationWrap]) -> bytes:
    """Return the attachment; Malformed for what `decode_organization_wraps` would refuse."""
    return _OrganizationWraps(tuple(wraps)).encode()


def decode_organization_wraps(body: bytes, key: UUID) -> tuple[OrganizationWrap, ...]:
    """Read wraps of only this `key`; Malformed for anything else, VersionUnknown."""
    wraps = _OrganizationWraps.decode(body).organization_wraps
    if any(each.key != key for each in wraps):
        raise Malformed("key")
    return wraps


def encode_wraps(wraps: Sequence[Wrap]) -> bytes:
    """Return the attachment; Malformed for what `decode_wraps` would refuse."""
    return _Wraps(tuple(wraps)).encode()


def decode_wraps(body: bytes) -> tuple[Wrap, ...]:
    """Read wraps of one encryption key; Malformed for anything else, VersionUnknown."""
    return _Wraps.decode(body).wraps


def encode_channels(channels: Sequence[Channel]) -> bytes:
    """Return the attachment; Malformed for what `decode_channels` would refuse."""
    return _Channels(tuple(channels)).encode()


def decode_channels(body: bytes) -> tuple[Channel, ...]:
    """Read all channels of a member; Malformed for anything else, VersionUnknown."""
    return _Channels.decode(body).channels
