"""Which devices can read what is open with a member: those that the secret is sealed to.

Reads only. That a wrap opens only its device can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import STAFF, Status, is_staff
from assigncli.domain.permitted import role_missing
from assigncli.errors import NotFound
from assigncli.lookups.about_assignments import OpenReaders, Readers, WantedReaders
from assigncli.server import certification
from assigncli.server.reads import find
from assigncli.server.store import assignments, members, unavailable
from assigncli.server.store.tables import Assignment, Member
from assigncli.server.turn import Turn


def readers(turn: Turn, asked: WantedReaders) -> OpenReaders:
    """Return what is open with a member, and which devices can read each; drafts are their own.

    A member sees what is theirs, a coordinator or an administrator what is open with anybody.
    Raises NotAllowed `role_missing`, NotFound `member_not_found`, Tampered `certificate_invalid`.
    """
    with turn.store.read() as tx:
        member = _asked_for(turn, tx, asked.handle)
        rows = unavailable.open_of(tx, turn.organization_id, member.id, turn.now)
        shown = [row for row in rows if _is_shown(row, member)]
        items = tuple(_items(turn, tx, shown))
        return OpenReaders(member.id, member.handle, member.display_name, items)


def _asked_for(turn: Turn, tx: Transaction, handle: str | None) -> Member:
    if handle is not None:
        found = find.member(turn, tx, handle)
        if found.id == turn.member_id or is_staff(members.roles_of(tx, turn.member_id)):
            return found
        raise role_missing(*STAFF, has_inbox=True)
    own = members.by_id(tx, turn.organization_id, turn.member_id)
    if own is None:
        raise NotFound("member_not_found", "own")
    return own


def _is_shown(row: Assignment, member: Member) -> bool:
    """Say whether the asker may see it: a draft is shown as its dispatcher's alone."""
    return row.status is not Status.PENDING or row.dispatched_by_user_id == member.id


def _items(turn: Turn, tx: Transaction, rows: Collection[Assignment]) -> Iterator[Readers]:
    sealed: dict[UUID, set[UUID]] = {}
    for wrap in assignments.wraps_of(tx, [row.id for row in rows]):
        sealed.setdefault(wrap.assignment_id, set()).add(wrap.certificate_id)
    people = {row.recipient_user_id for row in rows} | {row.dispatched_by_user_id for row in rows}
    names = members.names(tx, people)
    devices = {each: _devices(turn, tx, each) for each in people}
    for row in rows:
        due = _due(row, devices)
        has = sealed.get(row.id, set())
        yield Readers(
            id=row.id,
            number=row.number,
            title=row.title,
            status=row.status,
            priority=row.priority,
            first_read_at=row.first_read_at,
            recipient_user_id=row.recipient_user_id,
            recipient_name=names.get(row.recipient_user_id, ("", ""))[1],
            dispatched_by_user_id=row.dispatched_by_user_id,
            dispatched_by=names.get(row.dispatched_by_user_id, ("", ""))[1],
            can_read=tuple(each for each in due if each in has),
            cannot_read=tuple(each for each in due if each not in has),
        )


def _due(row: Assignment, devices: Mapping[UUID, tuple[UUID, ...]]) -> tuple[UUID, ...]:
    """Return the devices that are to read it: of a draft the dispatcher's alone."""
    people = [row.dispatched_by_user_id]
    if row.status is not Status.PENDING and row.recipient_user_id not in people:
        people.append(row.recipient_user_id)
    return tuple(device for each in people for device in devices[each])


def _devices(turn: Turn, tx: Transaction, member_id: UUID) -> tuple[UUID, ...]:
    """Return the certificates of a member that are in force."""
    member = members.by_id(tx, turn.organization_id, member_id)
    if member is None:
        return ()
    return tuple(each.id for each in certification.in_force_of(turn, tx, member))
