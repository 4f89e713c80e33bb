"""Follow assignments: a page of them, a summary of one, and what needs attention now.

Reading only. No key is unlocked and no payload is touched, so a list is quick and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import find, settings
from assigncli.actions.coverage import coverage
from assigncli.actions.session import Session
from assigncli.actions.standing import is_active
from assigncli.actions.unavailable import Reason, with_reasons
from assigncli.domain.deadlines import contact_due_at, local_day, start_of_day
from assigncli.domain.lifecycle import (
    AWAITING_CONTACT,
    OPEN,
    Priority,
    Role,
    Status,
)
from assigncli.errors import AssignError, NotAllowed
from assigncli.locale import _
from assigncli.store import assignments, members
from assigncli.store.assignments import Filters
from assigncli.store.tables import Assignment

ATTENTION_LIMIT: Final = 50
EXPIRING_WITHIN: Final = timedelta(days=3)
STUCK_FOR: Final = timedelta(days=30)
_BATCH: Final = 200


@dataclass(frozen=True)
class Summary:
    """One assignment in a list. Moments are aware UTC; `overdue` is about contact."""

    id: UUID
    number: int
    title: str
    subject_reference: str | None
    status: Status
    priority: Priority
    recipient: str
    recipient_name: str
    dispatched_by: str
    created_at: datetime
    dispatched_at: datetime | None
    contact_due_at: datetime | None
    expires_at: datetime | None
    overdue: bool
    expired: bool


@dataclass(frozen=True)
class Page:
    """Part of a list, newest number first; `before` asks for the next part, None at the end."""

    items: tuple[Summary, ...]
    before: int | None


@dataclass(frozen=True)
class Attention:
    """What needs attention now, oldest first; `more` where a part was cut at the limit.

    `untold` has a notification that failed, `unknown` one of which nobody knows if it arrived.
    `unavailable` is open with a mentor who is paused, has lapsed or has left; `reasons` says why,
    by id.
    `stopped` says why nothing can be dispatched today, None where something can.
    """

    unavailable: tuple[Summary, ...]
    reasons: Mapping[UUID, Reason]
    unread: tuple[Summary, ...]
    overdue: tuple[Summary, ...]
    expiring: tuple[Summary, ...]
    drafts: tuple[Summary, ...]
    untold: tuple[Summary, ...]
    unknown: tuple[Summary, ...]
    more: bool
    stopped: AssignError | None


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to."""

    statuses: tuple[Status, ...] = ()
    mentor: str | None = None
    priority: Priority | None = None
    overdue: bool = False
    unacknowledged: bool = False


def list_page(session: Session, wanted: Wanted, *, before: int | None, limit: int) -> Page:
    """Return one part of the organisation's assignments; coordinators only.

    The cost is that of the part, not of the store. Raises NotAllowed `role_missing`, NotFound
    `member_not_found`.
    """
    with session.store.read() as tx:
        require_reader(session, tx, Role.COORDINATOR)
        mentor = None if wanted.mentor is None else find.member(session, tx, wanted.mentor).id
        filters = Filters(
            statuses=wanted.statuses,
            recipient_id=mentor,
            priority=wanted.priority,
            unacknowledged=wanted.unacknowledged,
            awaiting_contact_since=session.now if wanted.overdue else None,
        )
        rows: list[Assignment] = []
        for row in _rows(session, tx, filters, before, _BATCH if wanted.overdue else limit + 1):
            if not wanted.overdue or _is_overdue(session, row):
                rows.append(row)
            if len(rows) > limit:
                break
        shown = rows[:limit]
        following = shown[-1].number if len(rows) > limit else None
        return Page(tuple(_summaries(session, tx, shown)), following)


