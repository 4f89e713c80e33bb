"""Which function carries out which act of PROTOCOL.md section 9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from assigncli.server import (
    approval,
    batch,
    config,
    consent,
    cycle,
    export,
    found,
    invitation,
    membership,
    notify,
    progress,
    withdraw,
)
from assigncli.server import open as opening
from assigncli.server.carrying import Carrying

CARRY_OUT: Final[Mapping[str, Callable[[Carrying], None]]] = {
    "organization.founded": found.found,
    "member.invited": invitation.invite_member,
    "device.invited": invitation.invite_device,
    "device.joined": invitation.join,
    "member.approved": approval.approve,
    "device.approved": approval.approve_device,
    "device.revoked": membership.revoke_device,
    "member.channels_changed": notify.change,
    "member.certified": membership.certify,
    "member.paused": membership.pause,
    "member.resumed": membership.resume,
    "member.revoked": membership.revoke,
    "member.restored": membership.restore,
    "setting.changed": config.change,
    "cycle.opened": cycle.open_cycle,
    "cycle.closed": cycle.close_cycle,
    "cycle.reopened": cycle.reopen_cycle,
    "honorarium.exported": export.export,
    "batch.created": batch.create,
    "batch.dispatched": batch.create_and_dispatch,
    "assignment.edited": batch.edit,
    "assignment.dispatched": batch.dispatch,
    "payload_decrypted": opening.open_payload,
    "payload.refused": opening.refuse_payload,
    "consent.completed": consent.consent,
    "assignment.acknowledged": progress.acknowledge,
    "assignment.contact_made": progress.contact,
    "assignment.completed": progress.complete,
    "assignment.recalled": withdraw.recall,
    "assignment.cancelled": withdraw.cancel,
}
"""By act. An act that is not here is not carried out yet."""
