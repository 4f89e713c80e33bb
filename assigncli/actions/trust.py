"""Whose key is whose: nothing is believed of a member but what the pinned root vouches for.

The database's copy of a name, role or key is compared with the certificate; a difference is
tampering, and is reported, never obeyed. A signature does not say when it was made, and who has
left still has the keys: which certificate holds, and who could issue it, is what the audit log says
in its order. That the log itself is whole is for `verify`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions.record import about, entry_of, id_in
from assigncli.actions.session import Session
from assigncli.actions.standing import require_row, status_of
from assigncli.crypto.certificate import (
    Certificate,
    SignedCertificate,
    certificate_invalid,
    may_vouch,
    verify_chain,
)
from assigncli.crypto.chain import verify_entry
from assigncli.crypto.revocation import SignedRevocation, verify_revocation
from assigncli.domain.audit import ACTORS, ISSUING, STANDING, Action
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.permitted import role_missing, roles_in_words
from assigncli.domain.rules import Rule
from assigncli.errors import IdentityUnavailable, RuleRefused
from assigncli.locale import _
from assigncli.store import members
from assigncli.store.tables import AuditEntry, CertificateRow, Member

_VERIFIED: Final = "assigncli_verified"


def acting(session: Session, tx: Transaction) -> Certificate:
    """Return the acting member's own certificate, verified, for the keys at hand.

    Raises IdentityUnavailable `not_approved`, `membership_revoked` or `key_not_certified`, or
    Tampered `certificate_invalid`.
    """
    certificate = own_certificate(session, tx)
    if session.identity.public != certificate.public:
        raise IdentityUnavailable(
            _("The private key on this machine is not the one your certificate is for."),
            _("Use the machine you joined from, or ask your administrator for a new approval."),
            code="key_not_certified",
        )
    return certificate


def own_certificate(session: Session, tx: Transaction) -> Certificate:
    """Return the acting member's certificate, verified, without asking for the keys.

    Enough for looking at what is one's own. Raises IdentityUnavailable `not_approved` or
    `membership_revoked`, Tampered `certificate_invalid`.
    """
    member = members.by_id(tx, session.organization_id, session.member_id)
    if member is None or status_of(tx, member) in (MemberStatus.INVITED, MemberStatus.REQUESTED):
        raise IdentityUnavailable(
            _("Your membership is not approved yet."),
            _("Ask your coordinator to compare the fingerprint with you and approve it."),
            code="not_approved",
        )
    certificate = certificate_of(session, tx, member)
    if certificate is None:
        raise IdentityUnavailable(
            _("Your membership has been revoked."),
            _("Ask your administrator if you think that is wrong."),
            code="membership_revoked",
        )
    return certificate


def require_role(certificate: Certificate, *roles: Role) -> None:
    """Refuse a member who holds none of `roles`; raises NotAllowed `role_missing`."""
    if not certificate.roles & {role.value for role in roles}:
        raise role_missing(*roles)


def require_coordinator(certificate: Certificate) -> None:
    """Refuse who is no coordinator: rule `only_coordinator_can_dispatch`, for drafts too."""
    if Role.COORDINATOR.value not in certificate.roles:
        raise RuleRefused(
            Rule.ONLY_COORDINATOR_CAN_DISPATCH,
            _("Only {roles} can do this.").format(roles=roles_in_words([Role.COORDINATOR])),
            _("Ask a coordinator."),
        )


def require_sender(session: Session, tx: Transaction, actor: Certificate) -> None:
    """Refuse who may not send assignments, or not with what the store says of them.

    Raises as `require_coordinator`, and Tampered `member_status_differs`.
    """
    require_coordinator(actor)
    member = members.by_id(tx, session.organization_id, actor.member_id)
    if member is not None:
        require_row(tx, member)


def certificate_of(session: Session, tx: Transaction, member: Member) -> Certificate | None:
    """Return the member's live certificate, verified and equal to the row; None if there is none.

    It is the one that the log spoke of last, so that neither an older one nor a membership that was
    ended comes back. Raises Tampered `certificate_invalid`.
    """
    row = members.live_certificate(tx, member.id)
    if (None if row is None else row.id) != standing(session, tx, member.id):
        raise certificate_invalid()
    if row is None:
        return None
    certificate = verified(session, tx, row)
    profile = members.profile_of(tx, member.id)
    if (
        profile is not None
        and Role.PEER_MENTOR.value in certificate.roles
        and profile.certified_until != certificate.certified_until
    ):
        raise certificate_invalid()
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
    """Return a certificate, revoked or not, that its issuer could issue when it was recorded.

    Asked once in a transaction, since neither can change. Raises Tampered `certificate_invalid`.
    """
    known: dict[UUID, Certificate] = tx.info.setdefault(_VERIFIED, {})
    if row.id not in known:
        certificate = chained(session, tx, row)
        _require_recorded(session, tx, certificate)
        known[row.id] = certificate
    return known[row.id]


def chained(session: Session, tx: Transaction, row: CertificateRow) -> Certificate:
    """Return a certificate, revoked or not, whose chain of issuers reaches the pinned root.

    That proves who vouched, not when; `verified` asks both.
    """
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


def standing(
    session: Session, tx: Transaction, member_id: UUID, before: int | None = None
) -> UUID | None:
    """Return the certificate that the log last gave the member, None for none or one taken back.

    `before` asks how it was just before that entry.
    """
    entries = [
        row
        for row in about(session, tx, member_id, STANDING)
        if before is None or row.sequence < before
    ]
    if not entries or entries[-1].action == Action.MEMBER_REVOKED:
        return None
    return id_in(entries[-1].details, "certificate")


def signer_of(session: Session, tx: Transaction, row: AuditEntry) -> Certificate:
    """Return the certificate an entry is signed with, once it was good for the act at its place.

    Raises Tampered `certificate_invalid`, also for an entry that was not signed by who it names.
    """
    # Asked first: who signs was recorded earlier than what they sign, so that this comes to an end.
    if standing(session, tx, row.actor_id, row.sequence) != row.actor_certificate_id:
        raise certificate_invalid()
    signer = verified_by_id(session, tx, row.actor_certificate_id)
    allowed = {role.value for role in ACTORS[Action(row.action)]}
    if (
        signer.member_id != row.actor_id
        or not allowed & signer.roles
        or not verify_entry(entry_of(row), row.signature, signer.public)
    ):
        raise certificate_invalid()
    return signer


def _require_recorded(session: Session, tx: Transaction, certificate: Certificate) -> None:
    """Refuse a certificate that no entry speaks of, signed by who could issue it at that place.

    What the root itself signed needs no other word.
    """
    if certificate.issuer_certificate_id is None:
        return
    for row in about(session, tx, certificate.member_id, ISSUING):
        if id_in(row.details, "certificate") == certificate.id:
            signer = signer_of(session, tx, row)
            issuer = members.certificate(tx, certificate.issuer_certificate_id)
            if (
                issuer is not None
                and issuer.member_id == signer.member_id
                and may_vouch(signer.roles, certificate.roles)
            ):
                return
            break
    raise certificate_invalid()


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
