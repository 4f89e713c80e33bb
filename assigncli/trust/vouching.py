"""Who may certify whom, and the chain of issuers up to the pinned root (PROTOCOL.md 6.2).

A chain that reaches the root proves who certified, not when: where in the log a certificate counts
is worked out in `people`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from assigncli.crypto.identity import Identity, RootKey
from assigncli.domain.lifecycle import Role
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.signed import Signed
from assigncli.trust.tampering import certificate_invalid, read_or, require

MAX_STEPS: Final = 4


def may_vouch(issuer_roles: frozenset[str], roles: frozenset[str]) -> bool:
    """Say whether an issuer may give these roles: an admin any, a coordinator only a mentor's."""
    if Role.ORG_ADMIN in issuer_roles:
        return True
    return Role.COORDINATOR in issuer_roles and roles == frozenset({Role.PEER_MENTOR})


def may_issue(issuer: Certificate, certificate: Certificate) -> bool:
    """Say whether `issuer` may give these roles; never to its own holder."""
    return issuer.member != certificate.member and may_vouch(issuer.roles, certificate.roles)


def issue(certificate: Certificate, issuer: Identity | RootKey) -> Signed:
    """Sign `certificate` with its issuer's key.

    Raises Tampered (`certificate_invalid`) for a root key where the certificate names an issuer, or
    a member's key where it names none.
    """
    require(isinstance(issuer, RootKey) == (certificate.issuer is None), certificate_invalid)
    return Signed(*certificate.signed_by(issuer), {})


def verify_chain(
    signed: Signed,
    *,
    organization_id: UUID,
    root_public_key: bytes,
    issuer_of: Callable[[UUID], Signed | None],
) -> Certificate:
    """Return the certificate, if its issuers reach the pinned root in at most four steps.

    `issuer_of` returns the certificate with an id, or None; it must not return an issuer that is no
    longer trusted at all. Raises Tampered (`certificate_invalid`) for anything wrong: a signature,
    another organisation, an issuer without the role for it or who is the holder, a chain that is
    too long, has a cycle or a gap, or a body in another spelling.
    """
    first = current = _decode_for(signed, organization_id)
    for _step in range(MAX_STEPS):  # also ends a cycle
        body, signature = signed.body, signed.signature
        if current.issuer is None:
            holds = Certificate.is_signed(body, signature, root_public_key)
            require(holds, certificate_invalid)
            return first
        above = issuer_of(current.issuer)
        if above is None:
            raise certificate_invalid()
        issuer = _decode_for(above, organization_id)
        named = issuer.id == current.issuer and may_issue(issuer, current)
        require(
            named and Certificate.is_signed(body, signature, issuer.keys.signing_key),
            certificate_invalid,
        )
        signed, current = above, issuer
    raise certificate_invalid()


def _decode_for(signed: Signed, organization_id: UUID) -> Certificate:
    with read_or(certificate_invalid):
        certificate = Certificate.decode(signed.body)
    require(certificate.organization == organization_id, certificate_invalid)
    return certificate
