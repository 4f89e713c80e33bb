"""Invitations and the devices that joined with them; table and queries.

Only the hash of a token is kept. A device's keys and name are here until it has a certificate.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, delete
from sqlmodel import Field, Session, col, select

from assigncli.server.store.column_types import Moment
from assigncli.server.store.tables import TableRow


class Invitation(TableRow, table=True):
    """A token by its SHA-256, for one member, valid up to and including `expires_at`.

    `spent_at` is when a device joined with it; then its keys and its name are set too.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("length(CAST(token_hash AS BLOB)) = 32", name="invitations_token"),
        CheckConstraint(
            "(spent_at IS NULL) = (signing_key IS NULL)"
            " AND (spent_at IS NULL) = (encryption_key IS NULL)"
            " AND (spent_at IS NULL) = (device IS NULL)"
            " AND (spent_at IS NULL) = (device_salt IS NULL)",
            name="invitations_spent_whole",
        ),
        Index("ix_invitations_member", "member_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    member_id: UUID = Field(foreign_key="members.id")
    token_hash: bytes
    expires_at: datetime = Field(sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    spent_at: datetime | None = Field(default=None, sa_type=Moment)
    signing_key: bytes | None = None
    encryption_key: bytes | None = None
    device: str | None = None
    device_salt: bytes | None = None


def by_token(
    tx: Session, organization_id: UUID, member_id: UUID, token: bytes, now: datetime
) -> Invitation | None:
    """Return the member's invitation with this token, rather an unspent one.

    None once it has expired at `now` (aware UTC).
    """
    query = (
        select(Invitation)
        .where(Invitation.member_id == member_id)
        .order_by(col(Invitation.spent_at))  # in SQLite, NULL comes first
    )
    hashed = hashlib.sha256(token).digest()
    for row in tx.exec(query):
        is_ours = row.organization_id == organization_id and now <= row.expires_at
        if is_ours and compare_digest(row.token_hash, hashed):
            return row
    return None


def joined(tx: Session, member_id: UUID, signing_key: bytes | None) -> Invitation | None:
    """Return the member's newest invitation with which a device with this key joined, or None."""
    return tx.exec(
        select(Invitation)
        .where(Invitation.member_id == member_id, Invitation.signing_key == signing_key)
        .order_by(col(Invitation.id).desc())
    ).first()


def waiting(tx: Session, member_ids: Collection[UUID]) -> list[Invitation]:
    """Return the invitations with which a device of these members joined, oldest first.

    An approval deletes the one that it answers.
    """
    query = select(Invitation).where(
        col(Invitation.member_id).in_(member_ids), col(Invitation.signing_key).is_not(None)
    )
    return list(tx.exec(query.order_by(col(Invitation.id))).all())


def end_joined(tx: Session, member_id: UUID, signing_key: bytes) -> None:
    """Delete the invitations with which a device with this key joined, and no others."""
    tx.exec(
        delete(Invitation).where(
            col(Invitation.member_id) == member_id, col(Invitation.signing_key) == signing_key
        )
    )
    tx.flush()


def end(tx: Session, member_id: UUID) -> None:
    """Delete all of the member's invitations."""
    tx.exec(delete(Invitation).where(col(Invitation.member_id) == member_id))
    tx.flush()
