"""A mentor's inbox: each dispatch verified, what is fetched for the first time delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import consent, envelope, step, trust
from assigncli.actions.follow import since
from assigncli.actions.session import Session
from assigncli.crypto.manifest import manifest_invalid
from assigncli.domain.deadlines import contact_due_at
from assigncli.domain.lifecycle import Priority, Status
from assigncli.errors import Tampered
from assigncli.store import assignments
from assigncli.store.tables import Assignment


@dataclass(frozen=True)
class Item:
    """One assignment in the inbox. Moments are aware UTC."""

    id: UUID
    number: int
    title: str
    status: Status
    priority: Priority
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
class Inbox:
    """The open assignments, urgent first, and those that do not verify."""

    items: tuple[Item, ...]
    unverified: tuple[Unverified, ...]

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def new(self) -> int:
        return sum(item.status in (Status.DISPATCHED, Status.DELIVERED) for item in self.items)

    @property
    def new_urgent(self) -> int:
        return sum(
            item.status in (Status.DISPATCHED, Status.DELIVERED)
            and item.priority is Priority.URGENT
            for item in self.items
        )


def inbox(session: Session) -> Inbox:
    """Return the acting mentor's inbox; what is fetched for the first time becomes delivered.

    Past `expires_at` an assignment is left out, whether or not the sweep has been by.
    """
    with session.store.read() as tx:
        trust.own_certificate(session, tx)
        rows = assignments.inbox(tx, session.organization_id, session.member_id)
        current = [row for row in rows if not step.is_due_to_expire(row, session)]
        items, unverified = _sorted_out(session, tx, current)
    fresh = [item.id for item in items if item.status is Status.DISPATCHED]
    if fresh:
        _mark_delivered(session, fresh)
        with session.store.read() as tx:
            rows = assignments.inbox(tx, session.organization_id, session.member_id)
            known = {item.id for item in items}
            items, _again = _sorted_out(session, tx, [row for row in rows if row.id in known])
    return Inbox(tuple(items), tuple(unverified))


def _sorted_out(
    session: Session, tx: Transaction, rows: list[Assignment]
) -> tuple[list[Item], list[Unverified]]:
    items: list[Item] = []
    unverified: list[Unverified] = []
    for row in rows:
        try:
            items.append(_item(session, tx, row))
        except Tampered as fault:
            unverified.append(Unverified(row.number, fault.code))
    return items, unverified


def _mark_delivered(session: Session, fresh: list[UUID]) -> None:
    _unlocked = session.identity  # now, so that nobody waits for the store meanwhile
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        for assignment_id in fresh:
            row = assignments.by_id(tx, session.organization_id, assignment_id)
            if row is not None and row.status is Status.DISPATCHED:
                step.step(session, tx, actor, row, Status.DELIVERED, delivered_at=session.now)


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
        coordinator=dispatcher.display_name,
        coordinator_notes=row.coordinator_notes,
        dispatched_at=row.dispatched_at,
        contact_due_at=contact_due_at(row.dispatched_at, row.contact_deadline_days, session.zone),
        expires_at=row.expires_at,
        consent_required=row.consent_required,
        consent_completed_at=row.consent_completed_at if given else None,
        since=since(row),
    )
