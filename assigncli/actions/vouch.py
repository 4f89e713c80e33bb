"""Vouch for a member: issue their certificate, take the old one back, share the organisation key.

Inside one write transaction, always with its audit entry by the caller.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import trust
from assigncli.actions.certified import issuer_lookup
from assigncli.actions.session import Session
from assigncli.crypto.certificate import (
    MAX_STEPS,
    Certificate,
    SignedCertificate,
    issue,
    may_vouch,
    verify_chain,
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
from assigncli.errors import NotAllowed, Tampered
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
    `may_not_vouch` for roles the issuer may not give, `certificate_chain_too_long` where nobody
    could verify what was issued.
    """
    by_root = isinstance(issuer, RootKey)
    words = frozenset(role.value for role in roles)
    if isinstance(issuer, Certificate) and not may_vouch(issuer.roles, words):
        raise NotAllowed(
            _("You may not approve a member for these roles."),
            _("A coordinator approves peer mentors; ask an administrator for the others."),
            code="may_not_vouch",
        )
    if isinstance(issuer, Certificate):
        issuer = _nearest_root(tx, issuer, words)
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
    signed = issue(certificate, signer)
    _require_short_chain(session, tx, signed)
    _keep(tx, certificate, signed)
    _follow(session, tx, member, public, roles, certified_until)
    return certificate


def take_back(session: Session, tx: Transaction, row: CertificateRow, revoker: Certificate) -> None:
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
    held = organization_key(session, tx)
    if held is not None:
        keep_organization_key(session, tx, held[0], held[1], sealer, reader)


def organization_key(session: Session, tx: Transaction) -> tuple[bytes, UUID] | None:
    """Return the organisation key sealed to the acting member, and its id; None where none is.

    Raises Tampered `organization_key_altered` for one that was not sealed by who may.
    """
    row = members.organization_key_wrap(tx, session.organization_id, session.member_id)
    if row is None:
        return None
    maker = trust.verified_by_id(session, tx, row.sealed_by_certificate_id)
    entitled = maker.roles & {Role.COORDINATOR.value, Role.ORG_ADMIN.value}
    verify_organization_key_wrap(
        row.wrap,
        row.signature if entitled else b"",
        organization_id=session.organization_id,
        key_id=row.key_id,
        reader_id=session.member_id,
        maker=maker.public,
    )
    key = unwrap_organization_key(
        row.wrap, session.organization_id, row.key_id, session.member_id, session.identity
    )
    return key, row.key_id


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


def _nearest_root(tx: Transaction, actor: Certificate, roles: frozenset[str]) -> Certificate:
    """Return which of the actor's own certificates, for the same key, to issue with.

    The one nearest to the root that may give these roles: otherwise members who renew themselves or
    one another would build chains that grow until nobody verifies.
    """
    nearest = current = actor
    for _step in range(MAX_STEPS):
        above = current.issuer_certificate_id
        row = None if above is None else members.certificate(tx, above)
        if row is None:
            break
        current = Certificate.decode(row.body)
        same = (current.member_id, current.public) == (actor.member_id, actor.public)
        if same and may_vouch(current.roles, roles):
            nearest = current
    return nearest


def _require_short_chain(session: Session, tx: Transaction, signed: SignedCertificate) -> None:
    try:
        verify_chain(
            signed,
            organization_id=session.organization_id,
            root_public_key=session.root_public_key,
            issuer_of=issuer_lookup(tx),
        )
    except Tampered:
        raise NotAllowed(
            _("Your certificate is too many steps from the organisation's root to vouch for this."),
            _("Ask an administrator whom the founder approved to do it."),
            code="certificate_chain_too_long",
        ) from None


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
