"""Pause, resume, certify, revoke and restore members. Who may become a member is not decided here.

Roles are taken from verified certificates in force, never from the rows alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import STAFF, MemberStatus, ProfileStatus, Role
from assigncli.protocol.certificate import SERVICE_ROLES, Certificate
from assigncli.server import certification
from assigncli.server.carrying import Carrying
from assigncli.server.mentor_away import open_with, profile_today
from assigncli.server.projection import certificates, profiles
from assigncli.server.projection import members as projected
from assigncli.server.projection.happening import Happening
from assigncli.server.record import Act, record
from assigncli.server.refused import Refused
from assigncli.server.standing import differs, status_of
from assigncli.server.store import members
from assigncli.server.store.tables import Member, PeerMentorProfile
from assigncli.trust.doubtful import Issued, suspects
from assigncli.trust.vouching import MAX_STEPS, may_vouch


def pause(doing: Carrying) -> None:
    """Give a mentor no new assignments, through a local day or without end."""
    _set_profile(doing, _day(doing), Action.MEMBER_PAUSED)


def resume(doing: Carrying) -> None:
    """End a pause."""
    _set_profile(doing, None, Action.MEMBER_RESUMED)


def certify(doing: Carrying) -> None:
    """Set the last local day of a mentor's certification, or that it has no end."""
    doing.require_role(*STAFF)
    member = subject(doing)
    until = _day(doing)
    require_not_revoked(doing, member)
    profile = _mentor_profile(doing, member)
    require_certification_ahead(doing, until)
    theirs = certification.certificate_of(doing.turn, doing.tx, member)
    require_may_vouch(doing, member, frozenset() if theirs is None else theirs.roles)
    happened = doing.happening(Action.MEMBER_CERTIFIED)
    profile.sqlmodel_update(profiles.change(happened, before=profile.status))
    member.sqlmodel_update(projected.change(happened, member.id))
    doing.tx.flush()
    record(doing.turn, doing.tx, doing.actor, Action.MEMBER_CERTIFIED, member.id)


def revoke(doing: Carrying) -> None:
    """End a membership, or a request for one, and with it every certificate of the member.

    The argument `open` is the number of open assignments that the signer was shown.
    """
    doing.require_role(*STAFF)
    member = subject(doing)
    if doing.arguments["open"] != len(open_with(doing.turn, doing.tx, member.id, drafts=False)):
        raise Refused("changed_meanwhile")
    require_not_revoked(doing, member)
    theirs = certification.certificates_of(doing.turn, doing.tx, member)
    roles = theirs[-1].roles if theirs else frozenset[str]()
    require_no_service(roles)
    require_may_vouch(doing, member, roles)
    ended = [each.id for each in theirs]
    facts = {"certificates": sorted(map(str, ended))}
    happened = doing.happening(Action.MEMBER_REVOKED, facts)
    mark_certificates(doing, happened, ended)
    member.sqlmodel_update(projected.change(happened, member.id))
    doing.tx.flush()
    doing.record([(Action.MEMBER_REVOKED, member.id, facts)])


def revoke_device(doing: Carrying) -> None:
    """End one certificate: the signer's own, or that of a member they could have certified.

    The last one of an administrator is ended by the root key alone.

    The argument `suspects_from` also suspends what it certified from that entry on.
    """
    is_own = doing.is_about_signer()
    if not is_own:
        doing.require_role(*STAFF)
    member = subject(doing)
    held = certification.certificates_of(doing.turn, doing.tx, member)
    device = UUID(doing.arguments["certificate"])
    ending = next((each for each in held if each.id == device), None)
    if ending is None:
        raise Refused("device_not_found")
    if not is_own:
        require_no_service(ending.roles)
        require_may_vouch(doing, member, ending.roles)
    suspended = _suspended(doing, device)
    if not doing.is_of_root:
        _require_administrator_left(doing, {device, *suspended})
    said = {"certificate": str(device), "cause": doing.arguments["cause"]}
    happened = doing.happening(Action.DEVICE_REVOKED, said)
    mark_certificates(doing, happened, [device])
    others = certificates.held_after(held, happened, None)
    newest = others[-1] if others else None
    member.sqlmodel_update(projected.change(happened, member.id, newest))
    doing.tx.flush()
    acts: list[Act] = [(Action.DEVICE_REVOKED, member.id, said)]
    for each, because in suspended.values():
        facts = {"certificate": str(each.id), "because": str(because)}
        told = replace(doing.happening(Action.DEVICE_SUSPENDED, facts), subject=each.member)
        mark_certificates(doing, told, [each.id])
        acts.append((Action.DEVICE_SUSPENDED, each.member, facts))
    doing.record(acts)


