"""Queries on members, their roles, profiles and certificates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, case, cast, delete, func, or_, type_coerce, update
from sqlmodel import Session, col, select

from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.domain.member_names import SERVICE_HANDLE
from assigncli.server.store import raw
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.tables import CertificateRow, Member, MemberRole, PeerMentorProfile
from assigncli.server.store.wraps import OrganizationKeyWrap

_HELD: Final = "assigncli_certificate_rows"


@dataclass(frozen=True)
class MemberStanding:
    """A member's rows: the member, their profile, roles, and the certificates that count."""

    member: Member
    profile: PeerMentorProfile | None
    roles: set[Role] = field(default_factory=set)
    certificates: list[CertificateRow] = field(default_factory=list)


def _chains() -> Any:
    """Return the query for certificates with their issuers; a body that is not JSON names none."""
    row = CertificateRow
    chain = (
        select(col(row.id))
        .where(
            or_(
                col(row.id).in_(bindparam("certificates", expanding=True)),
                col(row.member_id).in_(bindparam("members", expanding=True)),
            )
        )
        .cte("chain", recursive=True)
    )
    body = cast(col(row.body), Text)
    issuer = func.replace(func.json_extract(body, "$.issuer"), "-", "")
    named = case((func.json_valid(body) == 1, issuer))
    above = select(type_coerce(named, Uuid())).join(chain, col(row.id) == chain.c.id)
    chain = chain.union(above)
    return select(row).join(chain, col(row.id) == chain.c.id)


# Built once, because building it costs more than running it.
_CHAINS: Final = _chains()
_IDS: Final[Any] = bindparam("ids", expanding=True)
_MEMBERS: Final = (
    select(Member, PeerMentorProfile)
    .outerjoin(PeerMentorProfile, col(PeerMentorProfile.member_id) == col(Member.id))
    .where(
        col(Member.id).in_(_IDS),
        unindexed(col(Member.organization_id)) == bindparam("organization_id"),
    )
)
_ROLES: Final = select(MemberRole).where(col(MemberRole.member_id).in_(_IDS))
_LIVE: Final = (
    select(CertificateRow)
    .where(
        col(CertificateRow.member_id).in_(_IDS),
        col(CertificateRow.revoked_at).is_(None),
        col(CertificateRow.suspended_at).is_(None),
    )
    .order_by(col(CertificateRow.issued_at).desc())
)


def by_id(tx: Session, organization_id: UUID, member_id: UUID) -> Member | None:
    """Return the member of this organisation, or None."""
    return tx.exec(
        select(Member).where(Member.id == member_id, Member.organization_id == organization_id)
    ).first()


def by_handle(tx: Session, organization_id: UUID, handle: str) -> Member | None:
    """Return the member of this organisation with this handle, or None."""
    return tx.exec(
        select(Member).where(Member.handle == handle, Member.organization_id == organization_id)
    ).first()


def by_handles(tx: Session, organization_id: UUID, handles: Iterable[str]) -> list[Member]:
    """Return the members of this organisation with these handles."""
    asked = set(handles)
    return list(
        tx.exec(
            select(Member).where(
                col(Member.handle).in_(asked), Member.organization_id == organization_id
            )
        ).all()
    )


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


def standings(
    tx: Session, organization_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, MemberStanding]:
    """Return the rows of each of these members of the organisation, in three queries for all."""
    asked = {"organization_id": organization_id, "ids": list(member_ids)}
    rows = tx.exec(_MEMBERS, params=asked)
    found = {member.id: MemberStanding(member, profile) for member, profile in rows}
    within = {"ids": list(found)}
    for held in tx.exec(_ROLES, params=within):
        found[held.member_id].roles.add(held.role)
    for row in tx.exec(_LIVE, params=within):
        found[row.member_id].certificates.append(row)
    return found


def with_certificates(
    tx: Session, member_ids: Iterable[UUID]
) -> list[tuple[Member, CertificateRow]]:
    """Return each of `member_ids` with each of their certificates, newest first."""
    rows = tx.exec(
        select(Member, CertificateRow)
        .join(CertificateRow, col(CertificateRow.member_id) == col(Member.id))
        .where(col(Member.id).in_(set(member_ids)))
        .order_by(col(CertificateRow.issued_at).desc())
    )
    return list(rows)


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
    """Return the mentor's profile; None for a member who is no mentor."""
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
    """Return the member's newest certificate that is not revoked, or None."""
    return next(iter(live_certificates(tx, member_id)), None)


def names_of(tx: Session, certificate_ids: Iterable[UUID]) -> list[str]:
    """Return the display names of these certificates' members, in order and each once."""
    found = tx.exec(
        select(Member.display_name)
        .join(CertificateRow, col(CertificateRow.member_id) == col(Member.id))
        .where(col(CertificateRow.id).in_(set(certificate_ids)))
        .distinct()
    )
    return sorted(found)


