"""The attachments that carry no assignment (PROTOCOL.md section 10).

Certificates, wraps and sealed addresses are read and written here, in their form. Whether one is
signed by who may sign it, or is one too many, is for who checks the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from assigncli.crypto.stamps import prefixed
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import (
    VERSION,
    RecordForm,
    from_base64,
    listed,
    read,
    to_base64,
    written,
)
from assigncli.protocol.message import MAX_ATTACHMENT
from assigncli.protocol.sealed_keys import ORGANIZATION_WRAP, WRAP, OrganizationWrap, Wrap

MAX_CERTIFICATES: Final = 2
MAX_WRAPS: Final = 16

_CERTIFICATE: Final = RecordForm({"body": "base64", "signature": "hex64"})
_CHANNEL: Final = RecordForm({"id": "id", "sealed": "base64"})
_CERTIFICATES: Final = RecordForm(
    {
        "v": "number",
        "certificates": listed(_CERTIFICATE, MAX_CERTIFICATES, least=1),
        "organization_wraps": listed(ORGANIZATION_WRAP),
    }
)
_ORGANIZATION_WRAPS: Final = RecordForm(
    {"v": "number", "organization_wraps": listed(ORGANIZATION_WRAP, least=1)}
)
_WRAPS: Final = RecordForm({"v": "number", "wraps": listed(WRAP, MAX_WRAPS, least=1)})
_CHANNELS: Final = RecordForm({"v": "number", "channels": listed(_CHANNEL)})
_VALUE_LABEL: Final = b"assigncli/organization-value"


@dataclass(frozen=True)
class NewCertificate:
    """A certificate's body and its issuer's signature; its texts are with the server already."""

    body: bytes
    signature: bytes

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"body": to_base64(self.body), "signature": self.signature.hex()}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields of its form."""
        return cls(from_base64(fields["body"]), bytes.fromhex(fields["signature"]))


@dataclass(frozen=True)
class Certificates:
    """Certificates to approve, and the organization's keys wrapped for them."""

    certificates: tuple[NewCertificate, ...]
    organization_wraps: tuple[OrganizationWrap, ...] = ()

    def encode(self) -> bytes:
        """Return the attachment; Malformed for what `decode` would refuse."""
        fields = {
            "v": VERSION,
            "certificates": [each.fields() for each in self.certificates],
            "organization_wraps": [each.fields() for each in self.organization_wraps],
        }
        return written(fields, _CERTIFICATES, MAX_ATTACHMENT)

    @classmethod
    def decode(cls, body: bytes, count: int) -> Self:
        """Read `count` certificates and the wraps; Malformed for all else, VersionUnknown."""
        fields = read(body, _CERTIFICATES, MAX_ATTACHMENT)
        certificates = tuple(map(NewCertificate.from_fields, fields["certificates"]))
        if len(certificates) != count:
            raise Malformed("certificates")
        wraps = map(OrganizationWrap.from_fields, fields["organization_wraps"])
        return cls(certificates, tuple(wraps))


@dataclass(frozen=True)
class Channel:
    """A notification channel, its address sealed with the organization's key."""

    id: UUID
    sealed: bytes

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"id": str(self.id), "sealed": to_base64(self.sealed)}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields of its form."""
        return cls(UUID(fields["id"]), from_base64(fields["sealed"]))

    def bound_to(self, organization: UUID, member: UUID) -> bytes:
        """Return the additional data that the sealed address is bound to."""
        place = f"notification-channel/{self.id}".encode("ascii")
        return prefixed(_VALUE_LABEL, organization.bytes, member.bytes, place)


def encode_organization_wraps(wraps: Sequence[OrganizationWrap]) -> bytes:
    """Return the attachment; Malformed for what `decode_organization_wraps` would refuse."""
    fields = {"v": VERSION, "organization_wraps": [each.fields() for each in wraps]}
    return written(fields, _ORGANIZATION_WRAPS, MAX_ATTACHMENT)


def decode_organization_wraps(body: bytes, key: UUID) -> tuple[OrganizationWrap, ...]:
    """Read wraps of `key` and of no other; Malformed for all else, VersionUnknown."""
    fields = read(body, _ORGANIZATION_WRAPS, MAX_ATTACHMENT)["organization_wraps"]
    wraps = tuple(map(OrganizationWrap.from_fields, fields))
    if any(each.key != key for each in wraps):
        raise Malformed("key")
    return wraps


def encode_wraps(wraps: Sequence[Wrap]) -> bytes:
    """Return the attachment; Malformed for what `decode_wraps` would refuse."""
    fields = {"v": VERSION, "wraps": [each.fields() for each in wraps]}
    return written(fields, _WRAPS, MAX_ATTACHMENT)


def decode_wraps(body: bytes) -> tuple[Wrap, ...]:
    """Read wraps of one encryption key; Malformed for all else, VersionUnknown."""
    return tuple(map(Wrap.from_fields, read(body, _WRAPS, MAX_ATTACHMENT)["wraps"]))


def encode_channels(channels: Sequence[Channel]) -> bytes:
    """Return the attachment; Malformed for what `decode_channels` would refuse."""
    fields = {"v": VERSION, "channels": [each.fields() for each in channels]}
    _require_each_once(channels)
    return written(fields, _CHANNELS, MAX_ATTACHMENT)


def decode_channels(body: bytes) -> tuple[Channel, ...]:
    """Read all channels of a member; Malformed for all else, VersionUnknown."""
    fields = read(body, _CHANNELS, MAX_ATTACHMENT)["channels"]
    channels = tuple(map(Channel.from_fields, fields))
    _require_each_once(channels)
    return channels


def _require_each_once(channels: Sequence[Channel]) -> None:
    if len({each.id for each in channels}) != len(channels):
        raise Malformed("channels")
