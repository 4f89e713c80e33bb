"""The mentor's steps after reading: acknowledge, contact made, completed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import cycles, envelope, find, shred, step, trust
from assigncli.actions.session import Session
from assigncli.crypto.certificate import Certificate
from assigncli.domain.access import require_not_expired
from assigncli.domain.honorarium import LedgerKind
from assigncli.domain.lifecycle import Status
from assigncli.errors import NotAllowed
from assigncli.locale import _
from assigncli.store import keys, ledger, outbox
from assigncli.store.outbox import NotificationKind
from assigncli.store.tables import Assignment


@dataclass(frozen=True)
class Progress:
    """Where the assignment stands now, and since when (aware UTC)."""

    id: UUID
    number: int
    title: str
    status: Status
    at: datetime


def acknowledge(session: Session, reference: str) -> Progress:
    """Confirm having read the brief; this is what notifies the coordinator."""
    return _advance(session, reference, Status.ACKNOWLEDGED, "acknowledged_at")


def contact(session: Session, reference: str) -> Progress:
    """Record that contact with the person is established; it stops the reminder."""
    return _advance(session, reference, Status.CONTACT_MADE, "contact_made_at")


def complete(session: Session, reference: str) -> Progress:
    """Record that the follow-up is done; it counts for the honorarium in today's cycle."""
    return _advance(session, reference, Status.COMPLETED, "completed_at")


def _advance(session: Session, reference: str, target: Status, column: str) -> Progress:
    """Take one of the mentor's steps.

    Raises RuleRefused `valid_status_transition`, or `expired_payload_inaccessible` after recording
    the expiry, NotAllowed `not_your_assignment`, Tampered for a dispatch that does not verify.
    """
    dead: UUID | None = None
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        row = find.assignment(session, tx, reference)
        if row.recipient_user_id != session.member_id:
            raise NotAllowed(
                _("This assignment is for another member."),
                _("Run assign inbox to hear which assignments are yours."),
                code="not_your_assignment",
            )
        envelope.require_signed(session, tx, row)
        if step.is_due_to_expire(row, session):
            dead = step.expire(session, tx, actor, row)
        else:
            require_not_expired(row.status, row.expires_at, session.now)
            columns: dict[str, Any] = {column: session.now}
            step.step(session, tx, actor, row, target, **columns)
            _follow_up(session, tx, actor, row)
        result = Progress(row.id, row.number, row.title, row.status, session.now)
    if dead is not None:
        shred.delete_shares(session, [dead])
        require_not_expired(Status.EXPIRED, None, session.now)
    return result


def _follow_up(session: Session, tx: Transaction, actor: Certificate, row: Assignment) -> None:
    coordinator = row.dispatched_by_user_id
    if row.status is Status.ACKNOWLEDGED:
        outbox.queue(tx, row, NotificationKind.ACKNOWLEDGED, coordinator, session.now)
    if row.status is Status.COMPLETED:
        cycle_id = cycles.for_completion(session, tx, actor, row.reporting_cycle_id)
        ledger.add_line(tx, row, LedgerKind.COMPLETED, cycle_id, session.now)
        keys.retire(tx, row.encryption_key_id, session.now)
        outbox.queue(tx, row, NotificationKind.COMPLETED, coordinator, session.now)
