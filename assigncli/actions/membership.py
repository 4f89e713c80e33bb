"""Look after members: list, show, renew a certification, pause, resume, revoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, find
from assigncli.actions.session import Session
from assigncli.actions.standing import status_of
from assigncli.actions.unavailable import Open, open_with, profile_today
from assigncli.client import looking_after, people
from assigncli.client.exchange import Intent
from assigncli.client.member import Member as Subject
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.errors import InvalidInput
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.store import members
from assigncli.store.tables import Member
from assigncli.trust.evidence import Verified


@dataclass(frozen=True)
class Halted:
    """A member who was paused or has left, and what is open with them as a mentor.

    `own` where they did it themselves; they are not told of drafts.
    """

    member: Membership
    open: tuple[Open, ...]
    own: bool


@dataclass(frozen=True)
class Membership:
    """A member as the store knows them; days are local, both included."""

    id: UUID
    handle: str
    display_name: str
    status: MemberStatus
    roles: frozenset[Role]
    profile: ProfileStatus | None
    paused_until: date | None
    certified_until: date | None


@dataclass(frozen=True)
class Leaving:
    """Whose membership is about to end, as a person is told before they are asked.

    `open_assignments` counts those that were sent to the member and have not ended.
    """

    id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    open_assignments: int


def list_members(session: Session, role: Role | None = None) -> list[Membership]:
    """Return the organisation's members by handle."""
    with session.store.read() as tx:
        return [
            _membership(session, tx, row)
            for row in members.everyone(tx, session.organization_id, role=role)
        ]


def show(session: Session, handle: str) -> Membership:
    """Return one member; raises NotFound `member_not_found`."""
    with session.store.read() as tx:
        return _membership(session, tx, find.member(session, tx, handle))


def certify(session: Session, handle: str, until: date | None) -> Membership:
    """Let a mentor's certification hold until `until` (local day, included; None: open-ended).

    Their certificates stay as they are: that somebody may be sent visits is a fact of the log.
    Raises InvalidInput `certified_until_past`, and as `looking_after.to_certify`.
    """
    require_certification_ahead(session, until)
    handle = plain(handle)
    found = asking.members(session, handle)
    member = looking_after.to_certify(found, asking.own_certificate(session, found), handle)
    _act(session, found, Action.MEMBER_CERTIFIED, member.id, {"until": _day(until)})
    return show(session, handle)


def plain(handle: str) -> str:
    """Return a handle as it is kept, of one that was typed."""
    return handle.strip().lower()


def _day(until: date | None) -> str | None:
    return None if until is None else until.isoformat()


def require_certification_ahead(session: Session, until: date | None) -> None:
    """Refuse a certification that has ended already; raises InvalidInput `certified_until_past`."""
    if until is not None and until < local_day(session.now, session.zone):
        raise InvalidInput(
            _("The certification would end in the past."),
            _("Give a day from today on."),
            code="certified_until_past",
        )


def pause(session: Session, handle: str, until: date | None) -> Halted:
    """Pause a mentor, until and with a local day or open-ended; a mentor may pause themselves.

    They keep what was sent to them; the result says what that is. Raises InvalidInput
    `paused_until_past`, and as `looking_after.to_pause`.
    """
    if until is not None and until < local_day(session.now, session.zone):
        raise InvalidInput(
            _("The last day of the pause has already passed."),
            _("Give a day from today on."),
            code="paused_until_past",
        )
    actor, member = _set_profile(session, handle, Action.MEMBER_PAUSED, {"until": _day(until)})
    return _halted(session, actor, member)


def resume(session: Session, handle: str) -> Membership:
    """End a pause; raises as `looking_after.to_pause`."""
    _actor, member = _set_profile(session, handle, Action.MEMBER_RESUMED, {})
    return show(session, member.handle)


def to_revoke(session: Session, handle: str) -> Leaving:
    """Return whose membership `revoke` would end; raises as it does, and needs no key."""
    handle = plain(handle)
    found = asking.members(session, handle)
    actor = people.devices(found, session.member_id)[-1]
    return _leaving(looking_after.to_revoke(found, actor, handle))


def revoke(session: Session, handle: str, told: Leaving | None = None) -> Halted:
    """End a membership: each certificate is revoked, and nothing is sent to the member any more.

    The result says what is open with them. A row that says otherwise of a membership that was
    revoked before is put right. `told` is what a person agreed to; where it is no longer so nothing
    is done (AssignError `changed_meanwhile`). Raises as `looking_after.to_revoke`.
    """
    handle = plain(handle)
    found = asking.members(session, handle)
    actor = asking.own_certificate(session, found)
    member = looking_after.to_revoke(found, actor, handle)
    if told is not None and told != _leaving(member):
        raise find.changed_meanwhile()
    if member.status is MemberStatus.REVOKED:
        _act(session, found, Action.MEMBER_RESTORED, member.id, {})
    else:
        _act(session, found, Action.MEMBER_REVOKED, member.id, {"open": member.open})
    return _halted(session, actor, member)


def restore(session: Session, handle: str) -> Membership | None:
    """Set right the row of an approved member that says otherwise than the log.

    Their certificate is in force all the while, so that nobody is approved anew. Return None where
    there is nothing of the kind. Raises as `looking_after.to_restore`, NotAllowed `role_missing`.
    """
    handle = plain(handle)
    found = asking.members(session, handle)
    member = looking_after.to_restore(found, handle)
    if member is None:
        return None
    looking_after.require_staff(asking.own_certificate(session, found))
    _act(session, found, Action.MEMBER_RESTORED, member.id, {})
    return show(session, handle)


def _act(
    session: Session, found: Verified, action: Action, about: UUID, said: Mapping[str, Any]
) -> None:
    """Have an act without texts or attachments carried out, for who asked what was `found`."""
    signer = asking.this_device(session, found)
    asking.act(session, signer, Intent(action.value, about, said))


def _leaving(member: Subject) -> Leaving:
    return Leaving(
        id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        roles=frozenset(map(Role, member.roles)),
        open_assignments=member.open,
    )


def _set_profile(
    session: Session, handle: str, action: Action, said: Mapping[str, str | None]
) -> tuple[Certificate, Subject]:
    handle, today = plain(handle), local_day(session.now, session.zone)
    found = asking.members(session, handle)
    actor = asking.own_certificate(session, found)
    member = looking_after.to_pause(found, actor, handle, today)
    _act(session, found, action, member.id, said)
    return actor, member


def _halted(session: Session, actor: Certificate, member: Subject) -> Halted:
    staff = bool(actor.roles & {Role.COORDINATOR.value, Role.ORG_ADMIN.value})
    with session.store.read() as tx:
        return Halted(
            member=_membership(session, tx, find.member(session, tx, member.handle)),
            open=open_with(session, tx, member.id, drafts=staff),
            own=not staff,
        )


def _membership(session: Session, tx: Transaction, row: Member) -> Membership:
    profile = members.profile_of(tx, row.id)
    standing = None if profile is None else profile_today(session, profile)
    paused = profile is not None and standing is ProfileStatus.PAUSED
    return Membership(
        id=row.id,
        handle=row.handle,
        display_name=row.display_name,
        status=status_of(tx, row),
        roles=members.roles_of(tx, row.id),
        profile=standing,
        paused_until=profile.paused_until if profile is not None and paused else None,
        certified_until=None if profile is None else profile.certified_until,
    )
