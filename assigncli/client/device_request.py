"""Further devices of a member: invite one, see which have asked, and approve one.

A new device is approved by somebody else, after its fingerprint was compared. It gets the roles and
names that the member has. What was sent before is sealed to it separately, by `reseal`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from assigncli.client import approve, asking, directory, invite, looking_after, take_over
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.client.invite import Invited, Invitee
from assigncli.client.member import plain
from assigncli.client.member_facts import (
    DeviceRequest,
    ShownMember,
    requests_of,
    suspended_of,
)
from assigncli.crypto.identity import PublicIdentity, RootKey, fingerprints_match
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.protocol.lines import InvitationLine
from assigncli.trust.people import Person
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class WaitingDevice:
    """A device that has asked to be approved or is suspended, and the digits to compare."""

    member_id: UUID
    handle: str
    display_name: str
    device: str
    fingerprint: str
    is_suspended: bool


@dataclass(frozen=True)
class ApprovedDevice:
    """A further device of a member, certified; or one that was suspended, confirmed."""

    member_id: UUID
    handle: str
    display_name: str
    device: str
    certificate_id: UUID
    was_suspended: bool


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
    """Return the devices of a member that wait for a comparison; none for who is not a member yet.

    That is those that have asked to be approved, and those that are suspended. Needs no key. The
    fingerprints are worked out here, from the pinned root. Raises NotAllowed `may_not_vouch` or
    `role_missing` where there are some and the asker may approve none.
    """
    handle = plain(handle)
    found = asking.members(client, handle)
    member = directory.by_handle(found, handle)
    if member is None or not (requests_of(found, member) or suspended_of(found, member)):
        return ()
    actor = directory.devices(found, client.member_id)[-1]
    subject = looking_after.to_approve_device(found, actor, handle)
    return tuple(_waiting(client, found, subject))


def is_sole_administrator(client: Client) -> bool:
    """Say whether nobody but the acting member is an administrator with a device in force."""
    arguments = {"handles": [], "role": Role.ORG_ADMIN.value}
    found = asking.read(client, Wanted("read.members", None, arguments))
    shown = {each.certificate.member for each in found.people}
    return {each for each in shown if Role.ORG_ADMIN.value in directory.roles(found, each)} == {
        client.member_id
    }


def own_waiting(client: Client, handle: str) -> tuple[WaitingDevice, ...]:
    """Return the acting member's own devices that have asked to be approved."""
    found = asking.members(client, handle)
    member = looking_after.to_add_device(
        found, directory.devices(found, client.member_id)[-1], handle
    )
    return tuple(each for each in _waiting(client, found, member) if not each.is_suspended)


def approve_by_root(client: Client, root: RootKey, handle: str, fingerprint: str) -> ApprovedDevice:
    """Certify the acting member's own waiting device with the root key.

    Raises Tampered `fingerprint_mismatch` where no such device has these digits.
    """
    found = asking.members(client, handle)
    member = looking_after.to_add_device(
        found, directory.devices(found, client.member_id)[-1], handle
    )
    for each in requests_of(found, member.id):
        if _matches(client, member, each.keys, fingerprint):
            whom = take_over.admitting(
                found, member, handle, None, frozenset(map(Role, member.roles))
            )
            certificate = take_over.approve(client, root, whom, each.keys, each.device)
            return _approved(member, each.device.text, certificate, was_suspended=False)
    raise approve.mismatch()


def approve_device(client: Client, handle: str, fingerprint: str) -> ApprovedDevice:
    """Certify the waiting device with this fingerprint, or confirm the suspended one.

    The member read it out. Raises Tampered `fingerprint_mismatch` where no such device has it, and
    as `waiting_devices`.
    """
    handle = plain(handle)
    found = asking.members(client, handle, is_signed=True)
    maker = asking.own_certificate(client, found)
    member = looking_after.to_approve_device(found, maker, handle)
    for doubted in suspended_of(found, member.id):
        if _matches(client, member, doubted.certificate.keys, fingerprint):
            return _confirm(client, found, member, doubted)
    for each in requests_of(found, member.id):
        if _matches(client, member, each.keys, fingerprint):
            return _certify(client, found, member, each)
    raise approve.mismatch()


def _matches(client: Client, member: ShownMember, keys: PublicIdentity, fingerprint: str) -> bool:
    return fingerprints_match(approve.fingerprint_of(client, member.id, keys), fingerprint)


def _certify(
    client: Client, found: Verified, member: ShownMember, asked: DeviceRequest
) -> ApprovedDevice:
    texts = {**member.texts, "device": asked.device}
    roles = frozenset(map(Role, member.roles))
    drawn = approve.drawn(client, found, member.id, asked.keys, texts, roles)
    said = {"certificate": str(drawn.certificate.id), "replaces": None}
    action = Action.DEVICE_APPROVED.value
    intent = Intent(action, member.id, said, {}, (drawn.attachment,))
    asking.act(client, drawn.signer, intent)
    return _approved(member, asked.device.text, drawn.certificate.id, was_suspended=False)


def _confirm(
    client: Client, found: Verified, member: ShownMember, doubted: Person
) -> ApprovedDevice:
    certificate = doubted.certificate.id
    said = {"certificate": str(certificate)}
    intent = Intent(Action.DEVICE_CONFIRMED.value, member.id, said)
    asking.act(client, asking.this_device(client, found), intent)
    return _approved(member, doubted.texts["device"].text, certificate, was_suspended=True)


def _approved(
    member: ShownMember, device: str, certificate: UUID, *, was_suspended: bool
) -> ApprovedDevice:
    name = member.display_name
    return ApprovedDevice(member.id, member.handle, name, device, certificate, was_suspended)


def _waiting(client: Client, found: Verified, member: ShownMember) -> Iterator[WaitingDevice]:
    devices = [(each.device.text, each.keys, False) for each in requests_of(found, member.id)]
    devices += [
        (each.texts["device"].text, each.certificate.keys, True)
        for each in suspended_of(found, member.id)
    ]
    for device, keys, is_suspended in devices:
        digits = approve.fingerprint_of(client, member.id, keys)
        name = member.display_name
        yield WaitingDevice(member.id, member.handle, name, device, digits, is_suspended)
