"""How members want to be reached, sealed, and an organisation's last sweep: the queries."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, col, delete, select

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


def remove_all(tx: Session, organization_id: UUID, member_id: UUID) -> None:
    """Remove the member's channels."""
    tx.exec(
        delete(NotificationChannel).where(
            col(NotificationChannel.member_id) == member_id,
            col(NotificationChannel.organization_id) == organization_id,
        )
    )


def last_sweep(tx: Session, organization_id: UUID) -> SweepRun | None:
    """Return the organisation's last sweep, or None."""
    return tx.get(SweepRun, organization_id)
