"""The function that carries out each act of PROTOCOL.md section 9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from assigncli.server import (
    ack,
    approve,
    batch,
    cancel,
    complete,
    config,
    consent,
    contact,
    cycle,
    decline,
    export,
    init,
    invite,
    member,
    notify,
    privacy,
    reassign,
    recall,
    replace_service,
    reseal,
    restore,
    share,
    suspicion,
)
from assigncli.server import open as opening
from assigncli.server.carrying import Carrying

CARRY_OUT: Final[Mapping[str, Callable[[Carrying], None]]] = {
    "organization.founded": init.found_organization,
    "service.replaced": replace_service.replace,
    "member.invited": invite.invite_member,
    "device.invited": invite.invite_device,
    "device.joined": invite.join,
    "member.approved": approve.approve,
    "device.approved": approve.approve_device,
    "device.revoked": member.revoke_device,
    "device.confirmed": suspicion.confirm_device,
    "member.channels_changed": notify.change,
    "member.certified": member.certify,
    "member.paused": member.pause,
    "member.resumed": member.resume,
    "member.revoked": member.revoke,
    "member.restored": member.restore,
    "setting.changed": config.change,
    "log.restored": restore.confirm,
    "cycle.opened": cycle.open_cycle,
    "cycle.closed": cycle.close_cycle,
    "cycle.reopened": cycle.reopen_cycle,
    "honorarium.exported": export.export,
    "privacy.exported": privacy.export,
    "organization_key.shared": share.share,
    "batch.created": batch.create,
    "batch.dispatched": batch.create_and_dispatch,
    "assignment.edited": batch.edit,
    "assignment.dispatched": batch.dispatch,
    "payload_decrypted": opening.open_payload,
    "payload.refused": opening.refuse_payload,
    "wrap.added": reseal.add_wraps,
    "consent.completed": consent.consent,
    "assignment.acknowledged": ack.acknowledge,
    "assignment.contact_made": contact.contact,
    "contact.unanswered": contact.no_answer,
    "assignment.completed": complete.complete,
    "assignment.reassigned": reassign.reassign,
    "assignment.declined": decline.decline,
    "assignment.recalled": recall.recall,
    "assignment.cancelled": cancel.cancel,
    "assignment.erased": privacy.erase,
}
"""By act: all of the protocol, since no other has a statement that can be read."""
