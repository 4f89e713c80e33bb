"""When the store was last written and swept, and which members sweep it.

Reads only; `doctor` judges whether that is good or bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assigncli.domain.lifecycle import MemberStatus, Role, is_staff
from assigncli.server.coverage import Coverage, coverage
from assigncli.server.standing import status_of
from assigncli.server.store import audit_log, members
from assigncli.server.store.scheduled import SweepRun
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class Swept:
    """The last sweep of the organisation: when (aware UTC), and how many things failed."""

    at: datetime
    failed: int


@dataclass(frozen=True)
class Upkeep:
    """The upkeep of the organisation in its store. Times are aware UTC.

    `coverage` is for coordinators and administrators only, who can change it.
    """

    newest_entry: datetime | None
    last_sweep: Swept | None
    service_members: tuple[UUID, ...]
    coverage: Coverage | None


def look(turn: Turn) -> Upkeep:
    """Return the upkeep, read from a few rows."""
    organization_id = turn.organization_id
    with turn.store.read() as tx:
        run = tx.get(SweepRun, organization_id)
        return Upkeep(
            newest_entry=audit_log.newest_moment(tx, organization_id),
            last_sweep=None if run is None else Swept(run.at, run.failed),
            service_members=tuple(
                member.id
                for member in members.everyone(tx, organization_id, role=Role.SERVICE)
                if status_of(tx, member) is not MemberStatus.REVOKED
            ),
            coverage=coverage(turn, tx) if is_staff(members.roles_of(tx, turn.member_id)) else None,
        )
