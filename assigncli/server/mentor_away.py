"""Assignments open with a mentor who is paused, lapsed or revoked, and why.

Reads only, and verifies nothing. Shown when a mentor becomes unavailable, and by `status` from then
on.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.availability import Unavailability, profile_on, unavailability
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Status
from assigncli.lookups.about_assignments import Open, Reason
from assigncli.server.standing import status_of
from assigncli.server.store import members, unavailable
from assigncli.server.store.tables import Assignment, Member, PeerMentorProfile
from assigncli.server.turn import Turn


def open_with(
    turn: Turn, tx: Transaction, member_id: UUID, *, drafts: bool = True
) -> tuple[Open, ...]:
    """Return what is open with one mentor, by number; `drafts=False` for what a mentor may see."""
    rows = unavailable.open_with(tx, turn.organization_id, member_id, turn.now)
    return tuple(
        Open(row.number, row.title, row.status)
        for row in rows
        if drafts or row.status is not Status.PENDING
    )


def with_reasons(
    turn: Turn, tx: Transaction, limit: int
) -> tuple[list[Assignment], dict[UUID, Reason]]:
    """Return up to `limit` assignments open with unavailable mentors, and the reasons by id."""
    today = local_day(turn.now, turn.zone)
    rows = unavailable.open_with_unavailable(tx, turn.organization_id, today, turn.now, limit)
    known: dict[UUID, tuple[Member, Unavailability, date | None] | None] = {}
    for member_id in {row.recipient_user_id for row in rows}:
        known[member_id] = _why(turn, tx, member_id)
    reasons: dict[UUID, Reason] = {}
    for row in rows:
        found = known[row.recipient_user_id]
        if found is not None:
            member, why, until = found
            reasons[row.id] = Reason(why, until, row.status, member.handle)
    return [row for row in rows if row.id in reasons], reasons


def profile_today(turn: Turn, profile: PeerMentorProfile) -> ProfileStatus:
    """Return the profile's status on today's local day; a pause and a certification end by date."""
    today = local_day(turn.now, turn.zone)
    return profile_on(today, profile.status, profile.paused_until, profile.certified_until)


def _why(
    turn: Turn, tx: Transaction, member_id: UUID
) -> tuple[Member, Unavailability, date | None] | None:
    member = members.by_id(tx, turn.organization_id, member_id)
    if member is None:
        return None
    profile = members.profile_of(tx, member_id)
    why = unavailability(
        left=status_of(tx, member) is MemberStatus.REVOKED,
        profile=ProfileStatus.ACTIVE if profile is None else profile_today(turn, profile),
    )
    if why is None:
        return None
    paused = why is Unavailability.PAUSED and profile is not None
    return member, why, profile.paused_until if profile is not None and paused else None
