"""How members want to be reached, sealed, and an organisation's last sweep: the queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from assigncli.store.scheduled import NotificationChannel, SweepRun


def of_member(tx: Session, organization_id: UUID, member_id: UUID) -> list[NotificationChannel]:
    """Return the member's channels, oldest first."""
    return list(
        tx.exec(
            select(NotificationChannel)
            .where(
                NotificationChannel.member_id == member_id,
                NotificationChannel.organization_id == organization_id,
            )
            .order_by(col(NotificationChannel.created_at), col(NotificationChannel.id))
        )
    )


def owners(tx: Session, channel_ids: Iterable[UUID]) -> set[UUID]:
    """Return whose channels those of these ids are that are there, in any organisation."""
    wanted = col(NotificationChannel.id).in_(list(channel_ids))
    return set(tx.exec(select(NotificationChannel.member_id).where(wanted)))


def replace_all(
    tx: Session, organization_id: UUID, member_id: UUID, held: Mapping[UUID, bytes], now: datetime
) -> None:
    """Let these sealed addresses, by id, be all channels of the member.

    One that is there already keeps its moment; `now` is that of the others.
    """
    known = {row.id: row for row in of_member(tx, organization_id, member_id)}
    for id_, row in known.items():
        if id_ not in held:
            tx.delete(row)
    for id_, sealed in held.items():
        row = known.get(id_) or NotificationChannel(
            id=id_,
            organization_id=organization_id,
            member_id=member_id,
            sealed=sealed,
            created_at=now,
        )
        row.sealed = sealed
        tx.add(row)
    tx.flush()


def last_sweep(tx: Session, organization_id: UUID) -> SweepRun | None:
    """Return the organisation's last sweep, or None."""
    return tx.get(SweepRun, organization_id)
