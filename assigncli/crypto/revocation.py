"""Taking a certificate back: a signed statement that it no longer counts.

A revocation names one certificate for good. It does not say what follows from it for work in
progress, nor whether certificates that the revoked one issued still stand: callers decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from assigncli.crypto.certificate import (
    Certificate,
    SignedCertificate,
    may_vouch,
    verify_chain,
)
from assigncli.crypto.identity import Identity, RootKey
from assigncli.crypto.statement import (
    canonical,
    read_object,
    signature_holds,
    stamp,
    unstamp,
)
from assigncli.errors import AssignError, Tampered
from assigncli.locale import _

PURPOSE: Final = "revocation"
_SUITE: Final = 1


@dataclass(frozen=True)
class Revocation:
    """That a certificate no longer counts, from `revoked_at` (aware, UTC).

    `revoker_certificate_id` is None when the root key itself signed.
    """

    certificate_id: UUID
    organization_id: UUID
    member_id: UUID
    revoked_at: datetime
    revoker_certificate_id: UUID | None

    def encode(self) -> bytes:
        """Return the canonical body that is signed."""
        revoker = self.revoker_certificate_id
        return canonical(
            {
                "suite": _SUITE,
                "certificate_id": str(self.certificate_id),
                "organization_id": str(self.organization_id),
                "member_id": str(self.member_id),
                "revoked_at": stamp(self.revoked_at),
                "revoker_certificate_id": None if revoker is None else str(revoker),
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read a body; Tampered (`revocation_invalid`) unless it is what `encode` gives."""
        try:
            fields = read_object(body)
            revoker = fields["revoker_certificate_id"]
            revocation = cls(
                certificate_id=UUID(str(fields["certificate_id"])),
                organization_id=UUID(str(fields["organization_id"])),
                member_id=UUID(str(fields["member_id"])),
                revoked_at=unstamp(fields["revoked_at"]),
                revoker_certificate_id=None if revoker is None else UUID(str(revoker)),
            )
            same = revocation.encode() == body
        except (ValueError, TypeError, KeyError, OverflowError):
            raise _invalid() from None
        _require(same)
        return revocation


@dataclass(frozen=True)
class SignedRevocation:
    """A revocation's body as signed, and the revoker's signature over it."""

    body: bytes
    signature: bytes


def revoke(revocation: Revocation, revoker: Identity | RootKey) -> SignedRevocation:
    """Sign `revocation`; Tampered (`revocation_invalid`) where it names the wrong revoker."""
    _require(isinstance(revoker, RootKey) == (revocation.revoker_certificate_id is None))
    body = revocation.encode()
    return SignedRevocation(body, revoker.sign(PURPOSE, body))


def verify_revocation(
    signed: SignedRevocation,
    *,
    certificate: Certificate,
    root_public_key: bytes,
    issuer_of: Callable[[UUID], SignedCertificate | None],
) -> Revocation:
    """Return the revocation of `certificate`, once the revoker is shown to have the right to it.

    The root may revoke all; a member with a verified certificate may revoke their own, and those
    they could have issued. Raises Tampered (`revocation_invalid`, or `certificate_invalid` for the
    revoker's own certificate).
    """
    revocation = Revocation.decode(signed.body)
    named = (revocation.certificate_id, revocation.organization_id, revocation.member_id)
    _require(named == (certificate.id, certificate.organization_id, certificate.member_id))
    revoker_id = revocation.revoker_certificate_id
    if revoker_id is None:
        _require(signature_holds(root_public_key, PURPOSE, signed.body, signed.signature))
        return revocation
    above = issuer_of(revoker_id)
    if above is None:
        raise _invalid()
    revoker = verify_chain(
        above,
        organization_id=certificate.organization_id,
        root_public_key=root_public_key,
        issuer_of=issuer_of,
    )
    _require(revoker.id == revoker_id and _may_revoke(revoker, certificate))
    _require(revoker.public.verify(PURPOSE, signed.body, signed.signature))
    return revocation


def _may_revoke(revoker: Certificate, certificate: Certificate) -> bool:
    own = revoker.member_id == certificate.member_id
    return own or may_vouch(revoker.roles, certificate.roles)


def _require(holds: bool) -> None:
    if not holds:
        raise _invalid()


def _invalid() -> AssignError:
    return Tampered(
        _("The revocation of a certificate does not verify."),
        _("Do not go on. Ask an administrator to check the member's certificates."),
        code="revocation_invalid",
    )
