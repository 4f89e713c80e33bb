"""Members as evidence proves them: their certificates in force, and the names in these."""

from __future__ import annotations

from uuid import UUID

from assigncli.domain.actions import ISSUING
from assigncli.domain.lifecycle import Role
from assigncli.domain.member_names import member_not_found
from assigncli.domain.permitted import only_coordinator, role_missing
from assigncli.errors import NotFound
from assigncli.protocol.certificate import Certificate
from assigncli.trust.tampering import certificate_invalid, require
from assigncli.trust.verification import Verified


def devices(found: Verified, member: UUID) -> tuple[Certificate, ...]:
    """Return the member's certificates in force now.

    Raises Tampered (`certificate_invalid`) where the log approves one that was not sent.
    """
    for entry in found.entries:
        if entry.act in ISSUING and entry.subject == member:
            require(UUID(entry.facts["certificate"]) in found.people, certificate_invalid)
    counting = found.standing.in_force(member, found.head.size + 1)
    return tuple(each.certificate for each in found.people if each.certificate.id in counting)


def roles(found: Verified, member: UUID) -> frozenset[str]:
    """Return the roles that the member's certificates in force give them."""
    return frozenset(role for each in devices(found, member) for role in each.roles)


def require_role(found: Verified, member: UUID, *wanted: Role) -> None:
    """Refuse a member who holds none of these roles; raises NotAllowed `role_missing`."""
    if not roles(found, member) & {role.value for role in wanted}:
        raise role_missing(*wanted)


def require_coordinator(found: Verified, member: UUID) -> None:
    """Refuse who is not a coordinator, for drafts too: rule `only_coordinator_can_dispatch`."""
    if Role.COORDINATOR.value not in roles(found, member):
        raise only_coordinator()


def name(found: Verified, member: UUID, field: str) -> str:
    """Return a member's `handle` or `display_name`; Tampered `certificate_invalid` if unknown."""
    said = [each.texts[field].text for each in found.people if each.certificate.member == member]
    require(bool(said), certificate_invalid)
    return said[-1]


def by_handle(found: Verified, handle: str) -> UUID | None:
    """Return the member with this handle, of those shown; None where there is none."""
    theirs = (
        each.certificate.member for each in found.people if each.texts["handle"].text == handle
    )
    return next(theirs, None)


def nobody(found: Verified, handle: str) -> NotFound:
    """Return the error for an unknown handle, with a similar one if the server gives it."""
    rows = found.word.rows.get("unknown", [])
    near = (row.get("near") for row in rows if row.get("handle") == handle)
    return member_not_found(next(near, None))