def _suspended(doing: Carrying, device: UUID) -> dict[UUID, tuple[Certificate, UUID]]:
    """Return the certificates to suspend with a lost device, each with the issuer in doubt.

    Raises Refused `may_not_vouch` where the signer's own would be among them: another must act.
    """
    since = doing.arguments["suspects_from"]
    if since is None:
        return {}
    turn, tx = doing.turn, doing.tx
    rows = {row.id: row for row in members.certificates_of(tx, turn.organization_id)}
    issuers = {each: Certificate.decode(row.body).issuer for each, row in rows.items()}
    known = {
        each: certification.verified(turn, tx, rows[each])
        for each in rows
        if _leads_to(device, each, issuers)
    }
    placed = [
        Issued(each.id, each.issuer, certification.given_at(turn, tx, each))
        for each in known.values()
    ]
    placed.sort(key=lambda each: each.sequence)
    found = {each.certificate: each.because for each in suspects(device, since, placed)}
    if doing.certificate is not None and doing.certificate.id in found:
        raise Refused("may_not_vouch")
    return {
        each: (known[each], because)
        for each, because in found.items()
        if rows[each].revoked_at is None
        and rows[each].suspended_at is None
        and known[each].roles != SERVICE_ROLES  # it signs this very entry, and is replaced instead
    }


def _leads_to(device: UUID, certificate: UUID, issuers: Mapping[UUID, UUID | None]) -> bool:
    """Say whether a device is among the issuers of a certificate, however far up."""
    above = issuers.get(certificate)
    for _step in range(MAX_STEPS):
        if above is None or above == device:
            break
        above = issuers.get(above)
    return above == device


def _require_administrator_left(doing: Carrying, ending: Collection[UUID]) -> None:
    """Refuse ending or suspending the last device of an administrator: `last_administrator`."""
    now = _administrators(doing)
    if now & set(ending) and now <= set(ending):
        raise Refused("last_administrator")


def mark_certificates(doing: Carrying, happened: Happening, held: Collection[UUID]) -> None:
    """Mark those of the certificates `held` that an entry ends, suspends or confirms."""
    for certificate, columns in certificates.changed(happened, held).items():
        row = members.certificate(doing.tx, certificate)
        if row is None:
            raise AssertionError("A certificate in force is kept.")
        row.sqlmodel_update(columns)
    doing.tx.flush()


def _administrators(doing: Carrying) -> set[UUID]:
    """Return the ids of all administrators' certificates in force."""
    rows = members.everyone(doing.tx, doing.turn.organization_id, role=Role.ORG_ADMIN)
    found = (certification.in_force_of(doing.turn, doing.tx, row) for row in rows)
    return {each.id for theirs in found for each in theirs}


def restore(doing: Carrying) -> None:
    """Set the status in a member's row to the log's; the two must differ.

    The member's certificates must verify: if they do not, more was changed than the status.
    """
    doing.require_role(*STAFF)
    member = subject(doing)
    if not differs(doing.tx, member):
        raise Refused("changed_meanwhile")
    certification.certificates_of(doing.turn, doing.tx, member)
    member.status = status_of(doing.tx, member)
    happened = doing.happening(Action.MEMBER_RESTORED)
    member.sqlmodel_update(projected.change(happened, member.id))
    doing.tx.flush()
    record(doing.turn, doing.tx, doing.actor, Action.MEMBER_RESTORED, member.id)


def subject(doing: Carrying) -> Member:
    """Return the member that the statement is about; raises Refused `member_not_found`."""
    member = members.by_id(doing.tx, doing.turn.organization_id, doing.about)
    if member is None:
        raise Refused("member_not_found")
    return member


def require_may_vouch(doing: Carrying, member: Member, roles: frozenset[str]) -> None:
    """Refuse acting on oneself, or on roles the signer could not have given: `may_not_vouch`.

    The root key may vouch for everybody.
    """
    if doing.is_of_root:
        return
    if member.id == doing.actor.member or not may_vouch(doing.actor.roles, roles):
        raise Refused("may_not_vouch")


def require_certification_ahead(doing: Carrying, until: date | None) -> None:
    """Refuse a certification whose last day is over: `certified_until_past`."""
    if until is not None and until < _today(doing):
        raise Refused("certified_until_past")


def require_not_revoked(doing: Carrying, member: Member) -> None:
    """Refuse a membership that has ended: `member_already_revoked`."""
    if status_of(doing.tx, member) is MemberStatus.REVOKED:
        raise Refused("member_already_revoked")


def require_no_service(roles: frozenset[str]) -> None:
    """Refuse the service, which signs every entry and ends only when replaced: `may_not_vouch`."""
    if roles == SERVICE_ROLES:
        raise Refused("may_not_vouch")


def _set_profile(doing: Carrying, until: date | None, action: Action) -> None:
    if doing.about != doing.actor.member:
        doing.require_role(*STAFF)
    member = subject(doing)
    require_not_revoked(doing, member)
    profile = _mentor_profile(doing, member)
    if until is not None and until < _today(doing):
        raise Refused("paused_until_past")
    if profile_today(doing.turn, profile) is ProfileStatus.EXPIRED:  # marked by a sweep or not
        raise Refused("certification_lapsed")
    profile.sqlmodel_update(profiles.change(doing.happening(action)))
    doing.tx.flush()
    record(doing.turn, doing.tx, doing.actor, action, member.id)


def _mentor_profile(doing: Carrying, member: Member) -> PeerMentorProfile:
    profile = members.profile_of(doing.tx, member.id)
    if profile is None:
        raise Refused("member_not_a_mentor")
    return profile


def _day(doing: Carrying) -> date | None:
    until = doing.arguments["until"]
    return None if until is None else date.fromisoformat(until)


def _today(doing: Carrying) -> date:
    return local_day(doing.turn.now, doing.turn.zone)
