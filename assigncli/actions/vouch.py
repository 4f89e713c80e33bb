"""Vouch for a member: issue a certificate for their device, and share the organisation key.

Inside one write transaction, always with its audit entry by the caller.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import names, trust
from assigncli.actions.certified import issuer_lookup
from assigncli.actions.session import Session
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
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.errors import NotAllowed, Tampered
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.store import members
from assigncli.store.tables import CertificateRow, Member, PeerMentorProfile
from assigncli.store.wraps import OrganizationKeyWrap
from assigncli.trust.vouching import issue, may_vouch, verify_chain

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
        raise may_not_vouch()
    device = Text(names.new_salt(), member.device or names.this_device())
    certificate = Certificate(
        id=uuid4(),
        organization=session.organization_id,
        member=member.id,
        roles=words,
        keys=public,
        texts={field: text.digest() for field, text in names.texts_of(member, device).items()},
        issuer=None if by_root else _id_of(issuer),
    )
    signer: RootKey | Identity = issuer if isinstance(issuer, RootKey) else session.identity
    signed = issue(certificate, signer)
    _require_short_chain(session, tx, signed)
    _keep(session, tx, certificate, signed, device)
    _follow(session, tx, member, public, roles, certified_until)
    return certificate


def certify_until(session: Session, profile: PeerMentorProfile, until: date | None) -> None:
    """Let a mentor's certification hold until this local day, included; None: open-ended."""
    if profile.status is ProfileStatus.EXPIRED:
        profile.status = ProfileStatus.ACTIVE
    profile.certified_until, profile.updated_at = until, session.now


def may_not_vouch() -> NotAllowed:
    """Return the refusal of who may not give these roles."""
    return NotAllowed(
        _("You may not approve a member for these roles."),
        _("A coordinator approves peer mentors; ask an administrator for the others."),
        code="may_not_vouch",
    )


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
        maker=maker.keys,
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
        key, session.organization_id, key_id, reader.member, reader.keys.encryption_key
    )
    statement = organization_key_statement(session.organization_id, key_id, reader.member, wrapped)
    tx.merge(
        OrganizationKeyWrap(
            organization_id=session.organization_id,
            key_id=key_id,
            member_id=reader.member,
            wrap=wrapped,
            sealed_by_certificate_id=sealer.id,
            signature=session.identity.sign(ORGANIZATION_KEY_PURPOSE, statement),
            created_at=session.now,
        )
    )
    tx.flush()


def _require_short_chain(session: Session, tx: Transaction, signed: Signed) -> None:
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


def _keep(
    session: Session, tx: Transaction, certificate: Certificate, signed: Signed, device: Text
) -> None:
    tx.add(
        CertificateRow(
            id=certificate.id,
            organization_id=certificate.organization,
            member_id=certificate.member,
            body=signed.body,
            signature=signed.signature,
            device=device.text,
            device_salt=device.salt,
            issued_at=session.now,
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
    member.device = None
    member.status, member.updated_at = MemberStatus.ACTIVE, session.now
    members.set_roles(tx, member.id, roles)
    if Role.PEER_MENTOR in roles:
        profile = members.profile_of(tx, member.id) or PeerMentorProfile(
            member_id=member.id,
            organization_id=member.organization_id,
            status=ProfileStatus.ACTIVE,
            updated_at=session.now,
        )
        tx.add(profile)
        certify_until(session, profile, certified_until)
    tx.flush()


def _id_of(issuer: Certificate | RootKey) -> UUID | None:
    return issuer.id if isinstance(issuer, Certificate) else None
