"""List members as the store has them, and what is open with one who was paused or revoked."""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import STAFF, ProfileStatus, is_staff
from assigncli.domain.permitted import role_missing
from assigncli.lookups import ByHandle
from assigncli.lookups.about_members import Halted, Membership, Memberships, WantedMembers
from assigncli.server.mentor_away import open_with, profile_today
from assigncli.server.reads import find
from assigncli.server.standing import status_of
from assigncli.server.store import members
from assigncli.server.store.tables import Member
from assigncli.server.turn import Turn


def list_members(turn: Turn, asked: WantedMembers) -> Memberships:
    """Return the organisation's members, ordered by handle."""
    with turn.store.read() as tx:
        found = members.everyone(tx, turn.organization_id, role=asked.role)
        return Memberships(tuple(_membership(turn, tx, row) for row in found))


def show(turn: Turn, asked: ByHandle) -> Membership:
    """Return one member; raises NotFound `member_not_found`."""
    with turn.store.read() as tx:
        return _membership(turn, tx, find.member(turn, tx, asked.handle))


def halted(turn: Turn, asked: ByHandle) -> Halted:
    """Return a member who was paused or revoked, with what is open; drafts only for staff.

    Raises NotFound `member_not_found`, and NotAllowed `role_missing` to a mentor who asks about
    somebody else.
    """
    with turn.store.read() as tx:
        row = find.member(turn, tx, asked.handle)
        is_by_staff = is_staff(members.roles_of(tx, turn.member_id))
        if not is_by_staff and row.id != turn.member_id:
            raise role_missing(*STAFF, has_inbox=True)
        return Halted(
            member=_membership(turn, tx, row),
            open=open_with(turn, tx, row.id, drafts=is_by_staff),
            own=not is_by_staff,
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
