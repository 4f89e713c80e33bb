"""A certificate: one device of one member, as its issuer vouches for it (PROTOCOL.md section 6.1).

It is read and written here. Whose signature it bears, and whether it counts at a place in the log,
is decided in `trust`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self
from uuid import UUID

from assigncli.crypto.identity import PublicIdentity
from assigncli.errors import Tampered
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import (
    SUITE,
    VERSION,
    RecordForm,
    conforms,
    is_suite,
    read_signed,
    written_signed,
)
from assigncli.protocol.texts import SALT_BYTES, Text

PURPOSE: Final = "certificate"
_REMEMBERED: Final = 256
MAX_CERTIFICATE: Final = 4_096
SERVICE: Final = "service"
TEXTS: Final = ("handle", "display_name", "device")
SERVICE_ROLES: Final = frozenset({SERVICE})
SERVICE_TEXTS: Final = {field: Text(bytes(SALT_BYTES), SERVICE) for field in TEXTS}
"""The texts of a service: a word that nobody typed, so that a salt would have nothing to hide."""


def _are_roles(value: object) -> bool:
    """Say whether these are roles of a person, at least one; or the service's alone."""
    return value == [SERVICE] or (conforms("{role}", value) and value != [])


_FORM: Final = RecordForm(
    {
        "v": "number",
        "suite": is_suite,
        "id": "id",
        "organization": "id",
        "member": "id",
        "roles": _are_roles,
        "signing_key": "hex32",
        "encryption_key": "hex32",
        "texts": RecordForm(dict.fromkeys(TEXTS, "hex32")),
        "issuer": "id?",
    }
)


@dataclass(frozen=True)
class Certificate:
    """Keys and roles of a member's device; `texts` are digests of `TEXTS`.

    `issuer` is the certificate that vouches for it, None where the root key does.
    """

    id: UUID
    organization: UUID
    member: UUID
    roles: frozenset[str]
    keys: PublicIdentity
    texts: Mapping[str, bytes]
    issuer: UUID | None

    def encode(self) -> bytes:
        """Return the body to sign; Malformed for what `decode` would refuse."""
        fields = {
            "v": VERSION,
            "suite": SUITE,
            "id": str(self.id),
            "organization": str(self.organization),
            "member": str(self.member),
            "roles": sorted(self.roles),
            "signing_key": self.keys.signing_key.hex(),
            "encryption_key": self.keys.encryption_key.hex(),
            "texts": {field: found.hex() for field, found in self.texts.items()},
            "issuer": None if self.issuer is None else str(self.issuer),
        }
        return written_signed(fields, _FORM, MAX_CERTIFICATE)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for all else, VersionUnknown for another version."""
        return cls(**_read(bytes(body)))


@lru_cache(maxsize=_REMEMBERED)
def _read(body: bytes) -> Mapping[str, Any]:
    """Read once what a command meets again in each of its transactions."""
    fields = read_signed(body, _FORM, MAX_CERTIFICATE)
    issuer = fields["issuer"]
    return {
        "id": UUID(fields["id"]),
        "organization": UUID(fields["organization"]),
        "member": UUID(fields["member"]),
        "roles": frozenset(fields["roles"]),
        "keys": _keys(fields),
        "texts": {field: bytes.fromhex(found) for field, found in fields["texts"].items()},
        "issuer": None if issuer is None else UUID(issuer),
    }


def _keys(fields: Mapping[str, Any]) -> PublicIdentity:
    """Return the keys; Malformed for those of low order or in a second spelling."""
    signing_key, encryption_key = fields["signing_key"], fields["encryption_key"]
    try:
        return PublicIdentity(bytes.fromhex(signing_key), bytes.fromhex(encryption_key))
    except Tampered:
        raise Malformed("a key that protects nothing") from None
