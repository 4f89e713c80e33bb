"""What a report is based on: its cycles and mentor, the thresholds and the last export.

Decides who may ask. Counts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import end_of_day, local_day
from assigncli.domain.lifecycle import STAFF, Role, is_staff
from assigncli.domain.permitted import only_ones_own, role_missing
from assigncli.domain.reporting_cycles import cycle_not_found
from assigncli.domain.tiers import DEFAULT_THRESHOLDS, Thresholds
from assigncli.lookups.about_honorarium import Basis, Report, ReportScope
from assigncli.server import settings_in_force
from assigncli.server.reads import find
from assigncli.server.standing import is_active
from assigncli.server.store import figures, members, organizations
from assigncli.server.store.tables import Member, ReportingCycle
from assigncli.server.turn import Turn

ALL: Final = "all"
_STANDARD: Final = "honorarium_standard_from"
_ELEVATED: Final = "honorarium_elevated_from"


def mentor_asked(turn: Turn, tx: Transaction, handle: str | None) -> Member | None:
    """Return the mentor a report is about; None for everyone.

    Coordinators and administrators may ask about anyone; a mentor only about themselves. Raises
    NotAllowed `role_missing`, NotFound `member_not_found`.
    """
    member = members.by_id(tx, turn.organization_id, turn.member_id)
    held = members.roles_of(tx, turn.member_id)
    if member is not None and is_active(tx, member):
        if is_staff(held):
            return None if handle is None else find.member(turn, tx, handle)
        own = handle is not None and handle.strip().lower() == member.handle
        if own and Role.PEER_MENTOR in held:
            return member
    if member is not None and Role.PEER_MENTOR in held:
        raise only_ones_own(member.handle, *STAFF)
    raise role_missing(*STAFF)


def bases(
    turn: Turn, tx: Transaction, asked: ReportScope, member_id: UUID | None
) -> tuple[Basis, ...]:
    """Return the basis of each cycle asked for; empty if none is named and none covers today.

    Raises NotFound `cycle_not_found`; with `since`, Tampered for a forged entry of an export.
    """
    return tuple(_basis(turn, tx, row, asked, member_id) for row in _cycles(turn, tx, asked.cycles))


def _cycles(turn: Turn, tx: Transaction, names: Sequence[str]) -> list[ReportingCycle]:
    organization = turn.organization_id
    if not names:
        today = local_day(turn.now, turn.zone)
        found = organizations.overlapping_cycle(tx, organization, today, today)
        return [] if found is None else [found]
    chosen: dict[UUID, ReportingCycle] = {}
    for name in names:
        row = organizations.cycle_by_name(tx, organization, name.strip())
        every = [*reversed(organizations.cycles(tx, organization))]
        if row is None and name.strip().lower() != ALL:
            raise cycle_not_found(name, [each.name for each in every])
        chosen |= {each.id: each for each in (every if row is None else [row])}
    return list(chosen.values())


def _basis(
    turn: Turn, tx: Transaction, row: ReportingCycle, asked: ReportScope, member_id: UUID | None
) -> Basis:
    exported_at, up_to = _last_export(turn, tx, row.id, member_id) if asked.since else (None, 0)
    return Basis(
        cycle_id=row.id,
        cycle=row.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        thresholds=_thresholds(turn, tx, row.ends_on),
        exported_at=exported_at,
        up_to=up_to,
    )


def _thresholds(turn: Turn, tx: Transaction, ends_on: date) -> Thresholds:
    """Return the thresholds at the end of the cycle's last day; while it runs, today's."""
    if ends_on >= local_day(turn.now, turn.zone):
        return settings_in_force.in_force(turn, tx).thresholds
    over = end_of_day(ends_on, turn.zone)
    kept = figures.settings_before(tx, turn.organization_id, (_STANDARD, _ELEVATED), over)
    return Thresholds(
        standard=int(kept.get(_STANDARD, DEFAULT_THRESHOLDS.standard)),
        elevated=int(kept.get(_ELEVATED, DEFAULT_THRESHOLDS.elevated)),
    )


def _last_export(
    turn: Turn, tx: Transaction, cycle_id: UUID, member_id: UUID | None
) -> tuple[datetime | None, int]:
    """Return when the cycle's honorarium was last exported, and the last ledger line in it.

    An export of one mentor's figures does not count for others or for everyone. Raises Tampered
    `certificate_invalid` for an entry that is not properly signed.
    """
    from assigncli.server import certification
    from assigncli.server.record import about, told_by

    for row in reversed(about(turn, tx, turn.organization_id, [Action.HONORARIUM_EXPORTED])):
        certification.signer_of(turn, tx, row)
        said = told_by(tx, row).arguments
        covers = said["member"] in (None, None if member_id is None else str(member_id))
        if said["report"] == Report.report and str(cycle_id) in said["cycles"] and covers:
            return row.at, said["up_to"]
    return None, 0
