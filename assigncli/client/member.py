"""Renew a member's certification, pause, resume, revoke, and restore a changed row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from assigncli.client import asking, directory, looking_after
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.member_facts import ShownMember as Subject
from assigncli.client.refusals import of_a_member
from assigncli.domain.actions import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import MemberStatus, Role, is_staff
from assigncli.domain.moves import changed_meanwhile
from assigncli.errors import InvalidInput
from assigncli.protocol.certificate import Certificate
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class Halt:
    """A member who was paused, or whose membership ended; `by_staff` unless by themselves."""

    member_id: UUID
    handle: str
    by_staff: bool


@dataclass(frozen=True)
class Leaving:
    """The membership that is about to end, shown to a person before they confirm.

    `open_assignments` counts those that were sent to the member and have not ended.
    """

    id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    open_assignments: int


def certify(client: Client, handle: str, until: date | None) -> None:
    """Renew a mentor's certification up to and including the local day `until`; None: open-ended.

    Their certificates do not change: whether a mentor may be sent assignments is a fact of the log.
    Raises InvalidInput `certified_until_past`, and as `looking_after.to_certify`.
    """
    require_certification_ahead(client, until)
    handle = plain(handle)
    found = asking.members(client, handle)
    member = looking_after.to_certify(found, asking.own_certificate(client, found), handle)
    _act(client, found, Action.MEMBER_CERTIFIED, member.id, {"until": _day(until)})


def plain(handle: str) -> str:
    """Return a typed handle in the form in which handles are kept."""
    return handle.strip().lower()


def _day(until: date | None) -> str | None:
    return None if until is None else until.isoformat()


def require_certification_ahead(client: Client, until: date | None) -> None:
    """Refuse a certification that has ended already; raises InvalidInput `certified_until_past`."""
    if until is not None and until < local_day(client.now, client.zone):
        raise InvalidInput("certified_until_past")


def pause(client: Client, handle: str, until: date | None) -> Halt:
    """Pause a mentor up to and including a local day, or open-ended; mentors may pause themselves.

    They keep what was sent to them. Raises InvalidInput `paused_until_past`, and as
    `looking_after.to_pause`.
    """
    if until is not None and until < local_day(client.now, client.zone):
        raise InvalidInput("paused_until_past")
    actor, member = _set_profile(client, handle, Action.MEMBER_PAUSED, {"until": _day(until)})
    return _halt(actor, member)


def resume(client: Client, handle: str) -> None:
    """End a pause; raises as `looking_after.to_pause`."""
    _set_profile(client, handle, Action.MEMBER_RESUMED, {})


def to_revoke(client: Client, handle: str) -> Leaving:
    """Return the membership that `revoke` would end; raises as it does, and needs no key."""
    handle = plain(handle)
    found = asking.members(client, handle)
    actor = directory.devices(found, client.member_id)[-1]
    return _leaving(looking_after.to_revoke(found, actor, handle))


def revoke(client: Client, handle: str, told: Leaving | None = None) -> Halt:
    """End a membership: revoke each certificate, so that nothing is sent to the member any more.

    For a membership that has ended already but whose row contradicts the log, the row is corrected
    instead. `told` is what a person agreed to; if that has changed, nothing is done (AssignError
    `changed_meanwhile`). Raises as `looking_after.to_revoke`.
    """
    handle = plain(handle)
    found = asking.members(client, handle)
    actor = asking.own_certificate(client, found)
    member = looking_after.to_revoke(found, actor, handle)
    if told is not None and told != _leaving(member):
        raise changed_meanwhile()
    if member.status is MemberStatus.REVOKED:
        _act(client, found, Action.MEMBER_RESTORED, member.id, {})
    else:
        _act(client, found, Action.MEMBER_REVOKED, member.id, {"open": member.open})
    return _halt(actor, member)


def restore(client: Client, handle: str) -> bool:
    """Correct the row of an approved member that contradicts the log.

    Their certificate remains in force, so no new approval is needed. Return False where there is
    nothing to correct. Raises as `looking_after.to_restore`, NotAllowed `role_missing`.
    """
    handle = plain(handle)
    found = asking.members(client, handle)
    member = looking_after.to_restore(found, handle)
    if member is None:
        return False
    looking_after.require_staff(asking.own_certificate(client, found))
    _act(client, found, Action.MEMBER_RESTORED, member.id, {})
    return True


def _act(
    client: Client, found: Verified, action: Action, about: UUID, said: Mapping[str, Any]
) -> None:
    """Have an act without texts or attachments carried out, with the device that `found` proves."""
    signer = asking.this_device(client, found)
    asking.act(
        client, signer, Intent(action.value, about, said), partial(of_a_member, found, about)
    )


def _leaving(member: Subject) -> Leaving:
    return Leaving(
        id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        roles=frozenset(map(Role, member.roles)),
        open_assignments=member.open,
    )


def _set_profile(
    client: Client, handle: str, action: Action, said: Mapping[str, str | None]
) -> tuple[Certificate, Subject]:
    handle, today = plain(handle), local_day(client.now, client.zone)
    found = asking.members(client, handle)
    actor = asking.own_certificate(client, found)
    member = looking_after.to_pause(found, actor, handle, today)
    _act(client, found, action, member.id, said)
    return actor, member


def _halt(actor: Certificate, member: Subject) -> Halt:
    return Halt(member.id, member.handle, is_staff(actor.roles))
