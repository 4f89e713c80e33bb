"""A mentor's inbox, a page at a time: what is shown is verified first, and delivered by it.

The order is worked out from a few columns of every open assignment. Signatures are verified for
the page alone, and only what is handed out becomes delivered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import consent, envelope, find, names, service, step, trust
from assigncli.actions.follow import since
from assigncli.actions.session import Session
from assigncli.domain.deadlines import contact_due_at, local_day
from assigncli.domain.inbox import PAGE, Place, place
from assigncli.domain.lifecycle import Priority, Status
from assigncli.errors import InvalidInput, RuleRefused, Tampered
from assigncli.store import assignments
from assigncli.store import inbox as lines_of
from assigncli.store.inbox import SHOWN, Line
from assigncli.store.tables import Assignment
from assigncli.trust.tampering import manifest_invalid

STEP: Final = 50
"""How many are verified, and delivered, in one transaction."""


@dataclass(frozen=True)
class Item:
    """One assignment in the inbox. Moments are aware UTC."""

    id: UUID
    number: int
    title: str
    status: Status
    priority: Priority
    dispatched_by_user_id: UUID
    coordinator: str
    coordinator_notes: str | None
    dispatched_at: datetime
    contact_due_at: datetime
    expires_at: datetime
    consent_required: bool
    consent_completed_at: datetime | None
    since: datetime


@dataclass(frozen=True)
class Unverified:
    """An assignment that its coordinator did not sign as it stands: not to be relied on."""

    number: int
    code: str


@dataclass(frozen=True)
class Position:
    """Where a page begins, and of what: after this number; of all, or of those with contact made.

    Without `contact_made` a number is where it was before contact: so a page goes on from the same
    place whatever was done with that assignment meanwhile.
    """

    after: int | None = None
    contact_made: bool = False


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox, and what of it does not verify; `following` is None at the end.

    The numbers count all pages, less what is found here not to verify or to have gone; `new` are
    those that were not read.
    """

    items: tuple[Item, ...]
    unverified: tuple[Unverified, ...]
    total: int
    urgent: int
    new: int
    new_urgent: int
    following: Position | None


def inbox(session: Session, start: Position = Position(), limit: int | None = PAGE) -> Inbox:
    """Return up to `limit` items of the acting mentor's inbox, None for all; they are delivered.

    Past `expires_at` an assignment is left out, whether or not the sweep has been by. Raises
    NotFound `assignment_not_found` for a start that is no assignment of theirs.
    """
    with session.store.read() as tx:
        trust.own_certificate(session, tx)
        everything = _in_order(session, tx, start)
        begin = _begin(session, tx, start)
    coming = [line for at, line in everything if begin is None or at > begin]
    page = coming if limit is None else coming[:limit]
    items: list[Item] = []
    unverified: list[Unverified] = []
    for first in range(0, len(page), STEP):
        for found in _handed_out(session, page[first : first + STEP]):
            if isinstance(found, Unverified):
                unverified.append(found)
            else:
                items.append(found)
    wanting = {line.number for line in page} - {each.number for each in items}
    counted = [line for _at, line in everything if line.number not in wanting]
    return Inbox(
        items=tuple(items),
        unverified=tuple(unverified),
        total=len(counted),
        urgent=sum(line.urgent for line in counted),
        new=sum(line.new for line in counted),
        new_urgent=sum(line.new and line.urgent for line in counted),
        following=_following(page) if len(page) < len(coming) else None,
    )


def _in_order(session: Session, tx: Transaction, start: Position) -> list[tuple[Place, Line]]:
    days: dict[datetime, date | None] = {}
    found = [
        (_place(session, line, days), line)
        for line in lines_of.lines(tx, session.organization_id, session.member_id)
        if line.expires_at is None or line.expires_at > session.now
        if line.contact_made or not start.contact_made
    ]
    return sorted(found, key=lambda each: each[0])


