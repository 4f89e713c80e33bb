"""Vouch for a member: issue their certificate, take the old one back, share the organisation key.

Inside one write transaction, always with its audit entry by the caller.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import trust
from assigncli.actions.session import Session
from assigncli.crypto.certificate import (
    Certificate,
    SignedCertificate,
    issue,
    may_vouch,
)
from assigncli.crypto.identity import Identity, PublicIdentity, RootKey
from assigncli.crypto.organization_key import (
    PURPOSE as ORGANIZATION_KEY_PURPOSE,
)
from assigncli.crypto.organization_key import (
    organization_key_statement,
    unwrap_organization_key,
    verify_organization_key_wrap,
    wrap_organization_key,
)
from assigncli.crypto.revocation import Revocation, revoke
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.errors import NotAllowed
from assigncli.locale import _
from assigncli.store import members
from assigncli.store.tables import (
    CertificateRow,
    Member,
    OrganizationKeyWrap,
    PeerMentorProfile,
)

_KEY_HOLDERS = frozenset({Role.COORDINATOR, Role.ORG_ADMIN, Role.SERVICE})


def certify(
    session: Session,
    tx: Transaction,
    member: Member,
    public: PublicIdentity,
    roles: frozenset[Role],
    *,
    certified_until: date | None,
    issuer: Certificate | RootKey,
) -> Certificate:
    """Issue and keep a certificate for the member; the row follows what it says.

    `issuer` is the acting member's certificate, or the root key at the founding. Raises NotAllowed
    `may_not_vouch` for roles the issuer may not give.
    """
    by_root = isinstance(issuer, RootKey)
    words = frozenset(role.value for role in roles)
    if isinstance(issuer, Certificate) and not may_vouch(issuer.roles, words):
        raise NotAllowed(
            _("You may not approve a member for these roles."),
            _("A coordinator approves peer mentors; ask an administrator for the others."),
            code="may_not_vouch",
        )
    certificate = Certificate(
        id=uuid4(),
        organization_id=session.organization_id,
        member_id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        roles=words,
        signing_key=public.signing_key,
        encryption_key=public.encryption_key,
        certified_until=certified_until,
        issued_at=session.now,
        issuer_certificate_id=None if by_root else _id_of(issuer),
    )
    signer: RootKey | Identity = issuer if isinstance(issuer, RootKey) else session.identity
    _keep(tx, certificate, issue(certificate, signer))
    _follow(session, tx, member, public, roles, certified_until)
    return certificate


def take_back(
    session: Session, tx: Transaction, row: CertificateRow, revoker: Certificate
) -> None:
    """Revoke one certificate, with a signed statement."""
    signed = revoke(
        Revocation(
            certificate_id=row.id,
            organization_id=row.organization_id,
            member_id=row.member_id,
            revoked_at=session.now,
            revoker_certificate_id=revoker.id,
        ),
        session.identity,
    )
    row.revoked_at = session.now
    row.revocation_body, row.revocation_signature = signed.body, signed.signature
    tx.flush()


def share_organization_key(
    session: Session, tx: Transaction, sealer: Certificate, reader: Certificate
) -> None:
    """Seal the organisation key to a new coordinator, admin or service member."""
    if not {role.value for role in _KEY_HOLDERS} & reader.roles:
        return
    row = members.organization_key_wrap(tx, session.organization_id, session.member_id)
    if row is None:
        return
    maker = trust.verified_by_id(session, tx, row.sealed_by_certificate_id)
    verify_organization_key_wrap(
        row.wrap,
        row.signature,
        organization_id=session.organization_id,
        key_id=row.key_id,
        reader_id=session.member_id,
        maker=maker.public,
    )
    key = unwrap_organization_key(
        row.wrap, session.organization_id, row.key_id, session.member_id, session.identity
    )
    keep_organization_key(session, tx, key, row.key_id, sealer, reader)


def keep_organization_key(
    session: Session,
    tx: Transaction,
    key: bytes,
    key_id: UUID,
    sealer: Certificate,
    reader: Certificate,
) -> None:
    """Seal `key` to one reader, signed by the acting member, in place of an earlier wrap."""
    wrapped = wrap_organization_key(
        key, session.organization_id, key_id, reader.member_id, reader.encryption_key
    )
    statement = organization_key_statement(
        session.organization_id, key_id, reader.member_id, wrapped
    )
    tx.merge(
        OrganizationKeyWrap(
            organization_id=session.organization_id,
            key_id=key_id,
            member_id=reader.member_id,
            wrap=wrapped,
            sealed_by_certificate_id=sealer.id,
            signature=session.identity.sign(ORGANIZATION_KEY_PURPOSE, statement),
            created_at=session.now,
        )
    )
    tx.flush()


def _keep(tx: Transaction, certificate: Certificate, signed: SignedCertificate) -> None:
    tx.add(
        CertificateRow(
            id=certificate.id,
            organization_id=certificate.organization_id,
            member_id=certificate.member_id,
            body=signed.body,
            signature=signed.signature,
            issued_at=certificate.issued_at,
        )
    )
    tx.flush()


def _follow(
    session: Session,
    tx: Transaction,
    member: Member,
    public: PublicIdentity,
    roles: frozenset[Role],
    certified_until: date | None,
) -> None:
    member.signing_key, member.encryption_key = public.signing_key, public.encryption_key
    member.status, member.updated_at = MemberStatus.ACTIVE, session.now
    members.set_roles(tx, member.id, roles)
    if Role.PEER_MENTOR in roles:
        profile = members.profile_of(tx, member.id) or PeerMentorProfile(
            member_id=member.id,
            organization_id=member.organization_id,
            status=ProfileStatus.ACTIVE,
            updated_at=session.now,
        )
        if profile.status is ProfileStatus.EXPIRED:
            profile.status = ProfileStatus.ACTIVE
        profile.certified_until, profile.updated_at = certified_until, session.now
        tx.add(profile)
    tx.flush()


def _id_of(issuer: Certificate | RootKey) -> UUID | None:
    return issuer.id if isinstance(issuer, Certificate) else None
