"""Who is invited, and the request of whoever joined, as the store has it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from assigncli.crypto.identity import PublicIdentity, spoken_fingerprint
from assigncli.domain.member_names import token_invalid
from assigncli.errors import NotFound
from assigncli.protocol.lines import InvitationLine
from assigncli.server.store import members, organizations
from assigncli.server.store.engine import Store
from assigncli.server.store.tables import Member


@dataclass(frozen=True)
class Expected:
    """The member an invitation is for, from the store; `zone` is the IANA time zone."""

    organization: str
    zone: str
    handle: str
    display_name: str


@dataclass(frozen=True)
class Joined:
    """A request to join; the fingerprint is meant to be read out."""

    organization: str
    handle: str
    fingerprint: str


def expected(store: Store, line: InvitationLine) -> Expected:
    """Return the member that this invitation line is for, as the store has them.

    Raises NotFound `organization_not_found`, NotAllowed `token_invalid` if it names no member.
    """
    with store.read() as tx:
        found = organizations.name_and_zone(tx, line.organization)
        if found is None:
            raise _no_organization()
        member = members.by_id(tx, line.organization, line.member)
        if member is None:
            raise token_invalid()
        return Expected(*found, member.handle, member.display_name)


def joined(store: Store, organization_id: UUID, member_id: UUID, root_key: bytes) -> Joined:
    """Return the request as the store has it; the fingerprint covers the pinned root key.

    Raises NotFound `organization_not_found`, also if there is no such request.
    """
    with store.read() as tx:
        organization, member = organizations.by_id(tx, organization_id), tx.get(Member, member_id)
        if organization is None or member is None or not member.signing_key:
            raise _no_organization()
        public = PublicIdentity(member.signing_key, member.encryption_key or b"")
        return Joined(
            organization=organization.name,
            handle=member.handle,
            fingerprint=spoken_fingerprint(
                root_key=root_key,
                organization_id=organization_id,
                member_id=member_id,
                public=public,
            ),
        )


def is_in(store: Store, organization_id: UUID, member_id: UUID, signing_key: bytes) -> bool:
    """Return whether the store has this member with this public key."""
    with store.read() as tx:
        member = tx.get(Member, member_id)
        return (
            member is not None
            and member.organization_id == organization_id
            and member.signing_key == signing_key
        )


def _no_organization() -> NotFound:
    return NotFound("organization_not_found", "invitation")
