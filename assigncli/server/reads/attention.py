"""List what a coordinator has to follow up now, a page at a time, with totals.

Reads only. An assignment is listed once, with all its reasons; urgent and late ones come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import last_day, local_day, start_of_day
from assigncli.domain.follow_up import UNUSUAL_OPENINGS, FollowUp, main_reason, place
from assigncli.domain.lifecycle import AWAITING_CONTACT, OPEN, Priority, Role, Status
from assigncli.domain.notification import NotificationStatus
from assigncli.lookups.about_assignments import (
    Attention,
    Followed,
    Openings,
    Unauthenticated,
    WantedAttention,
)
from assigncli.server import settings_in_force
from assigncli.server.agreement import disagreeing
from assigncli.server.coverage import coverage
from assigncli.server.mentor_away import with_reasons
from assigncli.server.reads.doubtful_keys import unproven_keys, unreadable
from assigncli.server.reads.follow import contact_due, is_overdue, require_reader, summaries
from assigncli.server.store import assignments, audit_log, members, notifications
from assigncli.server.store.assignments import Filters
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn

MOST: Final = 1000
"""How many of each kind are read; `Attention.more` says if there are others."""
EXPIRING_WITHIN: Final = timedelta(days=3)
STUCK_FOR: Final = timedelta(days=30)
_WAITING: Final = 5 * MOST
_BATCH: Final = 200
_OPENED_WITHIN: Final = timedelta(days=1)
_LOOKED_THROUGH: Final = 5_000
"""How many of the newest entries are looked through for openings."""
_SENT_UNREAD: Final = (Status.DISPATCHED, Status.DELIVERED)


def attention(turn: Turn, asked: WantedAttention) -> Attention:
    """Return one page of what needs follow-up; for coordinators only.

    A page past the last one gives the last one. How long
    something may stay unread is the setting `unread_attention_days`, in local days. Raises
    NotAllowed `role_missing`.
    """
    with turn.store.read() as tx:
        held = require_reader(turn, tx, Role.COORDINATOR)
        gathered = _Gathered(turn)
        unavailable, reasons = with_reasons(turn, tx, MOST + 1)
        gathered.add(FollowUp.DECLINED, assignments.declined(tx, turn.organization_id, MOST + 1))
        gathered.add(FollowUp.UNAVAILABLE, filter(_is_awaited, unavailable))
        for kind, rows in _others(turn, tx):
            gathered.add(kind, rows)
        ordered = gathered.ordered()
        size = asked.limit or max(len(ordered), 1)
        pages = max(1, -(-len(ordered) // size))
        page = min(asked.page, pages)
        shown = ordered[(page - 1) * size : page * size]
        stopped, openings = coverage(turn, tx).refusal, tuple(_openings(turn, tx))
        keys, unread = tuple(unproven_keys(turn, tx)), tuple(unreadable(turn, tx))
        items, wrong = list[Followed](), list[int]()
        for batch in _batches(tx, shown):
            wrong += disagreeing(turn, tx, batch)
            items += (
                Followed(summary, gathered.days[row.id], reasons.get(row.id))
                for row, summary in zip(batch, summaries(turn, tx, batch), strict=True)
            )
        return Attention(
            items=tuple(items),
            page=page,
            pages=pages,
            total=len(ordered),
            urgent=sum(row.priority is Priority.URGENT for row in ordered),
            counts=Counter(main_reason(gathered.days[row.id]) for row in ordered),
            more=gathered.more,
            stopped=stopped,
            disagreeing=tuple(wrong),
            openings=openings,
            unauthenticated=_unauthenticated(turn) if Role.ORG_ADMIN in held else None,
            keys=keys,
            unreadable=unread,
        )


def _batches(tx: Transaction, rows: Sequence[Assignment]) -> Iterator[Sequence[Assignment]]:
    """Yield the rows in parts, read anew, each in a transaction of its own."""
    for at in range(0, len(rows), _BATCH):
        yield assignments.read_anew(tx, rows[at : at + _BATCH])


def _unauthenticated(turn: Turn) -> Unauthenticated | None:
    """Return what did not authenticate; None if there is nothing, or nobody else is served."""
    counters = turn.counters
    counted = {} if counters is None else counters.snapshot()
    if counters is None or counters.since is None or not counted:
        return None
    return Unauthenticated(counters.since, counted)


def _openings(turn: Turn, tx: Transaction) -> Iterator[Openings]:
    """Yield who opened unusually many briefs within a day, by name."""
    found = audit_log.often(
        tx,
        turn.organization_id,
        Action.PAYLOAD_DECRYPTED,
        turn.now - _OPENED_WITHIN,
        UNUSUAL_OPENINGS,
        _LOOKED_THROUGH,
    )
    names = members.names(tx, set(found)) if found else {}
    for member in sorted(found, key=lambda each: names.get(each, ("", ""))[1]):
        yield Openings(names.get(member, ("", ""))[1], found[member])


def _others(turn: Turn, tx: Transaction) -> Iterator[tuple[FollowUp, Iterable[Assignment]]]:
    """Yield what is to be followed up for other reasons than its mentor's, kind by kind.

    Each is read in a transaction of its own, so that no writer waits for long.
    """
    scope, soon = turn.organization_id, turn.now + EXPIRING_WITHIN
    drafts = Filters(statuses=(Status.PENDING,))
    tx.commit()
    yield FollowUp.OVERDUE, _overdue(turn, tx)
    tx.commit()
    yield FollowUp.UNREAD, _unread(turn, tx)
    tx.commit()
    yield FollowUp.EXPIRING, assignments.until(tx, scope, OPEN, "expires_at", soon, MOST + 1)
    tx.commit()
    yield FollowUp.DRAFT, assignments.page(tx, scope, drafts, before=None, limit=MOST + 1)
    tx.commit()
    yield from _stuck(turn, tx).items()


class _Gathered:
    """Each assignment once, with each of its reasons and how many days it has lasted."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._today = local_day(turn.now, turn.zone)
        self._rows: dict[UUID, Assignment] = {}
        self.days: dict[UUID, dict[FollowUp, int]] = {}
        self.more = False

    def add(self, kind: FollowUp, rows: Iterable[Assignment]) -> None:
        """Add assignments for one reason, up to `MOST` of them."""
        rows = list(rows)
        self.more = self.more or len(rows) > MOST
        for row in rows[:MOST]:
            self._rows[row.id] = row
            self.days.setdefault(row.id, {})[kind] = self._days(kind, row)

    def ordered(self) -> list[Assignment]:
        """Return the assignments in the order in which a coordinator sees them."""
        return sorted(
            self._rows.values(),
            key=lambda row: place(
                row.number, urgent=row.priority is Priority.URGENT, days=self.days[row.id]
            ),
        )

    def _days(self, kind: FollowUp, row: Assignment) -> int:
        due = contact_due(self._turn, row)
        zone = self._turn.zone
        if kind is FollowUp.OVERDUE and due is not None:
            return (self._today - last_day(due, zone)).days
        if kind is FollowUp.UNREAD and row.dispatched_at is not None:
            return (self._today - local_day(row.dispatched_at, zone)).days
        if kind is FollowUp.DECLINED and row.declined_at is not None:
            return (self._today - local_day(row.declined_at, zone)).days
        if kind is FollowUp.DRAFT:
            return (self._today - local_day(row.created_at, zone)).days
        return 0


