"""What the store tells of its upkeep: when it was last written and swept, and who sweeps it.

Only looked at; what is well and what is not is for `doctor` to say.
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
    """The last sweep of the organisation: when, and how many things it could not do."""

    at: datetime
    failed: int


@dataclass(frozen=True)
class Upkeep:
    """How the organisation is looked after in its store. Moments are aware UTC.

    `coverage` is told to coordinators and administrators, who can do something about it.
    """

    newest_entry: datetime | None
    last_sweep: Swept | None
    service_members: tuple[UUID, ...]
    coverage: Coverage | None


def look(turn: Turn) -> Upkeep:
    """Return it, from a few rows."""
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
