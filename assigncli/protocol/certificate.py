"""A certificate: keys and roles of a member's device, signed by its issuer (PROTOCOL.md 6.1).

This module encodes and decodes it. Who signed it, and whether it counts at a place in the log, is
decided in `trust`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final

from assigncli.crypto.identity import PublicIdentity
from assigncli.errors import Tampered
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Id, Spelling, Spread, digests
from assigncli.protocol.forms import RecordForm, conforms
from assigncli.protocol.signed_body import SignedBody
from assigncli.protocol.texts import SALT_BYTES, Text

_REMEMBERED: Final = 256
MAX_CERTIFICATE: Final = 4_096
SERVICE: Final = "service"
TEXTS: Final = ("handle", "display_name", "device")
SERVICE_ROLES: Final = frozenset({SERVICE})
SERVICE_TEXTS: Final = {field: Text(bytes(SALT_BYTES), SERVICE) for field in TEXTS}
"""The texts of a service: a fixed word that nobody typed, so a random salt would hide nothing."""


def _are_roles(value: object) -> bool:
    """Say whether these are roles of a person, at least one; or only the service's."""
    return value == [SERVICE] or (conforms("{role}", value) and value != [])


def _keys(fields: Mapping[str, Any]) -> PublicIdentity:
    """Return the keys; Malformed for those of low order or in a non-canonical encoding."""
    signing_key, encryption_key = fields["signing_key"], fields["encryption_key"]
    try:
        return PublicIdentity(bytes.fromhex(signing_key), bytes.fromhex(encryption_key))
    except Tampered:
        raise Malformed("a key that protects nothing") from None


def _spelt_keys(keys: PublicIdentity) -> Mapping[str, str]:
    return {"signing_key": keys.signing_key.hex(), "encryption_key": keys.encryption_key.hex()}


_KEYS: Final = Spread({"signing_key": "hex32", "encryption_key": "hex32"}, _keys, _spelt_keys)


@dataclass(frozen=True)
class Certificate(SignedBody, purpose="certificate", limit=MAX_CERTIFICATE, suite=True):
    """Keys and roles of a member's device; `texts` are digests of `TEXTS`.

    `issuer` is the certificate of its issuer, None where the root key signed it.
    """

    id: Id
    organization: Id
    member: Id
    roles: Annotated[frozenset[str], Spelling(_are_roles, frozenset, sorted)]
    keys: Annotated[PublicIdentity, _KEYS]
    texts: Annotated[Mapping[str, bytes], digests(RecordForm(dict.fromkeys(TEXTS, "hex32")))]
    issuer: Id | None

    @classmethod
    def decode(cls, body: bytes) -> Certificate:
        """Read as every body; cached, because a command meets the same ones in each transaction."""
        return _decoded(bytes(body))


@lru_cache(maxsize=_REMEMBERED)
def _decoded(body: bytes) -> Certificate:
    return super(Certificate, Certificate).decode(body)
