"""Decide whether certify, pause, revoke, restore, approve and invite may be done to a member.

The server refuses the same by itself; here it is refused in words, and before a key is needed.
"""

from __future__ import annotations

from datetime import date

from assigncli.client import directory
from assigncli.client.issuing import may_not_vouch
from assigncli.client.member_facts import (
    ShownMember,
    lapsed,
    maybe,
    named,
    require_certification,
    require_known,
)
from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.lifecycle import STAFF, MemberStatus, is_staff
from assigncli.domain.permitted import role_missing
from assigncli.errors import InvalidInput, NotAllowed
from assigncli.protocol.certificate import SERVICE, Certificate
from assigncli.trust.tampering import certificate_invalid
from assigncli.trust.verification import Verified
from assigncli.trust.vouching import may_vouch


def require_staff(actor: Certificate) -> None:
    """Refuse a member who is neither coordinator nor administrator; raises NotAllowed."""
    if not is_staff(actor.roles):
        raise role_missing(*STAFF)


def to_certify(found: Verified, actor: Certificate, handle: str) -> ShownMember:
    """Return the mentor whose certification `actor` may renew.

    Raises NotAllowed `role_missing` or `may_not_vouch`, NotFound `member_not_found`, InvalidInput
    `member_not_a_mentor`, Tampered `certificate_invalid`.
    """
    member = _of_staff(found, actor, handle)
    if not member.devices:
        raise certificate_invalid()
    if member.id == actor.member:
        raise NotAllowed("may_not_vouch", "renew")
    if not may_vouch(actor.roles, member.roles):
        raise may_not_vouch()
    _require_mentor(member)
    return member


def to_pause(found: Verified, actor: Certificate, handle: str, today: date) -> ShownMember:
    """Return the mentor whom `actor` may pause or resume; mentors may pause themselves.

    Raises NotFound `member_not_found`, NotAllowed `role_missing`, InvalidInput
    `member_not_a_mentor`, `certification_lapsed` or `member_already_revoked`.
    """
    require_known(found, handle)
    if directory.by_handle(found, handle) != actor.member:
        require_staff(actor)
    member = named(found, handle)
    _require_mentor(member)
    is_over, until = lapsed(found, member.id, today)
    if is_over:
        raise InvalidInput(
            "certification_lapsed",
            name=member.display_name,
            until=until,
            today=today,
            handle=member.handle,
        )
    if member.status is MemberStatus.REVOKED:
        raise _already_revoked(member)
    return member


def to_revoke(found: Verified, actor: Certificate, handle: str) -> ShownMember:
    """Return the member whose membership `actor` may end, or whose row must be corrected.

    The latter is an ended membership whose row contradicts the log. Raises as `to_certify`,
    NotAllowed `may_not_vouch` for a member whom `actor` could not have certified, for the service
    and for oneself, and InvalidInput `member_already_revoked`.
    """
    member = _of_staff(found, actor, handle)
    if member.status is MemberStatus.REVOKED:
        if member.differs:
            return member
        raise _already_revoked(member)
    roles = member.roles if member.devices else frozenset[str]()
    if SERVICE in roles:
        raise NotAllowed("may_not_vouch", "service")
    if member.id == actor.member or not may_vouch(actor.roles, roles):
        raise NotAllowed("may_not_vouch", "revoke")
    return member


def to_restore(found: Verified, handle: str) -> ShownMember | None:
    """Return the certified member whose row denies the membership; None where that is not so.

    Raises NotFound `member_not_found`, Tampered `certificate_invalid`.
    """
    require_known(found, handle)
    if directory.by_handle(found, handle) is None:
        return None
    member = named(found, handle)
    if member.status is not MemberStatus.ACTIVE or not member.differs:
        return None
    if not member.devices:
        raise certificate_invalid()
    return member


def to_approve(
    found: Verified, actor: Certificate, handle: str
) -> tuple[ShownMember, PublicIdentity]:
    """Return a member who waits for approval, and the keys with which they joined.

    Raises NotFound `member_not_found`, InvalidInput `member_not_waiting`, NotAllowed
    `role_missing`, Tampered `public_key_invalid`.
    """
    require_known(found, handle)
    if directory.by_handle(found, handle) is None:
        require_staff(actor)  # only staff are shown a waiting member's keys
    member = named(found, handle)
    if member.status is not MemberStatus.REQUESTED or member.keys is None:
        raise InvalidInput("member_not_waiting", name=member.display_name)
    return member, PublicIdentity(*member.keys)


def to_add_device(found: Verified, actor: Certificate, handle: str) -> ShownMember:
    """Return the member to whom `actor` may add a device: oneself, or whom one may approve.

    Raises NotFound `member_not_found`, NotAllowed `role_missing` or `may_not_vouch`, InvalidInput
    `device_of_no_member` or `member_already_revoked`.
    """
    member = named(found, handle)
    if member.status is MemberStatus.REVOKED:
        raise _already_revoked(member)
    if member.status is not MemberStatus.ACTIVE:
        raise InvalidInput("device_of_no_member", name=member.display_name, handle=handle)
    if member.id != actor.member:
        require_staff(actor)
        if not may_vouch(actor.roles, member.roles):
            raise may_not_vouch()
    return member


def to_end_device(found: Verified, actor: Certificate, handle: str) -> ShownMember:
    """Return the member whose device `actor` may end: oneself, or whom one could have approved.

    Raises NotFound `member_not_found`, NotAllowed `role_missing` or `may_not_vouch`, InvalidInput
    `device_not_found` for a member without any.
    """
    member = named(found, handle)
    if member.id != actor.member:
        require_staff(actor)
        if SERVICE in member.roles or not may_vouch(actor.roles, member.roles):
            raise NotAllowed("may_not_vouch", "revoke")
    if not found.standing.held(member.id, found.head.size + 1):
        raise InvalidInput("device_not_found")
    return member


def is_of_staff(member: ShownMember) -> bool:
    """Say whether a member may certify others."""
    return is_staff(member.roles)


def to_approve_device(found: Verified, actor: Certificate, handle: str) -> ShownMember:
    """Return the member for whom `actor` may approve a device: never one's own.

    Raises as `to_add_device`.
    """
    member = to_add_device(found, actor, handle)
    if member.id == actor.member:
        raise NotAllowed("may_not_vouch", "own_device")
    return member


def to_invite(found: Verified, actor: Certificate, handle: str) -> ShownMember | None:
    """Return a member who was invited under a handle and has not joined; None for an unused handle.

    Raises InvalidInput `handle_taken`, NotAllowed `role_missing`.
    """
    require_staff(actor)
    member = maybe(found, handle)
    if member is not None and member.status is not MemberStatus.INVITED:
        raise handle_taken()
    return member


def handle_taken() -> InvalidInput:
    """Return the error for a handle that another member has."""
    return InvalidInput("handle_taken")


def _of_staff(found: Verified, actor: Certificate, handle: str) -> ShownMember:
    require_staff(actor)
    member = named(found, handle)
    for each in (member.id, actor.member):
        require_certification(found, each)
    return member


def _require_mentor(member: ShownMember) -> None:
    if not member.is_mentor:
        raise InvalidInput("member_not_a_mentor", name=member.display_name)


def _already_revoked(member: ShownMember) -> InvalidInput:
    return InvalidInput("member_already_revoked", name=member.display_name)
