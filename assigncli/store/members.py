"""Members, their roles, profiles and certificates: the queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from assigncli.domain.lifecycle import Role
from assigncli.domain.people import SERVICE_HANDLE
from assigncli.store.tables import CertificateRow, Member, MemberRole, PeerMentorProfile
from assigncli.store.wraps import OrganizationKeyWrap

_HELD: Final = "assigncli_certificate_rows"


def by_id(tx: Session, organization_id: UUID, member_id: UUID) -> Member | None:
    """Return the member of this organisation, or None."""
    return tx.exec(
        select(Member).where(Member.id == member_id, Member.organization_id == organization_id)
    ).first()


def by_handle(tx: Session, organization_id: UUID, handle: str) -> Member | None:
    """Return the member of this organisation who goes by `handle`, or None."""
    return tx.exec(
        select(Member).where(Member.handle == handle, Member.organization_id == organization_id)
    ).first()


def everyone(tx: Session, organization_id: UUID, *, role: Role | None = None) -> list[Member]:
    """Return the organisation's members by handle, all or those with `role`."""
    query = select(Member).where(Member.organization_id == organization_id)
    if role is not None:
        query = query.join(MemberRole, col(MemberRole.member_id) == col(Member.id)).where(
            MemberRole.role == role
        )
    return list(tx.exec(query.order_by(col(Member.handle))).all())


def handles(tx: Session, organization_id: UUID) -> list[str]:
    """Return the handles of the organisation's people, not the service's."""
    rows = tx.exec(
        select(Member.handle).where(
            Member.organization_id == organization_id, Member.handle != SERVICE_HANDLE
        )
    )
    return sorted(rows)


def names(tx: Session, member_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return (handle, display name) for each of `member_ids`."""
    wanted = set(member_ids)
    rows = tx.exec(
        select(Member.id, Member.handle, Member.display_name).where(col(Member.id).in_(wanted))
    )
    return {member_id: (handle, name) for member_id, handle, name in rows}


def roles_of(tx: Session, member_id: UUID) -> frozenset[Role]:
    """Return the roles the member holds."""
    rows = tx.exec(select(MemberRole).where(MemberRole.member_id == member_id))
    return frozenset(row.role for row in rows)


def set_roles(tx: Session, member_id: UUID, roles: Iterable[Role]) -> None:
    """Replace the roles the member holds."""
    tx.exec(delete(MemberRole).where(col(MemberRole.member_id) == member_id))
    tx.flush()
    for role in sorted(roles):
        tx.add(MemberRole(member_id=member_id, role=role))
    tx.flush()


def profile_of(tx: Session, member_id: UUID) -> PeerMentorProfile | None:
    """Return the mentor's profile; None for who is no mentor."""
    return tx.get(PeerMentorProfile, member_id)


def live_certificates(tx: Session, member_id: UUID) -> list[CertificateRow]:
    """Return the member's certificates that are not revoked, newest first."""
    return list(
        tx.exec(
            select(CertificateRow)
            .where(CertificateRow.member_id == member_id, col(CertificateRow.revoked_at).is_(None))
            .order_by(col(CertificateRow.issued_at).desc())
        ).all()
    )


def live_certificate(tx: Session, member_id: UUID) -> CertificateRow | None:
    """Return the member's newest certificate that is not revoked."""
    return next(iter(live_certificates(tx, member_id)), None)


def certificate(tx: Session, certificate_id: UUID) -> CertificateRow | None:
    """Return one certificate, revoked or not; asked of the database once in a transaction."""
    row = tx.get(CertificateRow, certificate_id)
    if row is not None:
        # The session forgets a row that nobody holds, and would ask for it again.
        tx.info.setdefault(_HELD, {})[certificate_id] = row
    return row


def certificates_of(tx: Session, organization_id: UUID) -> list[CertificateRow]:
    """Return every certificate of the organisation, oldest first."""
    return list(
        tx.exec(
            select(CertificateRow)
            .where(CertificateRow.organization_id == organization_id)
            .order_by(col(CertificateRow.issued_at), col(CertificateRow.id))
        ).all()
    )


def organization_key_wrap(
    tx: Session, organization_id: UUID, certificate_id: UUID, use: str
) -> OrganizationKeyWrap | None:
    """Return the newest organisation key of this use sealed to this device, or None."""
    return tx.exec(
        select(OrganizationKeyWrap)
        .where(
            OrganizationKeyWrap.organization_id == organization_id,
            OrganizationKeyWrap.certificate_id == certificate_id,
            OrganizationKeyWrap.use == use,
        )
        .order_by(col(OrganizationKeyWrap.created_at).desc())
        .limit(1)
    ).first()
