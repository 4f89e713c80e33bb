"""Who vouches for whom, up to the organisation's pinned root key.

A certificate ties a member's name, roles and public keys together under an issuer's signature. It
counts only when its issuers reach the pinned root. Nothing here looks at a clock or a list of
revocations: whether a certificate still holds today is the caller's question (see `revocation`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final, Self
from uuid import UUID

from assigncli.crypto.identity import Identity, PublicIdentity, RootKey
from assigncli.crypto.sealing import require_encryption_key, require_signing_key
from assigncli.crypto.statement import (
    MAX_BODY,
    canonical,
    read_object,
    signature_holds,
    stamp,
    unstamp,
)
from assigncli.errors import AssignError, Tampered
from assigncli.locale import _

PURPOSE: Final = "certificate"
MAX_STEPS: Final = 4
ORG_ADMIN: Final = "org_admin"
COORDINATOR: Final = "coordinator"
PEER_MENTOR: Final = "peer_mentor"

_SUITE: Final = 1
_ROLE: Final = re.compile(r"[a-z][a-z_]{0,31}\Z")
_MAX_HANDLE: Final = 64
_MAX_NAME: Final = 200


@dataclass(frozen=True)
class Certificate:
    """What an issuer says of a member.

    `certified_until` is a calendar day in the organisation's time zone, `issued_at` an aware UTC
    moment, `issuer_certificate_id` None when the root key itself signed. Raises Tampered
    (`certificate_invalid`) for contents no certificate may have.
    """

    id: UUID
    organization_id: UUID
    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[str]
    signing_key: bytes
    encryption_key: bytes
    certified_until: date | None
    issued_at: datetime
    issuer_certificate_id: UUID | None

    def __post_init__(self) -> None:
        """Refuse unusable keys, odd roles, and names that a terminal would not simply print."""
        try:
            require_signing_key(self.signing_key)
            require_encryption_key(self.encryption_key)
        except Tampered:
            raise certificate_invalid() from None
        _require(bool(self.roles) and all(_is_role(role) for role in self.roles))
        _require(_is_name(self.handle, _MAX_HANDLE) and _is_name(self.display_name, _MAX_NAME))
        _require(self.issued_at.utcoffset() is not None)
        _require(len(self.encode()) <= MAX_BODY)

    @cached_property
    def public(self) -> PublicIdentity:
        """The member's keys, checked once: that costs more than a signature."""
        return PublicIdentity(self.signing_key, self.encryption_key)

    def encode(self) -> bytes:
        """Return the canonical body that is signed."""
        until, issuer = self.certified_until, self.issuer_certificate_id
        return canonical(
            {
                "suite": _SUITE,
                "id": str(self.id),
                "organization_id": str(self.organization_id),
                "member_id": str(self.member_id),
                "handle": self.handle,
                "display_name": self.display_name,
                "roles": sorted(self.roles),
                "signing_key": self.signing_key.hex(),
                "encryption_key": self.encryption_key.hex(),
                "certified_until": None if until is None else until.isoformat(),
                "issued_at": stamp(self.issued_at),
                "issuer_certificate_id": None if issuer is None else str(issuer),
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read a body; Tampered (`certificate_invalid`) unless it is exactly what `encode` gives.

        This alone proves nothing about who wrote it: see `verify_chain`.
        """
        try:
            certificate = cls._read(read_object(body))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise certificate_invalid() from None
        _require(certificate.encode() == body)
        return certificate

    @classmethod
    def _read(cls, fields: dict[str, object]) -> Self:
        until, issuer, roles = (
            fields[name] for name in ("certified_until", "issuer_certificate_id", "roles")
        )
        if not isinstance(roles, list):
            raise TypeError("roles")
        return cls(
            id=UUID(_text(fields["id"])),
            organization_id=UUID(_text(fields["organization_id"])),
            member_id=UUID(_text(fields["member_id"])),
            handle=_text(fields["handle"]),
            display_name=_text(fields["display_name"]),
            roles=frozenset(_text(role) for role in roles),
            signing_key=bytes.fromhex(_text(fields["signing_key"])),
            encryption_key=bytes.fromhex(_text(fields["encryption_key"])),
            certified_until=None if until is None else date.fromisoformat(_text(until)),
            issued_at=unstamp(fields["issued_at"]),
            issuer_certificate_id=None if issuer is None else UUID(_text(issuer)),
        )


@dataclass(frozen=True)
class SignedCertificate:
    """A certificate's body as signed, and the issuer's signature over it."""

    body: bytes
    signature: bytes


def issue(certificate: Certificate, issuer: Identity | RootKey) -> SignedCertificate:
    """Sign `certificate`; Tampered (`certificate_invalid`) where it names the wrong issuer."""
    _require(isinstance(issuer, RootKey) == (certificate.issuer_certificate_id is None))
    body = certificate.encode()
    return SignedCertificate(body, issuer.sign(PURPOSE, body))


def verify_chain(
    signed: SignedCertificate,
    *,
    organization_id: UUID,
    root_public_key: bytes,
    issuer_of: Callable[[UUID], SignedCertificate | None],
) -> Certificate:
    """Return the certificate, once its issuers reach the pinned root in at most four steps.

    `issuer_of` gives the certificate with an id, or None; an issuer that may no longer be relied
    on at all is one it does not give. Raises Tampered (`certificate_invalid`) for anything wrong:
    a signature, another organisation, an issuer without the role for it, a chain that is too long,
    runs in a circle or has a hole, a body in any other spelling.
    """
    first = current = _decode_for(signed, organization_id)
    for _step in range(MAX_STEPS):  # which also ends a circle
        issuer_id = current.issuer_certificate_id
        if issuer_id is None:
            _require(signature_holds(root_public_key, PURPOSE, signed.body, signed.signature))
            return first
        above = issuer_of(issuer_id)
        if above is None:
            raise certificate_invalid()
        issuer = _decode_for(above, organization_id)
        _require(issuer.id == issuer_id and may_vouch(issuer.roles, current.roles))
        _require(issuer.public.verify(PURPOSE, signed.body, signed.signature))
        signed, current = above, issuer
    raise certificate_invalid()


def may_vouch(issuer_roles: frozenset[str], roles: frozenset[str]) -> bool:
    """Say whether an issuer may give these roles: an admin any, a coordinator a mentor's only."""
    if ORG_ADMIN in issuer_roles:
        return True
    return COORDINATOR in issuer_roles and roles == frozenset({PEER_MENTOR})


def certificate_invalid() -> AssignError:
    """Return the one error for a certificate that does not count, whatever the reason."""
    return Tampered(
        _("A member's certificate does not verify."),
        _("Do not go on. Ask an administrator to check the member and issue a new certificate."),
        code="certificate_invalid",
    )


def _decode_for(signed: SignedCertificate, organization_id: UUID) -> Certificate:
    certificate = Certificate.decode(signed.body)
    _require(certificate.organization_id == organization_id)
    return certificate


def _require(holds: bool) -> None:
    if not holds:
        raise certificate_invalid()


def _is_role(role: object) -> bool:
    return isinstance(role, str) and _ROLE.match(role) is not None


def _is_name(name: object, longest: int) -> bool:
    return (
        isinstance(name, str)
        and 0 < len(name) <= longest
        and name.isprintable()
        and name == name.strip()
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
