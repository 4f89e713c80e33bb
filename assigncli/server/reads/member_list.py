"""List members as the store has them, and what is open with one who was paused or revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.server.mentor_away import Open, open_with, profile_today
from assigncli.server.reads import find
from assigncli.server.standing import status_of
from assigncli.server.store import members
from assigncli.server.store.tables import Member
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class Halted:
    """A member who was paused or revoked, and what is open with them as a mentor.

    `own` is whether they did it themselves; then `open` has no drafts.
    """

    member: Membership
    open: tuple[Open, ...]
    own: bool


@dataclass(frozen=True)
class Membership:
    """A member as the store has them; days are local and inclusive."""

    id: UUID
    handle: str
    display_name: str
    status: MemberStatus
    roles: frozenset[Role]
    profile: ProfileStatus | None
    paused_until: date | None
    certified_until: date | None


def list_members(turn: Turn, role: Role | None = None) -> list[Membership]:
    """Return the organisation's members, ordered by handle."""
    with turn.store.read() as tx:
        return [
            _membership(turn, tx, row)
            for row in members.everyone(tx, turn.organization_id, role=role)
        ]


def mentors(turn: Turn) -> list[str]:
    """Return the handles of the organisation's mentors, in order."""
    with turn.store.read() as tx:
        found = members.everyone(tx, turn.organization_id, role=Role.PEER_MENTOR)
        return [mentor.handle for mentor in found]


def show(turn: Turn, handle: str) -> Membership:
    """Return one member; raises NotFound `member_not_found`."""
    with turn.store.read() as tx:
        return _membership(turn, tx, find.member(turn, tx, handle))


def halted(turn: Turn, member_id: UUID, handle: str, *, by_staff: bool) -> Halted:
    """Return a member who was paused or revoked, with what is open; drafts only for staff."""
    with turn.store.read() as tx:
        return Halted(
            member=_membership(turn, tx, find.member(turn, tx, handle)),
            open=open_with(turn, tx, member_id, drafts=by_staff),
            own=not by_staff,
        )


def _membership(turn: Turn, tx: Transaction, row: Member) -> Membership:
    profile = members.profile_of(tx, row.id)
    standing = None if profile is None else profile_today(turn, profile)
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
