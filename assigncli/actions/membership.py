"""Look after members: list, show, renew a certification, pause, resume, revoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, find, service, trust, vouch
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.actions.standing import differs, is_active, status_of
from assigncli.actions.unavailable import Open, open_with, profile_today
from assigncli.client.exchange import Intent
from assigncli.domain.audit import Action
from assigncli.domain.availability import lapsed_in_words
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.errors import InvalidInput, NotAllowed
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.store import members
from assigncli.store.tables import Member, PeerMentorProfile
from assigncli.trust.tampering import certificate_invalid
from assigncli.trust.vouching import may_vouch


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
    Raises InvalidInput `certified_until_past` or `member_not_a_mentor`, NotAllowed `may_not_vouch`.
    """
    require_certification_ahead(session, until)
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = find.member(session, tx, handle)
        current = _current_certificate(session, tx, member)
        if member.id == session.member_id:
            raise _not_oneself()
        if not may_vouch(actor.roles, current.roles):
            raise vouch.may_not_vouch()
        _mentor_profile(tx, member)
        signer = asking.device(session, tx, actor)
    intent = Intent(Action.MEMBER_CERTIFIED.value, member.id, {"until": _day(until)})
    asking.act(session, signer, intent)
    return show(session, member.handle)


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

    They keep what was sent to them; the result says what that is.
    Raises InvalidInput `paused_until_past`, `member_not_a_mentor` or `certification_lapsed`.
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
    """End a pause."""
    _actor, member = _set_profile(session, handle, Action.MEMBER_RESUMED, {})
    return show(session, member.handle)


def to_revoke(session: Session, handle: str) -> Leaving:
    """Return whose membership `revoke` would end; raises as it does, and needs no key."""
    with session.store.read() as tx:
        actor = trust.own_certificate(session, tx)
        return _leaving(session, tx, _revocable(session, tx, actor, handle))


def revoke(session: Session, handle: str, told: Leaving | None = None) -> Halted:
    """End a membership: each certificate is revoked, and nothing is sent to the member any more.

    The result says what is open with them. A row that says otherwise of a membership that was
    revoked before is put right. `told` is what a person agreed to; where it is no longer so nothing
    is done (AssignError `changed_meanwhile`).

    Raises NotAllowed `may_not_vouch` for who could not have certified them, or for oneself.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        member = _revocable(session, tx, actor, handle)
        leaving = _leaving(session, tx, member)
        if told is not None and told != leaving:
            raise find.changed_meanwhile()
        is_revoked = status_of(tx, member) is MemberStatus.REVOKED
        signer = asking.device(session, tx, actor)
    if is_revoked:
        with session.write() as tx:
            _restore_row(session, tx, actor, find.member(session, tx, handle))
    else:
        said = {"open": leaving.open_assignments}
        asking.act(session, signer, Intent(Action.MEMBER_REVOKED.value, member.id, said))
    return _halted(session, actor, member)


def restore(session: Session, handle: str) -> Membership | None:
    """Set right the row of an approved member that says otherwise than the log.

    Their certificate is in force all the while, so that nobody is approved anew. Return None where
    there is nothing of the kind. Raises Tampered `certificate_invalid`, NotAllowed `role_missing`.
    """
    with session.store.read() as tx:
        member = find.member(session, tx, handle)
        if not is_active(tx, member) or not differs(tx, member):
            return None
    with session.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = find.member(session, tx, handle)
        _current_certificate(session, tx, member)
        _restore_row(session, tx, actor, member)
        return _membership(session, tx, member)


def _revocable(session: Session, tx: Transaction, actor: Certificate, handle: str) -> Member:
    """Return the member, once the actor may end the membership, or put right what a row says."""
    trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
    member = find.member(session, tx, handle)
    if status_of(tx, member) is MemberStatus.REVOKED:
        if differs(tx, member):
            return member
        raise _already_revoked(member)
    certificate = trust.certificate_of(session, tx, member)
    roles = frozenset[str]() if certificate is None else certificate.roles
    _require_no_service(roles)
    if member.id == session.member_id or not may_vouch(actor.roles, roles):
        raise NotAllowed(
            _("You may not revoke this member."),
            _("Ask another administrator."),
            code="may_not_vouch",
        )
    return member


def _already_revoked(member: Member) -> InvalidInput:
    return InvalidInput(
        _("The membership of {name} is already ended.").format(name=member.display_name),
        _("Run assign member list to see who is a member."),
        code="member_already_revoked",
    )


def _not_oneself() -> NotAllowed:
    return NotAllowed(
        _("Nobody renews their own certification."),
        _("Ask another coordinator or an administrator."),
        code="may_not_vouch",
    )


def _require_no_service(roles: frozenset[str]) -> None:
    """Refuse the service, which signs every entry: it ends only where another one replaces it."""
    if roles == service.ROLES:
        raise NotAllowed(
            _("The service cannot be revoked: nothing could be written without it."),
            _("Keep the folder beside the store that holds its key to yourself."),
            code="may_not_vouch",
        )


def _leaving(session: Session, tx: Transaction, member: Member) -> Leaving:
    return Leaving(
        id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        roles=members.roles_of(tx, member.id),
        open_assignments=len(open_with(session, tx, member.id, drafts=False)),
    )


def _restore_row(session: Session, tx: Transaction, actor: Certificate, member: Member) -> None:
    member.status, member.updated_at = status_of(tx, member), session.now
    tx.flush()
    record(session, tx, actor, Action.MEMBER_RESTORED, member.id)


def _set_profile(
    session: Session, handle: str, action: Action, said: Mapping[str, str | None]
) -> tuple[Certificate, Member]:
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        member = find.member(session, tx, handle)
        if member.id != session.member_id:
            trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        profile = _mentor_profile(tx, member)
        if profile_today(session, profile) is ProfileStatus.EXPIRED:  # sweep or no sweep
            raise InvalidInput(
                lapsed_in_words(
                    member.display_name,
                    profile.certified_until,
                    local_day(session.now, session.zone),
                ),
                _("Renew it with assign member certify {handle}.").format(handle=member.handle),
                code="certification_lapsed",
            )
        if status_of(tx, member) is MemberStatus.REVOKED:
            raise _already_revoked(member)
        signer = asking.device(session, tx, actor)
    asking.act(session, signer, Intent(action.value, member.id, said))
    return actor, member


def _halted(session: Session, actor: Certificate, member: Member) -> Halted:
    staff = bool(actor.roles & {Role.COORDINATOR.value, Role.ORG_ADMIN.value})
    with session.store.read() as tx:
        return Halted(
            member=_membership(session, tx, find.member(session, tx, member.handle)),
            open=open_with(session, tx, member.id, drafts=staff),
            own=not staff,
        )


def _mentor_profile(tx: Transaction, member: Member) -> PeerMentorProfile:
    profile = members.profile_of(tx, member.id)
    if profile is None:
        raise InvalidInput(
            _("{name} is not a peer mentor.").format(name=member.display_name),
            _("Run assign member list --role peer_mentor to see who is."),
            code="member_not_a_mentor",
        )
    return profile


def _current_certificate(session: Session, tx: Transaction, member: Member) -> Certificate:
    current = trust.certificate_of(session, tx, member)
    if current is None:
        raise certificate_invalid()
    return current


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
