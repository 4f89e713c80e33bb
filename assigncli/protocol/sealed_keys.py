"""Wraps: as they stand in unsigned JSON, and what their makers sign (PROTOCOL.md 6.4 and 6.5).

JSON holds only what is not known from a wrap's place; `body` adds the rest. Sealing and opening,
and whose wrap counts, are not decided here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from assigncli.crypto.stamps import prefixed
from assigncli.protocol.context import SUITE_BYTE, Context
from assigncli.protocol.forms import (
    SUITE,
    VERSION,
    RecordForm,
    Shape,
    from_base64,
    is_suite,
    listed,
    to_base64,
    uuid,
    written_signed,
)

PURPOSE: Final = "wrap"
ORGANIZATION_PURPOSE: Final = "organization-key"
ADDRESSES: Final = "addresses"
IMPORTS: Final = "imports"
USES: Final = (ADDRESSES, IMPORTS)
MAX_WRAP_BODY: Final = 4_096
WRAP_BYTES: Final = 80

_ORGANIZATION_LABEL: Final = b"assigncli/organization-key"

WRAP: Final = RecordForm(
    {"certificate": "id", "maker": "id", "wrap": "hex80", "signature": "hex64"}
)
ORGANIZATION_WRAP: Final = RecordForm(
    {
        "key": "id",
        "use": "/".join(USES),
        "certificate": "id",
        "maker": "id",
        "wrap": "hex80",
        "signature": "hex64",
    }
)
_SIGNED: Final[dict[str, Shape]] = {
    "v": "number",
    "suite": is_suite,
    "organization": "id",
    "certificate": "id",
    "maker": "id",
    "wrap_sha256": "hex32",
}
_BODY: Final = RecordForm(
    {**_SIGNED, "assignment": "id", "encryption_key": "id", "recipient": "id", "dispatcher": "id"}
)
_ORGANIZATION_BODY: Final = RecordForm({**_SIGNED, "key": "id", "use": "/".join(USES)})
ENVELOPE: Final = RecordForm(
    {"encryption_key": "id", "ciphertext": "base64", "wraps": listed(WRAP)}
)


@dataclass(frozen=True)
class Wrap:
    """A secret sealed to the device `certificate`, and signed by the device `maker`."""

    certificate: UUID
    maker: UUID
    wrap: bytes
    signature: bytes

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "certificate": str(self.certificate),
            "maker": str(self.maker),
            "wrap": self.wrap.hex(),
            "signature": self.signature.hex(),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields that conform to `WRAP`."""
        return cls(
            uuid(fields["certificate"]),
            uuid(fields["maker"]),
            bytes.fromhex(fields["wrap"]),
            bytes.fromhex(fields["signature"]),
        )

    def body(self, context: Context) -> bytes:
        """Return what its maker signs, with `PURPOSE`, for a secret of this context."""
        return written_signed({**context.fields(), **self._signed()}, _BODY, MAX_WRAP_BODY)

    def _signed(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "suite": SUITE,
            "certificate": str(self.certificate),
            "maker": str(self.maker),
            "wrap_sha256": hashlib.sha256(self.wrap).hexdigest(),
        }


@dataclass(frozen=True)
class OrganizationWrap:
    """An organization key, by its id and use, wrapped for one device."""

    key: UUID
    use: str
    wrap: Wrap

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"key": str(self.key), "use": self.use, **self.wrap.fields()}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields that conform to `ORGANIZATION_WRAP`."""
        return cls(UUID(fields["key"]), fields["use"], Wrap.from_fields(fields))

    def info(self, organization: UUID) -> bytes:
        """Return what the wrap is sealed for."""
        ids = (organization.bytes, self.key.bytes, self.wrap.certificate.bytes)
        return prefixed(_ORGANIZATION_LABEL, SUITE_BYTE, *ids)

    def body(self, organization: UUID) -> bytes:
        """Return what its maker signs, with `ORGANIZATION_PURPOSE`."""
        named = {"organization": str(organization), "key": str(self.key), "use": self.use}
        fields = {**named, **self.wrap._signed()}
        return written_signed(fields, _ORGANIZATION_BODY, MAX_WRAP_BODY)


@dataclass(frozen=True)
class Envelope:
    """A ciphertext, the id of its key, and the wraps that are the asker's."""

    encryption_key: UUID
    ciphertext: bytes
    wraps: tuple[Wrap, ...]

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "encryption_key": str(self.encryption_key),
            "ciphertext": to_base64(self.ciphertext),
            "wraps": [each.fields() for each in self.wraps],
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields that conform to `ENVELOPE`."""
        wraps = tuple(map(Wrap.from_fields, fields["wraps"]))
        return cls(UUID(fields["encryption_key"]), from_base64(fields["ciphertext"]), wraps)
