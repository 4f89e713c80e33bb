"""Further devices of a member: invite one, see which have asked, and approve one.

A new device is approved by somebody else, after its fingerprint was compared. It gets the roles and
names that the member has. What was sent before is sealed to it separately, by `reseal`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from assigncli.client import approve, asking, directory, invite, looking_after
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.invite import Invited, Invitee
from assigncli.client.member import plain
from assigncli.client.member_facts import DeviceRequest, ShownMember, requests_of
from assigncli.crypto.identity import fingerprints_match
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.protocol.lines import InvitationLine
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class WaitingDevice:
    """A member's further device that has asked to be approved, and the digits to compare."""

    member_id: UUID
    handle: str
    display_name: str
    device: str
    fingerprint: str


@dataclass(frozen=True)
class ApprovedDevice:
    """A further device of a member, certified."""

    member_id: UUID
    handle: str
    display_name: str
    device: str
    certificate_id: UUID


def invite_device(client: Client, handle: str, address: str | None = None) -> Invited:
    """Invite one more device of a member: one's own, or that of somebody one may approve.

    It is to reach the server at `address`, or where the inviting client does. Raises as
    `looking_after.to_add_device`.
    """
    handle = plain(handle)
    found = asking.members(client, handle)
    member = looking_after.to_add_device(found, asking.own_certificate(client, found), handle)
    whom = Invitee(member.id, member.texts, frozenset(map(Role, member.roles)), is_new=False)
    token, expires_at = invite.send(client, asking.this_device(client, found), whom)
    line = InvitationLine(
        address or client.address, client.organization_id, whom.id, client.root_public_key, token
    )
    name = member.display_name
    return Invited(whom.id, member.handle, name, whom.roles, line.encode(), expires_at)


def waiting_devices(client: Client, handle: str) -> tuple[WaitingDevice, ...]:
    """Return the devices of a member that wait for approval; none for who is not a member yet.

    Needs no key. The fingerprints are worked out here, from the pinned root. Raises NotAllowed
    `may_not_vouch` or `role_missing` where there are some and the asker may approve none.
    """
    handle = plain(handle)
    found = asking.members(client, handle)
    member = directory.by_handle(found, handle)
    if member is None or not requests_of(found, member):
        return ()
    actor = directory.devices(found, client.member_id)[-1]
    subject = looking_after.to_approve_device(found, actor, handle)
    return tuple(_waiting(client, found, subject))


def approve_device(client: Client, handle: str, fingerprint: str) -> ApprovedDevice:
    """Certify the waiting device with this fingerprint, which the member read out.

    Raises Tampered `fingerprint_mismatch` where no waiting device has it, and as
    `waiting_devices`.
    """
    handle = plain(handle)
    found = asking.members(client, handle, is_signed=True)
    maker = asking.own_certificate(client, found)
    member = looking_after.to_approve_device(found, maker, handle)
    asked = next(
        (
            each
            for each in requests_of(found, member.id)
            if fingerprints_match(_fingerprint(client, member, each), fingerprint)
        ),
        None,
    )
    if asked is None:
        raise approve.mismatch()
    texts = {**member.texts, "device": asked.device}
    roles = frozenset(map(Role, member.roles))
    drawn = approve.drawn(client, found, member.id, asked.keys, texts, roles)
    said = {"certificate": str(drawn.certificate.id), "replaces": None}
    action = Action.DEVICE_APPROVED.value
    intent = Intent(action, member.id, said, {}, (drawn.attachment,))
    asking.act(client, drawn.signer, intent)
    name = member.display_name
    return ApprovedDevice(member.id, member.handle, name, asked.device.text, drawn.certificate.id)


def _waiting(client: Client, found: Verified, member: ShownMember) -> Iterator[WaitingDevice]:
    for each in requests_of(found, member.id):
        digits = _fingerprint(client, member, each)
        yield WaitingDevice(member.id, member.handle, member.display_name, each.device.text, digits)


def _fingerprint(client: Client, member: ShownMember, asked: DeviceRequest) -> str:
    return approve.fingerprint_of(client, member.id, asked.keys)
