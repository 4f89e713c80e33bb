"""Queries on organisations, their settings and reporting cycles."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from assigncli.domain.lifecycle import CycleStatus
from assigncli.domain.member_names import name_key
from assigncli.server.store.tables import (
    Organization,
    OrganizationSetting,
    ReportingCycle,
)


def by_id(tx: Session, organization_id: UUID) -> Organization | None:
    """Return the organisation, or None."""
    return tx.get(Organization, organization_id)


def by_root_key(tx: Session, root_key: bytes) -> Organization | None:
    """Return the organisation with this public root key, or None."""
    query = select(Organization).where(Organization.root_public_key == root_key)
    return tx.exec(query).first()


def by_name(tx: Session, name: str) -> Organization | None:
    """Return the organisation with this name, or None; `name_key` decides which names are equal."""
    return tx.exec(select(Organization).where(Organization.name_key == name_key(name))).first()


def name_and_zone(tx: Session, organization_id: UUID) -> tuple[str, str] | None:
    """Return the organisation's name and time zone as stored, or None."""
    query = select(Organization.name, Organization.time_zone)
    return tx.exec(query.where(Organization.id == organization_id)).first()


def names(tx: Session) -> list[str]:
    """Return the names of all organisations in the store."""
    return list(tx.exec(select(Organization.name)))


def everyone(tx: Session) -> list[Organization]:
    """Return all organisations in the store, by name."""
    return list(tx.exec(select(Organization).order_by(col(Organization.name))).all())


def settings(tx: Session, organization_id: UUID) -> dict[str, str]:
    """Return the settings in force: for each name, the newest value."""
    rows = tx.exec(
        select(OrganizationSetting.name, OrganizationSetting.value)
        .where(OrganizationSetting.organization_id == organization_id)
        .order_by(col(OrganizationSetting.id))
    )
    return dict(rows.all())


def open_cycle(tx: Session, organization_id: UUID, day: date) -> ReportingCycle | None:
    """Return the open cycle that covers the local calendar day `day`, or None."""
    return tx.exec(
        select(ReportingCycle).where(
            ReportingCycle.organization_id == organization_id,
            ReportingCycle.status == CycleStatus.OPEN,
            ReportingCycle.starts_on <= day,
            ReportingCycle.ends_on >= day,
        )
    ).first()


def overlapping_cycle(
    tx: Session, organization_id: UUID, first: date, last: date
) -> ReportingCycle | None:
    """Return a cycle, open or closed, that shares a day with `first` to `last`, or None."""
    return tx.exec(
        select(ReportingCycle).where(
            ReportingCycle.organization_id == organization_id,
            ReportingCycle.starts_on <= last,
            ReportingCycle.ends_on >= first,
        )
    ).first()


def cycle_by_name(tx: Session, organization_id: UUID, name: str) -> ReportingCycle | None:
    """Return the organisation's cycle with this name, or None."""
    return tx.exec(
        select(ReportingCycle).where(
            ReportingCycle.organization_id == organization_id, ReportingCycle.name == name
        )
    ).first()


def cycle_by_id(tx: Session, organization_id: UUID, cycle_id: UUID) -> ReportingCycle | None:
    """Return the organisation's cycle with this id, or None."""
    found = tx.get(ReportingCycle, cycle_id)
    return found if found is not None and found.organization_id == organization_id else None


def cycles(tx: Session, organization_id: UUID) -> list[ReportingCycle]:
    """Return every cycle, newest first."""
    return list(
        tx.exec(
            select(ReportingCycle)
            .where(ReportingCycle.organization_id == organization_id)
            .order_by(col(ReportingCycle.starts_on).desc())
        ).all()
    )
