"""Move an assignment one step: the conditional update, its status log and its audit entry.

Always inside one write transaction. What else a step entails - ledger, outbox, key - is said by the
action that takes it, or by `close` for the ways an assignment ends early.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import endings, service, settings
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.domain.audit import STEP_ACTION
from assigncli.domain.honorarium import LedgerKind, tier_for
from assigncli.domain.lifecycle import UNREAD, Status
from assigncli.domain.moves import require_move
from assigncli.protocol.certificate import Certificate
from assigncli.store import assignments, keys, ledger, outbox
from assigncli.store.outbox import NotificationKind
from assigncli.store.tables import Assignment

Facts = Mapping[str, str | int | None]

_NO_FACTS: Final[Facts] = {}
_LEDGER = {
    Status.RECALLED: LedgerKind.RECALLED,
    Status.CANCELLED: LedgerKind.CANCELLED,
    Status.EXPIRED: LedgerKind.EXPIRED,
}
_TOLD = {
    Status.RECALLED: NotificationKind.RECALLED,
    Status.CANCELLED: NotificationKind.CANCELLED,
    Status.EXPIRED: NotificationKind.EXPIRED,
}


def step(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    assignment: Assignment,
    target: Status,
    *,
    reason: str | None = None,
    reason_salt: bytes | None = None,
    facts: Facts = _NO_FACTS,
    **columns: Any,
) -> None:
    """Take one step; `columns` are the row's other changes that belong to it.

    `facts` are what the entry says besides number and step: numbers and ids, as `record`.

    Raises RuleRefused `valid_status_transition` or `recall_only_before_read`, also where somebody
    else was faster.
    """
    said = {**facts_of(assignment, target), **facts}
    move(session, tx, actor, assignment, target, reason, reason_salt, **columns)
    record(session, tx, actor, STEP_ACTION[target], assignment.id, **said)


def facts_of(assignment: Assignment, target: Status) -> Facts:
    """Return what the entry of every step says: number, and from where to where."""
    source = assignment.status.value
    return {"number": assignment.number, "from": source, "to": target.value}


def move(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    assignment: Assignment,
    target: Status,
    reason: str | None = None,
    reason_salt: bytes | None = None,
    **columns: Any,
) -> None:
    """Move the row and write its status log, beside an entry that the caller makes; as `step`."""
    source = assignment.status
    require_move(source, target, assignment.number)
    moved = assignments.advance(
        tx,
        assignment,
        [source],
        target,
        unread_only=target is Status.RECALLED,
        updated_at=session.now,
        **columns,
    )
    if not moved:
        tx.refresh(assignment)
        require_move(assignment.status, target, assignment.number)
    log: dict[str, Any] = {"from_status": source, "to_status": target, "at": session.now}
    log |= {"actor_id": actor.member, "reason": reason, "reason_salt": reason_salt}
    assignments.log_steps(tx, assignment.organization_id, [assignment.id], log)


def counted(session: Session, tx: Transaction, assignment: Assignment, cycle_id: UUID) -> Facts:
    """Return the facts of a completion: its cycle, which completion it is there, and what it earns.

    The order of the log decides which one it is.
    """
    mentor = assignment.recipient_user_id
    count = ledger.counts(tx, [mentor], cycle_id)[mentor].completed_count + 1
    tier = tier_for(count, settings.in_force(session, tx).thresholds)
    return {"cycle": str(cycle_id), "count": count, "tier": tier.value}


def close(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    assignment: Assignment,
    target: Status,
    key_id: UUID | None,
    *,
    reason: str | None = None,
    reason_salt: bytes | None = None,
    **columns: Any,
) -> None:
    """End an assignment early: recalled, cancelled or expired.

    Marks `key_id` dead, which is the key that the entries say is its own, takes the dispatch back
    in the ledger, and queues the notifications. The share itself is deleted after the commit:
    status first, then share.
    """
    was_sent = assignment.status is not Status.PENDING
    facts = _count_after(tx, assignment) if was_sent else {"cycle": None, "count": None}
    columns |= {"reason": reason, "reason_salt": reason_salt}
    step(session, tx, actor, assignment, target, facts=facts, **columns)
    if key_id is not None:
        keys.revoke(tx, key_id, session.now)
    if was_sent:
        _take_back(session, tx, assignment, target)


def _count_after(tx: Transaction, assignment: Assignment) -> Facts:
    """Return the cycle of the dispatch, and the mentor's dispatched count once it is taken back."""
    cycle_id = assignment.reporting_cycle_id
    if cycle_id is None:
        return {"cycle": None, "count": None}
    mentor = assignment.recipient_user_id
    count = ledger.counts(tx, [mentor], cycle_id)[mentor].dispatched_count
    has_line = ledger.has_line(tx, assignment.id, LedgerKind.DISPATCHED)
    return {"cycle": str(cycle_id), "count": max(count - has_line, 0)}


def _take_back(session: Session, tx: Transaction, assignment: Assignment, target: Status) -> None:
    """Undo the dispatch in the ledger, where it stands there, and tell those concerned.

    A row that raw SQL marked as dispatched has no line; it must be possible to withdraw it still.
    """
    cycle_id = assignment.reporting_cycle_id
    if cycle_id is not None and ledger.has_line(tx, assignment.id, LedgerKind.DISPATCHED):
        ledger.add_line(tx, assignment, _LEDGER[target], cycle_id, session.now)
    for member_id in _told(assignment, target):
        outbox.queue(tx, assignment, _TOLD[target], member_id, session.now)


def expire(session: Session, tx: Transaction, assignment: Assignment) -> UUID:
    """Record that the assignment has expired (rule `auto_expiry`); return the key to delete.

    The service states it, whoever met it: the date is the one that the coordinator signed.

    Raises Tampered `ending_unsigned` where no signed entry says which key that is.
    """
    key_id = endings.course(session, tx, assignment.id).key_id
    actor = service.own(session, tx).certificate
    close(session, tx, actor, assignment, Status.EXPIRED, key_id)
    return key_id


def is_due_to_expire(assignment: Assignment, session: Session) -> bool:
    """Say whether the assignment is open and past `expires_at`."""
    return (
        assignment.expires_at is not None
        and session.now >= assignment.expires_at
        and may_expire(assignment.status)
    )


def may_expire(status: Status) -> bool:
    """Say whether an assignment in this status can still expire."""
    return status in (*UNREAD, Status.READ, Status.ACKNOWLEDGED, Status.CONTACT_MADE)


def _told(assignment: Assignment, target: Status) -> tuple[UUID, ...]:
    if target is Status.EXPIRED:
        return tuple({assignment.recipient_user_id, assignment.dispatched_by_user_id})
    return (assignment.recipient_user_id,)
