"""End the key of a device that was lost, and doubt what it certified.

Which briefs it could open, and what it certified, is the server's word. What is signed is the end
of one certificate, and from which entry on those that it issued are suspended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assigncli.client import asking, directory, looking_after
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.member import plain
from assigncli.client.member_facts import ShownMember
from assigncli.domain.actions import Action
from assigncli.domain.losses import IN_OTHER_HANDS, LossCause
from assigncli.errors import InvalidInput
from assigncli.lookups.about_members import ISSUED, IssuedKey, OfCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.refusal import Refusal


@dataclass(frozen=True)
class HeldDevice:
    """A device whose key counts or is suspended; `is_this` for the one that asks."""

    certificate_id: UUID
    member_id: UUID
    handle: str
    display_name: str
    device: str
    is_staff: bool
    is_this: bool


@dataclass(frozen=True)
class EndedDevice:
    """A device whose key was ended; `at` is aware UTC, `suspended` the certificates suspended."""

    device: HeldDevice
    at: datetime
    suspended: tuple[UUID, ...]


def held_devices(client: Client, handle: str) -> tuple[HeldDevice, ...]:
    """Return the devices of a member that one may end: one's own, or whom one could have approved.

    Needs no key, but to know this device of one's own before it has signed anything. Raises as
    `looking_after.to_end_device`.
    """
    handle = plain(handle)
    found = asking.members(client, handle)
    actor = directory.devices(found, client.member_id)[-1]
    member = looking_after.to_end_device(found, actor, handle)
    held = found.standing.held(member.id, found.head.size + 1)
    people = [each for each in found.people if each.certificate.id in held]
    return tuple(
        _held(
            member,
            each.certificate.id,
            each.texts["device"].text,
            is_this=member.id == client.member_id and _is_this(client, each.certificate),
        )
        for each in people
    )


def certified_by(
    client: Client, device: HeldDevice, since: datetime | None = None
) -> tuple[IssuedKey, ...]:
    """Return what a device certified from a moment on (aware UTC), and what that certified.

    In the order of the log, also what has ended or is suspended since. It is the server's word.
    """
    found: dict[UUID, IssuedKey] = {}
    ahead = [device.certificate_id]
    while ahead:
        for each in client.look(ISSUED, OfCertificate(ahead.pop())).keys:
            is_meant = since is None or each.at >= since
            if is_meant and each.certificate_id not in found:
                found[each.certificate_id] = each
                ahead.append(each.certificate_id)
    return tuple(sorted(found.values(), key=lambda each: each.sequence))


def suspected_from(
    client: Client, device: HeldDevice, cause: LossCause, doubtful: Sequence[IssuedKey]
) -> int | None:
    """Return the entry from which on to doubt what a device certified; None where there is none.

    Whoever has it may certify until its key has ended, so that without anything to doubt it is the
    entry after the newest one that this device has seen.
    """
    if cause not in IN_OTHER_HANDS or not device.is_staff:
        return None
    return doubtful[0].sequence if doubtful else client.witness.kept.size + 1


def end_device(
    client: Client, device: HeldDevice, cause: LossCause, suspects_from: int | None
) -> EndedDevice:
    """End a device's key; what it certified from the entry `suspects_from` on is suspended.

    Raises InvalidInput `device_in_use` for the device that signs, NotAllowed `last_administrator`.
    """
    found = asking.members(client, device.handle)
    signer = asking.this_device(client, found)
    if signer.certificate == device.certificate_id:
        raise InvalidInput("device_in_use")
    said = {
        "certificate": str(device.certificate_id),
        "cause": cause.value,
        "suspects_from": suspects_from,
    }
    intent = Intent(Action.DEVICE_REVOKED.value, device.member_id, said)
    done = asking.act(client, signer, intent, _refused)
    suspended = (
        UUID(entry.facts["certificate"])
        for entry in done.own
        if entry.act == Action.DEVICE_SUSPENDED
    )
    return EndedDevice(device, done.at, tuple(suspended))


def _held(member: ShownMember, certificate: UUID, device: str, *, is_this: bool) -> HeldDevice:
    return HeldDevice(
        certificate_id=certificate,
        member_id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        device=device,
        is_staff=looking_after.is_of_staff(member),
        is_this=is_this,
    )


def _is_this(client: Client, certificate: Certificate) -> bool:
    known = client.witness.certificate
    return certificate.id == known if known else certificate.keys == client.identity.public


def _refused(refusal: Refusal) -> InvalidInput | None:
    """Return what it means that the device does not count any more: it was ended meanwhile."""
    return InvalidInput("device_not_found") if refusal.code == "device_not_found" else None