def certificates_of_service(tx: Session, organization_id: UUID) -> set[UUID]:
    """Return the ids of all certificates that the organisation's service has had."""
    found = tx.exec(
        select(CertificateRow.id)
        .join(Member, col(Member.id) == col(CertificateRow.member_id))
        .where(Member.organization_id == organization_id, Member.handle == SERVICE_HANDLE)
    )
    return set(found)


def certified(tx: Session, member_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these members who have, or once had, a certificate."""
    asked = set(member_ids)
    found = tx.exec(
        select(CertificateRow.member_id).where(col(CertificateRow.member_id).in_(asked)).distinct()
    )
    return set(found)


def preload(tx: Session, certificates: Iterable[UUID], members: Iterable[UUID]) -> None:
    """Read these certificates, all of these members', and all their issuers, in one query."""
    asked = {"certificates": list(certificates), "members": list(members)}
    for row in tx.exec(_CHAINS, params=asked):
        tx.info.setdefault(_HELD, {})[row.id] = row


def preloaded(tx: Session, member_id: UUID) -> list[CertificateRow]:
    """Return the member's certificates among those preloaded, newest first."""
    held: dict[UUID, CertificateRow] = tx.info.get(_HELD, {})
    own = [row for row in held.values() if row.member_id == member_id]
    return sorted(own, key=lambda row: row.issued_at, reverse=True)


def certificate(tx: Session, certificate_id: UUID) -> CertificateRow | None:
    """Return one certificate, revoked or not; read from the database once per transaction."""
    held: dict[UUID, CertificateRow] = tx.info.setdefault(_HELD, {})
    if certificate_id not in held:
        row = tx.get(CertificateRow, certificate_id)
        if row is None:
            return None
        # The session forgets a row that nothing refers to, and would query it again.
        held[certificate_id] = row
    return held[certificate_id]


def signed(tx: Session, certificate_id: UUID) -> tuple[bytes, bytes] | None:
    """Return body and signature of a certificate, whatever its other columns hold, or None."""
    own = raw.about(tx, CertificateRow, "id", [certificate_id.hex]).get(certificate_id.hex)
    found = None if own is None else (own[0]["body"], own[0]["signature"])
    are_bytes = found is not None and all(isinstance(each, bytes) for each in found)
    return found if are_bytes else None


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


def has_key_wraps(tx: Session, key_id: UUID) -> bool:
    """Return whether an organisation key with this id was ever sealed to anybody."""
    query = select(OrganizationKeyWrap.key_id).where(OrganizationKeyWrap.key_id == key_id)
    return tx.exec(query.limit(1)).first() is not None


def key_since(tx: Session, organization_id: UUID, key_id: UUID) -> datetime:
    """Return when an organisation key was first sealed to somebody (aware UTC)."""
    query = select(OrganizationKeyWrap.created_at).where(
        OrganizationKeyWrap.organization_id == organization_id,
        OrganizationKeyWrap.key_id == key_id,
    )
    return min(tx.exec(query))


def waiting_keys(tx: Session, organization_id: UUID) -> list[tuple[Member, str | None]]:
    """Return who waits for approval, as a member or with a further device, and its name."""
    rows = tx.exec(
        select(Member, Invitation.device)
        .join(Invitation, col(Invitation.member_id) == col(Member.id))
        .where(
            Invitation.organization_id == organization_id,
            col(Invitation.signing_key).is_not(None),
            col(Member.status).in_((MemberStatus.REQUESTED, MemberStatus.ACTIVE)),
        )
        .order_by(col(Invitation.id))
    )
    return list(rows.all())


def suspended_devices(tx: Session, organization_id: UUID) -> list[tuple[Member, str]]:
    """Return the members with a suspended device, and its name."""
    rows = tx.exec(
        select(Member, CertificateRow.device)
        .join(CertificateRow, col(CertificateRow.member_id) == col(Member.id))
        .where(
            CertificateRow.organization_id == organization_id,
            col(CertificateRow.suspended_at).is_not(None),
            col(CertificateRow.revoked_at).is_(None),
        )
        .order_by(col(Member.handle))
    )
    return list(rows.all())


def lapse(tx: Session, member_id: UUID, today: date, columns: Mapping[str, Any]) -> bool:
    """Change the profile of a mentor whose certification ended before `today` but is not lapsed.

    Return whether there was one to change.
    """
    moved = tx.connection().execute(
        update(PeerMentorProfile)
        .where(
            col(PeerMentorProfile.member_id) == member_id,
            col(PeerMentorProfile.status) != ProfileStatus.EXPIRED,
            col(PeerMentorProfile.certified_until) < today,
        )
        .values(**columns)
    )
    return moved.rowcount == 1
