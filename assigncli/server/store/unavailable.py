"""Queries for open assignments whose mentor is paused, has lapsed or has left.

Their cost depends on the members and the results, not on the history: an index has each mentor's
open assignments and no other rows.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, text
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Status
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.conditions import IS_OPEN
from assigncli.server.store.tables import (
    Assignment,
    CertificateRow,
    Member,
    PeerMentorProfile,
)
from assigncli.server.store.wraps import KeyWrap


def open_with(
    tx: Session, organization_id: UUID, member_id: UUID, now: datetime
) -> list[Assignment]:
    """Return one mentor's open assignments not past their expiry, by number; drafts too."""
    return list(
        tx.exec(
            select(Assignment)
            .where(col(Assignment.recipient_user_id) == member_id, *_open(organization_id, now))
            .order_by(col(Assignment.number))
        )
    )


def open_of(tx: Session, organization_id: UUID, member_id: UUID, now: datetime) -> list[Assignment]:
    """Return what is open with a member as recipient or dispatcher, by number; drafts too.

    It looks through what is open in the organisation, whoever it is with, and at nothing else.
    """
    own = or_(
        unindexed(col(Assignment.recipient_user_id)) == member_id,
        unindexed(col(Assignment.dispatched_by_user_id)) == member_id,
    )
    found = tx.exec(select(Assignment).where(own, *_open(organization_id, now)))
    return sorted(found, key=lambda row: row.number)


def sent_and_open(
    tx: Session, organization_id: UUID, member_ids: Collection[UUID], now: datetime
) -> dict[UUID, int]:
    """Return the number of open dispatched assignments, for each mentor who has any."""
    found = tx.exec(
        select(Assignment.recipient_user_id, func.count())
        .where(
            col(Assignment.recipient_user_id).in_(member_ids),
            Assignment.status != Status.PENDING,
            *_open(organization_id, now),
        )
        .group_by(col(Assignment.recipient_user_id))
    )
    return dict(found.all())


def open_with_unavailable(
    tx: Session, organization_id: UUID, today: date, now: datetime, limit: int
) -> list[Assignment]:
    """Return open assignments of mentors who may be sent none on the local day `today`.

    By number, not past their expiry, drafts too. A member without a certificate in force has left.
    """
    profile = PeerMentorProfile
    held = exists().where(
        col(CertificateRow.member_id) == col(Member.id), col(CertificateRow.revoked_at).is_(None)
    )
    paused = and_(
        col(profile.status) == ProfileStatus.PAUSED,
        or_(col(profile.paused_until).is_(None), col(profile.paused_until) >= today),
    )
    unavailable = (
        select(Member.id)
        .outerjoin(profile, col(profile.member_id) == col(Member.id))
        .where(
            col(Member.organization_id) == organization_id,
            or_(
                ~held,
                col(profile.status) == ProfileStatus.EXPIRED,
                col(profile.certified_until) < today,
                paused,
            ),
        )
    )
    return list(
        tx.exec(
            select(Assignment)
            .where(col(Assignment.recipient_user_id).in_(unavailable), *_open(organization_id, now))
            .order_by(unindexed(col(Assignment.number)))
            .limit(limit)
        )
    )


def unreadable(tx: Session, organization_id: UUID, now: datetime) -> list[Assignment]:
    """Return what was sent and is open, and is sealed to no device of its recipient that is held.

    By number. A suspended device may count again, so what it can read is not among them, nor is
    what is with a mentor who has left.
    """
    lost = _with_an_ended_device(tx, organization_id)
    query = select(Assignment).where(
        col(Assignment.status) != Status.PENDING,
        col(Assignment.recipient_user_id).in_(lost),
        ~_is_sealed_to(col(Assignment.recipient_user_id)),
        *_open(organization_id, now),
    )
    return sorted(tx.exec(query), key=lambda row: row.number) if lost else []


def made_until(
    tx: Session, organization_id: UUID, last: datetime, now: datetime
) -> list[Assignment]:
    """Return what is open and was made up to a moment, by number; drafts too. Both aware UTC."""
    everyone = select(Member.id).where(col(Member.organization_id) == organization_id)
    query = select(Assignment).where(
        unindexed(col(Assignment.created_at)) <= last,
        col(Assignment.recipient_user_id).in_(everyone),
        *_open(organization_id, now),
    )
    return sorted(tx.exec(query), key=lambda row: row.number)


def _with_an_ended_device(tx: Session, organization_id: UUID) -> list[UUID]:
    """Return the members in force of whom a device has ended; nobody else can lack a sealed key."""
    ended = select(CertificateRow.member_id).where(
        col(CertificateRow.organization_id) == organization_id,
        col(CertificateRow.revoked_at).is_not(None),
        col(CertificateRow.member_id) == col(Member.id),
        col(Member.status) == MemberStatus.ACTIVE,
    )
    return list(tx.exec(ended.distinct()))


def read_by_dispatcher(tx: Session, assignment_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these assignments that are sealed to a held device of their dispatcher."""
    query = select(Assignment.id).where(
        col(Assignment.id).in_(assignment_ids),
        _is_sealed_to(col(Assignment.dispatched_by_user_id)),
    )
    return set(tx.exec(query))


def _is_sealed_to(member: Mapped[UUID]) -> ColumnElement[bool]:
    certificate = CertificateRow
    return exists().where(
        col(KeyWrap.assignment_id) == col(Assignment.id),
        col(certificate.id) == col(KeyWrap.certificate_id),
        col(certificate.member_id) == member,
        col(certificate.revoked_at).is_(None),
    )


def _open(organization_id: UUID, now: datetime) -> tuple[ColumnElement[bool], ...]:
    expires_at = unindexed(col(Assignment.expires_at))
    return (
        text(IS_OPEN),  # type: ignore[return-value]
        col(Assignment.organization_id) == organization_id,
        or_(expires_at.is_(None), expires_at > now),
    )
