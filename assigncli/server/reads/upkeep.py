"""When the store was last written and swept, and which members sweep it.

Reads only; `doctor` judges whether that is good or bad.
"""

from __future__ import annotations

from assigncli.domain.lifecycle import MemberStatus, Role, is_staff
from assigncli.lookups import Nothing
from assigncli.lookups.about_office import Swept, Upkeep
from assigncli.server.coverage import coverage
from assigncli.server.standing import status_of
from assigncli.server.store import audit_log, members
from assigncli.server.store.scheduled import SweepRun
from assigncli.server.turn import Turn


def look(turn: Turn, _asked: Nothing) -> Upkeep:
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
