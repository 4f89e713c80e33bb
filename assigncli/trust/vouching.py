"""Who may vouch for whom, and the chain of issuers up to the pinned root (PROTOCOL.md 6.2).

That a chain reaches the root proves who vouched, not when: where in the log a certificate counts is
for `people`.
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
    """Say whether an issuer may give these roles: an admin any, a coordinator a mentor's only."""
    if Role.ORG_ADMIN in issuer_roles:
        return True
    return Role.COORDINATOR in issuer_roles and roles == frozenset({Role.PEER_MENTOR})


def may_issue(issuer: Certificate, certificate: Certificate) -> bool:
    """Say whether `issuer` may vouch for these roles, and not for its own holder."""
    return issuer.member != certificate.member and may_vouch(issuer.roles, certificate.roles)


def issue(certificate: Certificate, issuer: Identity | RootKey) -> Signed:
    """Sign `certificate`; Tampered (`certificate_invalid`) where it names the wrong issuer."""
    require(isinstance(issuer, RootKey) == (certificate.issuer is None), certificate_invalid)
    return Signed(*certificate.signed_by(issuer), {})


def verify_chain(
    signed: Signed,
    *,
    organization_id: UUID,
    root_public_key: bytes,
    issuer_of: Callable[[UUID], Signed | None],
) -> Certificate:
    """Return the certificate, once its issuers reach the pinned root in at most four steps.

    `issuer_of` gives the certificate with an id, or None; an issuer that may no longer be relied
    on at all is one it does not give. Raises Tampered (`certificate_invalid`) for anything wrong:
    a signature, another organisation, an issuer without the role for it or who is the holder, a
    chain that is too long, runs in a circle or has a hole, a body in any other spelling.
    """
    first = current = _decode_for(signed, organization_id)
    for _step in range(MAX_STEPS):  # which also ends a circle
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
