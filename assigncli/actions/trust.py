"""Whose key is whose: nothing is believed of a member but what the pinned root vouches for.

The database's copy of a name, role or key is compared with the certificate; a difference is
tampering, and is reported, never obeyed. A signature does not say when it was made, and who has
left still has the keys: which certificate holds, and who could issue it, is what the audit log says
in its order. That the log itself is whole is for `verify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import service, stated
from assigncli.actions.certified import chained, issuer_lookup
from assigncli.actions.record import about_standing, entry_of, id_in, statement_of
from assigncli.actions.session import Session
from assigncli.actions.standing import require_row, status_of
from assigncli.crypto.certificate import Certificate, certificate_invalid, may_vouch
from assigncli.crypto.identity import PublicIdentity
from assigncli.crypto.revocation import SignedRevocation, verify_revocation
from assigncli.domain.audit import ACTORS, ISSUING, Action
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.permitted import role_missing, roles_in_words
from assigncli.domain.rules import Rule
from assigncli.errors import IdentityUnavailable, RuleRefused
from assigncli.locale import _
from assigncli.protocol.entry import PURPOSE
from assigncli.store import members
from assigncli.store.tables import AuditEntry, CertificateRow, Member

_VERIFIED: Final = "assigncli_verified"
_NEVER: Final = UUID(int=0)
"""No certificate has this id: stands for a member whom no entry speaks of yet."""


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
    held = _standing_before(about_standing(session, tx, member_id), before)
    return None if held == _NEVER else held


def _standing_before(entries: Sequence[AuditEntry], before: int | None) -> UUID | None:
    """Return what `standing` does, and _NEVER where no entry speaks of the member yet."""
    earlier = [row for row in entries if before is None or row.sequence < before]
    if not earlier:
        return _NEVER
    if earlier[-1].action == Action.MEMBER_REVOKED:
        return None
    return id_in(earlier[-1].details, "certificate")


def signer_of(session: Session, tx: Transaction, row: AuditEntry) -> Certificate:
    """Return the certificate of an entry's actor, once it was good for the act at its place.

    The service signed the entry, and the actor its statement; what the service states by itself has
    none. Raises Tampered `certificate_invalid` for any other.
    """
    # Check the signers first. Their entries are older than this one, so the recursion ends.
    host = _service_of(session, tx, row)
    signer = host
    if row.statement_hash is not None:
        if standing(session, tx, row.actor_id, row.sequence) != row.actor_certificate_id:
            raise certificate_invalid()
        signer = verified_by_id(session, tx, row.actor_certificate_id)
    allowed = {role.value for role in ACTORS[Action(row.action)]}
    if (
        (signer.id, signer.member_id) != (row.actor_certificate_id, row.actor_id)
        or not allowed & signer.roles
        or not _is_signed(tx, row, host.public, signer.public)
    ):
        raise certificate_invalid()
    return signer


def _is_signed(
    tx: Transaction, row: AuditEntry, host: PublicIdentity, actor: PublicIdentity
) -> bool:
    try:
        entry = entry_of(row)
        if not host.verify(PURPOSE, entry.encode(), row.signature):
            return False
    except (ValueError, TypeError, AttributeError):
        return False
    if entry.statement is None:
        return True
    said = statement_of(tx, row)
    if said is None or said.organization_id != row.organization_id:
        return False
    return stated.fault_of(entry, said.body, said.signature, actor) is None


def _service_of(session: Session, tx: Transaction, row: AuditEntry) -> Certificate:
    """Return the service's certificate, once it was the service's at this entry's place.

    One that the root signed counts from the first entry on: the founding is signed with it.
    """
    certificate_row = members.certificate(tx, row.service_certificate_id)
    if certificate_row is None:
        raise certificate_invalid()
    held = _standing_before(about_standing(session, tx, certificate_row.member_id), row.sequence)
    if held not in (certificate_row.id, _NEVER):
        raise certificate_invalid()
    certificate = verified(session, tx, certificate_row)
    by_root = certificate.issuer_certificate_id is None
    if certificate.roles != service.ROLES or (held == _NEVER and not by_root):
        raise certificate_invalid()
    return certificate


def _require_recorded(session: Session, tx: Transaction, certificate: Certificate) -> None:
    """Refuse a certificate that no entry speaks of, signed by who could issue it at that place.

    What the root itself signed needs no other word.
    """
    if certificate.issuer_certificate_id is None:
        return
    for row in about_standing(session, tx, certificate.member_id):
        if row.action in ISSUING and id_in(row.details, "certificate") == certificate.id:
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
