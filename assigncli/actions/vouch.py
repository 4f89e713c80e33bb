"""Keep a certificate that somebody issued to a member; the member's rows follow it.

The entry about it is the caller's, in the transaction that keeps it.
"""

from __future__ import annotations

from datetime import date

from sqlmodel import Session as Transaction

from assigncli.actions.session import Session
from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.store import invitations, members
from assigncli.store.tables import CertificateRow, Member, PeerMentorProfile


def keep(
    session: Session,
    tx: Transaction,
    member: Member,
    certificate: Certificate,
    signed: Signed,
    device: Text,
    certified_until: date | None,
) -> None:
    """Keep a certificate that was checked, with the device's name; the member's rows follow it."""
    _keep(session, tx, certificate, signed, device)
    roles = frozenset(map(Role, certificate.roles))
    _follow(session, tx, member, certificate.keys, roles, certified_until)


def keep_device(
    session: Session,
    tx: Transaction,
    member: Member,
    certificate: Certificate,
    signed: Signed,
    device: Text,
) -> None:
    """Keep the checked certificate of one more device; the member's keys are then those of it."""
    _keep(session, tx, certificate, signed, device)
    keys = certificate.keys
    member.signing_key, member.encryption_key = keys.signing_key, keys.encryption_key
    member.updated_at = session.now
    invitations.end_joined(tx, member.id, keys.signing_key)


def certify_until(session: Session, profile: PeerMentorProfile, until: date | None) -> None:
    """Let a mentor's certification hold until this local day, included; None: open-ended."""
    if profile.status is ProfileStatus.EXPIRED:
        profile.status = ProfileStatus.ACTIVE
    profile.certified_until, profile.updated_at = until, session.now


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
    member.status, member.updated_at = MemberStatus.ACTIVE, session.now
    members.set_roles(tx, member.id, roles)
    invitations.end(tx, member.id)
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
