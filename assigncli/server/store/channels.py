"""Queries on members' channels, whose addresses are sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, literal_column
from sqlmodel import Session, col, select

from assigncli.server.store.scheduled import NotificationChannel

IN_ORDER: Final[ColumnElement[int]] = literal_column("notification_channels.rowid")
"""A member's channels are written one after the other, so that rowids give their order."""


def of_member(tx: Session, organization_id: UUID, member_id: UUID) -> list[NotificationChannel]:
    """Return the member's channels, in the order in which they were last written."""
    return list(
        tx.exec(
            select(NotificationChannel)
            .where(
                NotificationChannel.member_id == member_id,
                NotificationChannel.organization_id == organization_id,
            )
            .order_by(IN_ORDER)
        )
    )


def owners(tx: Session, channel_ids: Iterable[UUID]) -> set[UUID]:
    """Return the members who have channels with these ids, of any organisation."""
    wanted = col(NotificationChannel.id).in_(list(channel_ids))
    return set(tx.exec(select(NotificationChannel.member_id).where(wanted)))


def replace_all(tx: Session, member_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace all channels of the member with these rows, in this order."""
    tx.exec(delete(NotificationChannel).where(col(NotificationChannel.member_id) == member_id))
    tx.flush()
    for row in rows:
        tx.add(NotificationChannel(**row))
        tx.flush()
