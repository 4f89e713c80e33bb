"""The mentor's steps after reading: acknowledge, contact made, completed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import channels, cycles, envelope, find, names, shred, step, trust
from assigncli.actions.session import Session
from assigncli.domain.access import expired, not_your_assignment, require_not_expired
from assigncli.domain.honorarium import LedgerKind
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.protocol.certificate import Certificate
from assigncli.store import keys, ledger, outbox
from assigncli.store.outbox import NotificationKind
from assigncli.store.tables import Assignment

_TOLD: Final = {
    Status.ACKNOWLEDGED: NotificationKind.ACKNOWLEDGED,
    Status.COMPLETED: NotificationKind.COMPLETED,
}


@dataclass(frozen=True)
class Progress:
    """Where the assignment stands now, and since when (aware UTC).

    `told` is the coordinator's name where a message to one of their channels is queued, else None.
    """

    id: UUID
    number: int
    title: str
    status: Status
    at: datetime
    told: str | None = None


def acknowledge(session: Session, reference: str) -> Progress:
    """Confirm having read the brief; this is what notifies the coordinator."""
    return _advance(session, reference, Status.ACKNOWLEDGED, "acknowledged_at")


def contact(session: Session, reference: str) -> Progress:
    """Record that contact with the person is established; it stops the reminder."""
    return _advance(session, reference, Status.CONTACT_MADE, "contact_made_at")


def complete(session: Session, reference: str, *, in_person: bool | None = None) -> Progress:
    """Record that the follow-up is done; it counts for the honorarium in today's cycle.

    `in_person` is for the yearly report of visits; None where it is not said.
    """
    return _advance(session, reference, Status.COMPLETED, "completed_at", in_person)


def may_take(session: Session, reference: str, target: Status) -> bool:
    """Say whether the step would be taken; False where only the expiry would be recorded.

    Needs no key, so it is for before anything is asked. Raises what the step raises otherwise.
    """
    with session.store.read() as tx:
        trust.own_certificate(session, tx)
        row, _dispatcher = _own(session, tx, reference)
        if step.is_due_to_expire(row, session):
            return False
        require_not_expired(row.number, row.status, row.expires_at, session.now)
        require_move(row.status, target, row.number)
        return True


def _own(session: Session, tx: Transaction, reference: str) -> tuple[Assignment, Certificate]:
    """Return an assignment of the acting mentor's own, as its coordinator signed it, and who."""
    row = find.assignment(session, tx, reference)
    if row.recipient_user_id != session.member_id:
        raise not_your_assignment(row.number)
    return row, envelope.require_signed(session, tx, row)


def _advance(
    session: Session, reference: str, target: Status, column: str, in_person: bool | None = None
) -> Progress:
    """Take one of the mentor's steps.

    Raises RuleRefused `valid_status_transition`, or `expired_payload_inaccessible` after recording
    the expiry, NotAllowed `not_your_assignment`, Tampered for a dispatch that does not verify.
    """
    dead: UUID | None = None
    told: str | None = None
    with session.write() as tx:
        actor = trust.acting(session, tx)
        row, dispatcher = _own(session, tx, reference)
        if step.is_due_to_expire(row, session):
            dead = step.expire(session, tx, row)
        else:
            require_not_expired(row.number, row.status, row.expires_at, session.now)
            columns: dict[str, Any] = {column: session.now}
            if target is Status.COMPLETED:
                _complete(session, tx, actor, row, in_person)
            else:
                step.step(session, tx, actor, row, target, **columns)
            if _tell_coordinator(session, tx, row):
                told = names.display_name(tx, dispatcher)
        result = Progress(row.id, row.number, row.title, row.status, session.now, told)
    if dead is not None:
        shred.delete_shares(session, [dead])
        raise expired(result.number)
    return result


def _complete(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    row: Assignment,
    in_person: bool | None,
) -> None:
    """Complete the assignment, and count it in the ledger as the signed entry says."""
    require_move(row.status, Status.COMPLETED, row.number)
    cycle_id = cycles.for_completion(session, tx, row.reporting_cycle_id)
    facts: dict[str, str | int] = {"cycle": str(cycle_id)}
    if in_person is not None:
        facts["in_person"] = int(in_person)
    step.step(session, tx, actor, row, Status.COMPLETED, facts=facts, completed_at=session.now)
    ledger.add_line(tx, row, LedgerKind.COMPLETED, cycle_id, session.now, in_person=in_person)
    keys.retire(tx, row.encryption_key_id, session.now)


def _tell_coordinator(session: Session, tx: Transaction, row: Assignment) -> bool:
    """Queue what the step tells the coordinator; say whether there is a channel to tell it on."""
    kind = _TOLD.get(row.status)
    if kind is None:
        return False
    recipient_id = row.dispatched_by_user_id
    outbox.queue(tx, row, kind, recipient_id, session.now)
    return channels.is_reachable(session, tx, recipient_id) and channels.have_any(
        session, tx, recipient_id
    )
