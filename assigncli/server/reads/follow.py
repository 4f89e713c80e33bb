"""List assignments a page at a time, and summarise one.

Reads only: no private key is unlocked and no payload is read, so a list is quick and is not
recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.domain.deadlines import contact_due_at, has_run_out
from assigncli.domain.lifecycle import (
    AWAITING_CONTACT,
    STEP_MOMENTS,
    Role,
    Status,
)
from assigncli.domain.permitted import role_missing
from assigncli.lookups.about_assignments import (
    AssignmentFilter,
    AssignmentPage,
    Summary,
    WantedPage,
)
from assigncli.server.agreement import disagreeing
from assigncli.server.reads import find
from assigncli.server.standing import is_active
from assigncli.server.store import assignments, members
from assigncli.server.store.assignments import Filters
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn

COUNTED: Final = 100
"""How far a list is counted: the cost of a page must not grow with the store."""
MOST: Final = 1_000
"""How many are shown at once; who asks for more is shown where the next begin."""
_BATCH: Final = 200


def list_page(turn: Turn, asked: WantedPage) -> AssignmentPage:
    """Return one part of the organisation's assignments, at most `MOST`; for coordinators only.

    The cost depends on the part, not on the store. It is read in batches, each in a transaction of
    its own, so that no writer waits for long. Raises NotAllowed `role_missing`, NotFound
    `member_not_found`.
    """
    left = min(asked.limit, MOST)
    read = [_batch(turn, asked.wanted, asked.before, min(left, _BATCH))]
    while read[-1].before is not None and (left := left - len(read[-1].items)) > 0:
        read.append(_batch(turn, asked.wanted, read[-1].before, min(left, _BATCH)))
    items = tuple(item for batch in read for item in batch.items)
    total, at_least = read[0].total, COUNTED
    if asked.wanted.priority is not None:  # known where all are on this page
        total = len(items) if asked.before is read[-1].before is None else None
        at_least = len(items)
    wrong = tuple(number for batch in read for number in batch.disagreeing)
    return AssignmentPage(items, read[-1].before, total, at_least, wrong)


def _batch(turn: Turn, wanted: AssignmentFilter, before: int | None, limit: int) -> AssignmentPage:
    with turn.store.read() as tx:
        require_reader(turn, tx, Role.COORDINATOR)
        mentor = None if wanted.mentor is None else find.member(turn, tx, wanted.mentor).id
        filters = Filters(
            statuses=wanted.statuses,
            recipient_id=mentor,
            priority=wanted.priority,
            unacknowledged=wanted.unacknowledged,
            awaiting_contact_since=turn.now if wanted.overdue else None,
        )
        rows: list[Assignment] = []
        for row in _rows(turn, tx, filters, before, _BATCH if wanted.overdue else limit + 1):
            if not wanted.overdue or is_overdue(turn, row):
                rows.append(row)
            if len(rows) > limit:
                break
        shown = rows[:limit]
        following = shown[-1].number if len(rows) > limit else None
        total = _total(turn, tx, filters, wanted)
        if wanted.overdue:  # which were looked for in several transactions
            shown = assignments.read_anew(tx, shown)
        items = tuple(summaries(turn, tx, shown))
        wrong = tuple(disagreeing(turn, tx, shown))
        return AssignmentPage(items, following, total, COUNTED, wrong)


def _total(turn: Turn, tx: Transaction, filters: Filters, wanted: AssignmentFilter) -> int | None:
    """Return how many a list has in all; None for more than `COUNTED`.

    No index covers the priority, so a list of one priority is not counted here.
    """
    if wanted.priority is not None:
        return None
    if wanted.overdue:
        rows = _rows(turn, tx, filters, None, _BATCH)
        late = (row for row in rows if is_overdue(turn, row))
        found = sum(1 for _row in islice(late, COUNTED + 1))
    else:
        found = assignments.count(tx, turn.organization_id, filters, COUNTED + 1)
    return found if found <= COUNTED else None


def _rows(
    turn: Turn, tx: Transaction, filters: Filters, before: int | None, size: int
) -> Iterator[Assignment]:
    """Yield the rows, read in batches of `size`; the caller may skip some and read on.

    Between two batches a new transaction begins, so that no writer waits for long.
    """
    while True:
        batch = assignments.page(tx, turn.organization_id, filters, before=before, limit=size)
        yield from batch
        if len(batch) < size:
            return
        before = batch[-1].number
        tx.commit()


def require_reader(turn: Turn, tx: Transaction, *roles: Role) -> frozenset[Role]:
    """Require one of `roles` of the turn's member; return all the roles in their rows.

    Raises NotAllowed `role_missing`.
    """
    member = members.by_id(tx, turn.organization_id, turn.member_id)
    held = members.roles_of(tx, turn.member_id)
    if not is_active(tx, member) or not held & set(roles):
        raise role_missing(*roles, has_inbox=Role.PEER_MENTOR in held)
    return held


def summary_of(turn: Turn, tx: Transaction, row: Assignment) -> Summary:
    """Return one assignment as a list shows it."""
    (found,) = summaries(turn, tx, [row])
    return found


def summaries(turn: Turn, tx: Transaction, rows: Iterable[Assignment]) -> Iterator[Summary]:
    """Yield assignments as a list shows them, with the names of their people."""
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
            recipient_user_id=row.recipient_user_id,
            recipient=recipient,
            recipient_name=recipient_name,
            dispatched_by_user_id=row.dispatched_by_user_id,
            dispatched_by=names.get(row.dispatched_by_user_id, ("", ""))[1],
            created_at=row.created_at,
            dispatched_at=row.dispatched_at,
            contact_due_at=contact_due(turn, row),
            expires_at=row.expires_at,
            declined_at=row.declined_at,
            decline_reason=row.decline_reason,
            since=since(row),
            overdue=is_overdue(turn, row),
            expired=row.status is Status.EXPIRED
            or has_run_out(row.status, row.expires_at, turn.now),
        )


def contact_due(turn: Turn, row: Assignment) -> datetime | None:
    """Return the time from which contact is overdue (aware UTC); None for a draft."""
    if row.dispatched_at is None:
        return None
    return contact_due_at(row.dispatched_at, row.contact_deadline_days, turn.zone)


def since(row: Assignment) -> datetime:
    """Return when the assignment entered its status; if that is missing, its last change."""
    columns = STEP_MOMENTS | {Status.PENDING: "created_at", Status.EXPIRED: "expires_at"}
    moment: datetime | None = getattr(row, columns[row.status])
    return moment or row.updated_at


def is_overdue(turn: Turn, row: Assignment) -> bool:
    """Return whether contact is awaited and its deadline has passed."""
    due = contact_due(turn, row)
    return row.status in AWAITING_CONTACT and due is not None and turn.now >= due