def _place(session: Session, line: Line, days: dict[datetime, date | None]) -> Place:
    at = line.dispatched_at
    if at is not None and at not in days:
        days[at] = _day(session, at)
    return place(
        line.number,
        urgent=line.urgent,
        dispatched_on=None if at is None else days[at],
        days=line.days,
        contact_made=line.contact_made,
    )


def _day(session: Session, at: datetime) -> date | None:
    """Return the local day; None past the end of the calendar, where no dispatch was."""
    try:
        return local_day(at, session.zone)
    except InvalidInput:
        return None


def _begin(session: Session, tx: Transaction, start: Position) -> Place | None:
    if start.after is None:
        return None
    line = lines_of.line(tx, session.organization_id, session.member_id, start.after)
    if line is None:
        raise find.no_assignment(session, tx, str(start.after))
    at = _place(session, line, {})
    return at._replace(contact_made=True) if start.contact_made else at.before_contact()


def _following(page: Sequence[Line]) -> Position:
    return Position(page[-1].number, page[-1].contact_made)


def _handed_out(session: Session, page: Sequence[Line]) -> list[Item | Unverified]:
    """Verify each, and deliver what is handed out for the first time; what has gone is left out."""
    with session.store.read() as tx:
        found = {line.number: _looked_at(session, tx, line.number) for line in page}
    fresh = [
        number
        for number, each in found.items()
        if isinstance(each, Item) and each.status is Status.DISPATCHED
    ]
    if fresh:
        found |= _delivered(session, fresh)
    return [each for each in found.values() if each is not None]


def _delivered(session: Session, fresh: Sequence[int]) -> dict[int, Item | Unverified | None]:
    """Deliver these, verified as they stand in the transaction that says so."""
    _unlocked = session.identity  # now, so that nobody waits for the store meanwhile
    found: dict[int, Item | Unverified | None] = {}
    with session.write() as tx:
        trust.acting(session, tx)
        actor = service.own(session, tx).certificate
        for number in fresh:
            item = _looked_at(session, tx, number)
            row = assignments.by_number(tx, session.organization_id, number)
            if isinstance(item, Item) and row is not None and item.status is Status.DISPATCHED:
                step.step(session, tx, actor, row, Status.DELIVERED, delivered_at=session.now)
                item = replace(item, status=row.status)
            found[number] = item
    return found


def _looked_at(session: Session, tx: Transaction, number: int) -> Item | Unverified | None:
    """Return the assignment, verified, or what is wrong with it; None where it has gone."""
    try:
        row = assignments.by_number(tx, session.organization_id, number)
        if row is None or not _is_in_inbox(session, row):
            return None
        return _item(session, tx, row)
    except (Tampered, RuleRefused, InvalidInput) as fault:
        return Unverified(number, fault.code)
    except (ValueError, TypeError, LookupError):  # a column does not even hold what it should
        return Unverified(number, manifest_invalid().code)


def _is_in_inbox(session: Session, row: Assignment) -> bool:
    return (
        row.recipient_user_id == session.member_id
        and row.status in SHOWN
        and not step.is_due_to_expire(row, session)
    )


def _item(session: Session, tx: Transaction, row: Assignment) -> Item:
    dispatcher = envelope.require_signed(session, tx, row)
    if row.dispatched_at is None or row.expires_at is None:
        raise manifest_invalid()
    given = row.consent_required and consent.given(session, tx, row)
    return Item(
        id=row.id,
        number=row.number,
        title=row.title,
        status=row.status,
        priority=row.priority,
        dispatched_by_user_id=row.dispatched_by_user_id,
        coordinator=names.display_name(tx, dispatcher),
        coordinator_notes=row.coordinator_notes,
        dispatched_at=row.dispatched_at,
        contact_due_at=contact_due_at(row.dispatched_at, row.contact_deadline_days, session.zone),
        expires_at=row.expires_at,
        consent_required=row.consent_required,
        consent_completed_at=row.consent_completed_at if given else None,
        since=since(row),
    )