def _overdue(turn: Turn, tx: Transaction) -> list[Assignment]:
    rows = assignments.until(
        tx, turn.organization_id, AWAITING_CONTACT, "dispatched_at", turn.now, _WAITING
    )
    return [row for row in rows if is_overdue(turn, row)]


def _unread(turn: Turn, tx: Transaction) -> list[Assignment]:
    days = settings_in_force.in_force(turn, tx).unread_attention_days
    today = local_day(turn.now, turn.zone)
    before: datetime = start_of_day(today - timedelta(days=days - 1), turn.zone)
    rows = assignments.until(
        tx, turn.organization_id, _SENT_UNREAD, "dispatched_at", before, MOST + 1
    )
    late = (row for row in rows if row.dispatched_at is not None and row.dispatched_at < before)
    return list(filter(_is_awaited, late))


def _is_awaited(row: Assignment) -> bool:
    """Say whether its mentor is to do something: nobody waits for one who has declined."""
    return row.declined_at is None


def _stuck(turn: Turn, tx: Transaction) -> dict[FollowUp, list[Assignment]]:
    """Return the assignments with a failed notification, and those with an unknown outcome.

    Only while the assignment is open or the notification is at most `STUCK_FOR` old: later nobody
    acts on it.
    """
    kinds = {
        NotificationStatus.FAILED: FollowUp.UNTOLD,
        NotificationStatus.UNKNOWN: FollowUp.UNKNOWN,
    }
    found: dict[FollowUp, dict[UUID, Assignment]] = {kind: {} for kind in kinds.values()}
    for each in notifications.stuck(tx, turn.organization_id, MOST + 1):
        row = assignments.by_id(tx, turn.organization_id, each.assignment_id)
        recent = turn.now - each.created_at <= STUCK_FOR
        if row is not None and (recent or row.status in OPEN):
            found[kinds[each.status]][row.id] = row
    return {kind: list(rows.values()) for kind, rows in found.items()}