def attention(session: Session) -> Attention:
    """Return what needs attention: a mentor gone, unread, overdue, soon to expire, drafts.

    "Too long" is the setting `unread_attention_days`, in local calendar days.
    """
    with session.store.read() as tx:
        require_reader(session, tx, Role.COORDINATOR)
        organization = session.organization_id
        days = settings.in_force(session, tx).unread_attention_days
        today = local_day(session.now, session.zone)
        unread_before = start_of_day(today - timedelta(days=days - 1), session.zone)
        limit = ATTENTION_LIMIT + 1
        unread = [
            row
            for row in assignments.unread_since(tx, organization, unread_before, limit)
            if row.dispatched_at is not None and row.dispatched_at < unread_before
        ]
        waiting = assignments.awaiting_contact(tx, organization, session.now, 100 * limit)
        overdue = [row for row in waiting if _is_overdue(session, row)][:limit]
        expiring = assignments.expiring(tx, organization, session.now + EXPIRING_WITHIN, limit)
        drafts = assignments.page(
            tx, organization, Filters(statuses=(Status.PENDING,)), before=None, limit=limit
        )
        unavailable, reasons = with_reasons(session, tx, limit)
        groups = (unavailable, unread, overdue, expiring, drafts, *_stuck(session, tx, limit))
        shown = [tuple(_summaries(session, tx, rows[:ATTENTION_LIMIT])) for rows in groups]
        return Attention(
            unavailable=shown[0],
            reasons=reasons,
            unread=shown[1],
            overdue=shown[2],
            expiring=shown[3],
            drafts=shown[4],
            untold=shown[5],
            unknown=shown[6],
            more=any(len(rows) > ATTENTION_LIMIT for rows in groups),
            stopped=coverage(session, tx).refusal,
        )


def _stuck(
    session: Session, tx: Transaction, limit: int
) -> tuple[list[Assignment], list[Assignment]]:
    """Return what has a notification that failed, and one of which nobody knows.

    Of assignments that are open, or within `STUCK_FOR` of the event: later nobody acts on it.
    """
    from assigncli.store import outbox
    from assigncli.store.scheduled import NotificationStatus

    found: dict[NotificationStatus, dict[UUID, Assignment]] = {
        status: {} for status in outbox.STUCK
    }
    for message in outbox.stuck(tx, session.organization_id, limit):
        row = assignments.by_id(tx, session.organization_id, message.assignment_id)
        recent = session.now - message.created_at <= STUCK_FOR
        if row is not None and (recent or row.status in OPEN):
            found[message.status][row.id] = row
    failed, unknown = (
        sorted(found[status].values(), key=lambda row: row.number)
        for status in (NotificationStatus.FAILED, NotificationStatus.UNKNOWN)
    )
    return failed, unknown


def _rows(
    session: Session, tx: Transaction, filters: Filters, before: int | None, size: int
) -> Iterator[Assignment]:
    """Yield the rows in batches of `size`; where only some are wanted, a caller takes them on."""
    while True:
        batch = assignments.page(tx, session.organization_id, filters, before=before, limit=size)
        yield from batch
        if len(batch) < size:
            return
        before = batch[-1].number


def require_reader(session: Session, tx: Transaction, *roles: Role) -> frozenset[Role]:
    """Return the acting member's roles, as the store has them, once they hold one of `roles`.

    Raises NotAllowed `role_missing`.
    """
    member = members.by_id(tx, session.organization_id, session.member_id)
    held = members.roles_of(tx, session.member_id)
    if not is_active(tx, member) or not held & set(roles):
        raise NotAllowed(
            _("Your roles do not allow this."),
            _("Ask your administrator, or use the profile of a member who may."),
            code="role_missing",
        )
    return held


def summary_of(session: Session, tx: Transaction, row: Assignment) -> Summary:
    """Return one assignment as a list shows it."""
    (found,) = _summaries(session, tx, [row])
    return found


def _summaries(session: Session, tx: Transaction, rows: Iterable[Assignment]) -> Iterator[Summary]:
    rows = list(rows)
    people = {row.recipient_user_id for row in rows} | {row.dispatched_by_user_id for row in rows}
    names = members.names(tx, people)
    for row in rows:
        recipient, recipient_name = names.get(row.recipient_user_id, ("", ""))
        yield Summary(
            id=row.id,
            number=row.number,
            title=row.title,
            subject_reference=row.subject_reference,
            status=row.status,
            priority=row.priority,
            recipient=recipient,
            recipient_name=recipient_name,
            dispatched_by=names.get(row.dispatched_by_user_id, ("", ""))[1],
            created_at=row.created_at,
            dispatched_at=row.dispatched_at,
            contact_due_at=_due(session, row),
            expires_at=row.expires_at,
            overdue=_is_overdue(session, row),
            expired=_is_past(session, row),
        )


def _due(session: Session, row: Assignment) -> datetime | None:
    if row.dispatched_at is None:
        return None
    return contact_due_at(row.dispatched_at, row.contact_deadline_days, session.zone)


def _is_overdue(session: Session, row: Assignment) -> bool:
    due = _due(session, row)
    return row.status in AWAITING_CONTACT and due is not None and session.now >= due


def _is_past(session: Session, row: Assignment) -> bool:
    past = row.expires_at is not None and session.now >= row.expires_at
    return row.status is Status.EXPIRED or (past and row.status in OPEN)
