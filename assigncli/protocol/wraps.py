"""Wraps as they stand in unsigned JSON (PROTOCOL.md sections 6.4 and 6.5).

They are opened and their signatures checked in `crypto`; the rest of what is signed is known from
their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from assigncli.protocol.forms import Record, from_base64, listed, to_base64

WRAP: Final = Record({"certificate": "id", "maker": "id", "wrap": "hex80", "signature": "hex64"})
ORGANIZATION_WRAP: Final = Record(
    {
        "key": "id",
        "use": "addresses/imports",
        "certificate": "id",
        "maker": "id",
        "wrap": "hex80",
        "signature": "hex64",
    }
)
ENVELOPE: Final = Record({"encryption_key": "id", "ciphertext": "base64", "wraps": listed(WRAP)})


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
            UUID(fields["certificate"]),
            UUID(fields["maker"]),
            bytes.fromhex(fields["wrap"]),
            bytes.fromhex(fields["signature"]),
        )


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
