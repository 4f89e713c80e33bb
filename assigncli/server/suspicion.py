"""Suspend what a lost device certified, and confirm a certificate that was compared again.

A suspended certificate counts nowhere until somebody else confirms it. What it did before stays.
"""

from __future__ import annotations

from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF
from assigncli.server import certification
from assigncli.server.carrying import Carrying
from assigncli.server.member import (
    mark_certificates,
    require_may_vouch,
    require_no_service,
    require_not_revoked,
    subject,
)
from assigncli.server.refused import Refused


def confirm_device(doing: Carrying) -> None:
    """Let a suspended certificate of another member count again."""
    doing.require_role(*STAFF)
    member = subject(doing)
    require_not_revoked(doing, member)
    device = UUID(doing.arguments["certificate"])
    held = {each.id: each for each in certification.certificates_of(doing.turn, doing.tx, member)}
    counting = {each.id for each in certification.in_force_of(doing.turn, doing.tx, member)}
    if device not in held.keys() - counting:
        raise Refused("device_not_found")
    require_no_service(held[device].roles)
    require_may_vouch(doing, member, held[device].roles)
    said = {"certificate": str(device)}
    mark_certificates(doing, doing.happening(Action.DEVICE_CONFIRMED, said), [device])
    doing.record([(Action.DEVICE_CONFIRMED, member.id, said)])
