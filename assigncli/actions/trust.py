"""Whose key is whose: nothing is believed of a member but what the pinned root vouches for.

The database's copy of a name, role or key is compared with the certificate; a difference is
tampering, and is reported, never obeyed.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions.session import Session
from assigncli.crypto.certificate import (
    Certificate,
    SignedCertificate,
    certificate_invalid,
    verify_chain,
)
from assigncli.crypto.revocation import SignedRevocation, verify_revocation
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.rules import Rule
from assigncli.errors import IdentityUnavailable, NotAllowed, RuleRefused
from assigncli.locale import _
from assigncli.store import members
from assigncli.store.tables import CertificateRow, Member


def acting(session: Session, tx: Transaction) -> Certificate:
    """Return the acting member's own certificate, verified, for the keys at hand.

    Raises IdentityUnavailable `not_approved`, `membership_revoked` or `key_not_certified`, or
    Tampered `certificate_invalid`.
    """
    member = members.by_id(tx, session.organization_id, session.member_id)
    if member is None or member.status in (MemberStatus.INVITED, MemberStatus.REQUESTED):
        raise IdentityUnavailable(
            _("Your membership is not approved yet."),
            _("Ask your coordinator to compare the fingerprint with you and approve it."),
            code="not_approved",
        )
    certificate = certificate_of(session, tx, member)
    if certificate is None or member.status is MemberStatus.REVOKED:
        raise IdentityUnavailable(
            _("Your membership has been revoked."),
            _("Ask your administrator if you think that is wrong."),
            code="membership_revoked",
        )
    if session.identity.public != certificate.public:
        raise IdentityUnavailable(
            _("The private key on this machine is not the one your certificate is for."),
            _("Use the machine you joined from, or ask your administrator for a new approval."),
            code="key_not_certified",
        )
    return certificate


def require_role(certificate: Certificate, *roles: Role) -> None:
    """Refuse a member who holds none of `roles`; raises NotAllowed `role_missing`."""
    if not certificate.roles & {role.value for role in roles}:
        raise role_missing()


def role_missing() -> NotAllowed:
    """Return the refusal of an act that the member's roles do not cover."""
    return NotAllowed(
        _("Your roles do not allow this."),
        _("Ask your administrator, or use the profile of a member who may."),
        code="role_missing",
    )


def require_coordinator(certificate: Certificate) -> None:
    """Refuse who is no coordinator: rule `only_coordinator_can_dispatch`, for drafts too."""
    if Role.COORDINATOR.value not in certificate.roles:
        raise RuleRefused(
            Rule.ONLY_COORDINATOR_CAN_DISPATCH,
            _("Only a coordinator can do this."),
            _("Use a coordinator's profile, or ask a coordinator."),
        )


def certificate_of(session: Session, tx: Transaction, member: Member) -> Certificate | None:
    """Return the member's live certificate, verified and equal to the row; None if there is none.

    Raises Tampered `certificate_invalid`.
    """
    row = members.live_certificate(tx, member.id)
    if row is None:
        return None
    certificate = verified(session, tx, row)
    recorded = (
        member.id,
        member.handle,
        member.display_name,
        member.signing_key,
        member.encryption_key,
        frozenset(role.value for role in members.roles_of(tx, member.id)),
    )
    vouched = (
        certificate.member_id,
        certificate.handle,
        certificate.display_name,
        certificate.signing_key,
        certificate.encryption_key,
        certificate.roles,
    )
    if recorded != vouched:
        raise certificate_invalid()
    return certificate


def verified(session: Session, tx: Transaction, row: CertificateRow) -> Certificate:
    """Return a certificate, revoked or not, once its chain reaches the pinned root."""
    certificate = verify_chain(
        SignedCertificate(row.body, row.signature),
        organization_id=session.organization_id,
        root_public_key=session.root_public_key,
        issuer_of=issuer_lookup(tx),
    )
    if (certificate.id, certificate.member_id) != (row.id, row.member_id):
        raise certificate_invalid()
    return certificate


def verified_by_id(session: Session, tx: Transaction, certificate_id: UUID) -> Certificate:
    """Return the certificate with this id, verified; Tampered `certificate_invalid` if none."""
    row = members.certificate(tx, certificate_id)
    if row is None:
        raise certificate_invalid()
    return verified(session, tx, row)


def require_revocations_hold(session: Session, tx: Transaction, row: CertificateRow) -> None:
    """Refuse a revocation that nobody with the right to it has signed."""
    verify_revocation(
        SignedRevocation(row.revocation_body or b"", row.revocation_signature or b""),
        certificate=verified(session, tx, row),
        root_public_key=session.root_public_key,
        issuer_of=issuer_lookup(tx),
    )


def issuer_lookup(tx: Transaction) -> Callable[[UUID], SignedCertificate | None]:
    """Return how a chain's issuers are found; whom a leaver vouched for stays vouched for."""

    def issuer_of(certificate_id: UUID) -> SignedCertificate | None:
        row = members.certificate(tx, certificate_id)
        return None if row is None else SignedCertificate(row.body, row.signature)

    return issuer_of
