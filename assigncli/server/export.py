"""Record that figures were exported: which cycles, which member, and up to which ledger line.

The client makes and keeps the figures themselves.
"""

from __future__ import annotations

from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF
from assigncli.server.carrying import Carrying
from assigncli.server.record import record
from assigncli.server.refused import Refused
from assigncli.server.store import ledger, members, organizations


def export(doing: Carrying) -> None:
    """Record an export, after checking that its member, cycles and last ledger line exist."""
    doing.require_role(*STAFF)
    tx, organization = doing.tx, doing.turn.organization_id
    member = doing.arguments["member"]
    if member is not None and members.by_id(tx, organization, UUID(member)) is None:
        raise Refused("member_not_found")
    for each in doing.arguments["cycles"]:
        if organizations.cycle_by_id(tx, organization, UUID(each)) is None:
            raise Refused("cycle_not_found")
    if doing.arguments["up_to"] > ledger.last_line(tx, organization):
        raise Refused("changed_meanwhile")
    record(doing.turn, tx, doing.actor, Action.HONORARIUM_EXPORTED, organization)
