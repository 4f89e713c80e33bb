"""Take a step of an assignment: append its entry, write the rows that `projection` derives.

Always called inside a write transaction. The facts of an entry come from the act that takes the
step, or from `close` where an assignment ends early.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import STEP_ACTION, Action
from assigncli.domain.deadlines import has_run_out
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.domain.tiers import LedgerKind, tier_for
from assigncli.lookups.about_log import Fact
from assigncli.protocol.certificate import Certificate
from assigncli.server import endings, service, settings_in_force
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import keys as register
from assigncli.server.projection import ledger as counting
from assigncli.server.projection import steps
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.notifications import owed
from assigncli.server.record import record
from assigncli.server.request import Request
from assigncli.server.store import assignments, keys, ledger, notifications, ready
from assigncli.server.store.tables import Assignment, AssignmentStatusLog, AssignmentThresholdLog
from assigncli.server.turn import Turn

Facts = Mapping[str, Fact]

NO_FACTS: Final[Facts] = {}


def step(
    turn: Turn,
    tx: Transaction,
    actor: Certificate,
    assignment: Assignment,
    target: Status,
    *,
    facts: Facts = NO_FACTS,
    request: Request | None = None,
    key_id: UUID | None = None,
) -> None:
    """Take one step, and write all that follows from it.

    `facts` are what the entry says besides number and step: numbers and ids, as in `record`.
    `request` is the statement's; None if the service takes the step by itself. `key_id` is the key
    that ends with the step, or whose retention begins.

    Raises RuleRefused `valid_status_transition` or `recall_only_before_read`, also if another
    transaction took a step first.
    """
    said = {**facts_of(assignment, target), **facts}
    happened = happening(turn, actor, STEP_ACTION[target], assignment.id, said, request)
    move(tx, assignment, happened)
    record(turn, tx, actor, STEP_ACTION[target], assignment.id, **said)
    entail(tx, assignment, happened, key_id)


def facts_of(assignment: Assignment, target: Status) -> Facts:
    """Return the facts that the entry of every step has: number, old status and new status."""
    source = assignment.status.value
    return {"number": assignment.number, "from": source, "to": target.value}


def happening(
    turn: Turn,
    actor: Certificate,
    action: Action,
    subject: UUID,
    facts: Facts,
    request: Request | None = None,
) -> Happening:
    """Return what the entry that is about to be made says, for the projection."""
    told = Happening(turn.organization_id, action.value, subject, actor.member, turn.now, facts)
    if request is None:
        return told
    return replace(
        told,
        arguments=request.statement.arguments,
        texts=request.texts,
        statement=request.hash,
    )


def move(tx: Transaction, assignment: Assignment, happened: Happening) -> None:
    """Move the row and write its status log; the caller appends the entry and calls `entail`."""
    changed = projected.change(happened)
    source, target = assignment.status, changed.pop("status")
    require_move(source, target, assignment.number)
    moved = assignments.advance(
        tx, assignment, [source], target, unread_only=target is Status.RECALLED, **changed
    )
    if not moved:  # refuse by the status that the row has now
        tx.refresh(assignment)
        require_move(assignment.status, target, assignment.number)
    log = steps.row(happened)
    ready.insert_all(tx, AssignmentStatusLog, [log] if log else [])


def entail(
    tx: Transaction, assignment: Assignment, happened: Happening, key_id: UUID | None = None
) -> None:
    """Write what an entry changes in the key register, the ledger and the outbox."""
    keys.write(tx, register.change(happened, key_id))
    recipient, dispatcher = assignment.recipient_user_id, assignment.dispatched_by_user_id
    _count(tx, assignment, happened)
    notifications.queue_all(tx, owed(happened, recipient, dispatcher))


def _count(tx: Transaction, assignment: Assignment, happened: Happening) -> None:
    """Add the line that an entry makes in the ledger, if it makes one.

    A row that raw SQL marked as dispatched has no line for the dispatch; recalling or cancelling it
    must still be possible, so nothing is taken back.
    """
    cycle_id, mentor = happened.id("cycle"), assignment.recipient_user_id
    if cycle_id is None:
        return
    before = ledger.counts(tx, [mentor], cycle_id)[mentor]
    line = counting.line(happened, mentor, before, assignment.reporting_cycle_id)
    if line is not None and (
        line["kind"] is LedgerKind.COMPLETED
        or ledger.has_line(tx, assignment.id, LedgerKind.DISPATCHED)
    ):
        ready.insert_all(tx, AssignmentThresholdLog, [line])


def counted(turn: Turn, tx: Transaction, assignment: Assignment, cycle_id: UUID) -> Facts:
    """Return the facts of a completion: its cycle, its count in the cycle, and the tier.

    The order of the log decides the count.
    """
    mentor = assignment.recipient_user_id
    count = ledger.counts(tx, [mentor], cycle_id)[mentor].completed_count + 1
    tier = tier_for(count, settings_in_force.in_force(turn, tx).thresholds)
    return {"cycle": str(cycle_id), "count": count, "tier": tier.value}


def close(
    turn: Turn,
    tx: Transaction,
    actor: Certificate,
    assignment: Assignment,
    target: Status,
    key_id: UUID | None,
    request: Request | None = None,
    more: Facts = NO_FACTS,
) -> None:
    """End an assignment early: recalled, cancelled or expired; `more` are facts of its act alone.

    `key_id` is the assignment's key by the signed entries; from here on it is dead. The share is
    deleted after the commit: status first, then share.
    """
    was_sent = assignment.status is not Status.PENDING
    facts = _count_after(tx, assignment) if was_sent else {"cycle": None, "count": None}
    facts = {**facts, **more}
    step(turn, tx, actor, assignment, target, facts=facts, request=request, key_id=key_id)


def _count_after(tx: Transaction, assignment: Assignment) -> Facts:
    """Return the dispatch's cycle, and the mentor's dispatched count without this one."""
    cycle_id = assignment.reporting_cycle_id
    if cycle_id is None:
        return {"cycle": None, "count": None}
    mentor = assignment.recipient_user_id
    count = ledger.counts(tx, [mentor], cycle_id)[mentor].dispatched_count
    has_line = ledger.has_line(tx, assignment.id, LedgerKind.DISPATCHED)
    return {"cycle": str(cycle_id), "count": max(count - has_line, 0)}


def expire(turn: Turn, tx: Transaction, assignment: Assignment) -> UUID:
    """Record that the assignment has expired (rule `auto_expiry`); return the key to delete.

    The service states it, whoever met it: the coordinator signed the date.

    Raises Tampered `ending_unsigned` if no signed entry names the key.
    """
    key_id = endings.course(turn, tx, assignment.id).key_id
    actor = service.own(turn, tx).certificate
    close(turn, tx, actor, assignment, Status.EXPIRED, key_id)
    return key_id


def is_due_to_expire(assignment: Assignment, turn: Turn) -> bool:
    """Return whether the assignment is open and past `expires_at`."""
    return has_run_out(assignment.status, assignment.expires_at, turn.now)
