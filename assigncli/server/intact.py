"""Verify an assignment against its dispatcher's signature and against the log.

Nothing is sealed, signed or written here.
"""

from __future__ import annotations

from itertools import pairwise

from sqlmodel import Session as Transaction

from assigncli.domain.actions import STEP_ACTION, STEP_OF, Action
from assigncli.domain.lifecycle import BY_MENTOR, Role, Status, may_move
from assigncli.errors import Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.server import certification
from assigncli.server.record import about, details_of
from assigncli.server.store import assignments
from assigncli.server.store.tables import Assignment, AuditEntry
from assigncli.server.turn import Turn
from assigncli.server.vouched import require_vouched
from assigncli.trust.tampering import manifest_invalid


def require_intact(turn: Turn, tx: Transaction, assignment: Assignment) -> Certificate:
    """Verify that the assignment is as signed and as logged; return the dispatcher's certificate.

    Raises Tampered `certificate_invalid` or `manifest_invalid`.
    """
    dispatcher = certification.verified_by_id(turn, tx, assignment.dispatcher_certificate_id)
    if (
        dispatcher.member != assignment.dispatched_by_user_id
        or Role.COORDINATOR.value not in dispatcher.roles
    ):
        raise manifest_invalid()
    require_vouched(tx, assignment, dispatcher.keys)
    told = about(turn, tx, assignment.id, (*STEP_ACTION.values(), Action.ASSIGNMENT_DECLINED))
    declined = [row.at for row in told if row.action == Action.ASSIGNMENT_DECLINED]
    if ([] if assignment.declined_at is None else [assignment.declined_at]) != declined:
        raise manifest_invalid()
    steps = [row for row in told if row.action in STEP_OF]
    _require_steps(turn, tx, assignment, steps)
    if assignment.dispatched_at is not None:
        _require_sent(turn, tx, assignment, dispatcher, steps)
    return dispatcher


def _require_steps(
    turn: Turn, tx: Transaction, assignment: Assignment, steps: list[AuditEntry]
) -> None:
    """Refuse a status that the log's steps do not lead to; the last step must be signed.

    Then no assignment comes back from recalled, expired or cancelled, and none is moved by raw SQL.
    The number is checked too: the service gave it in the log.
    """
    taken = [STEP_OF[row.action] for row in steps]
    current = assignments.by_id(tx, turn.organization_id, assignment.id)
    if (
        current is None
        or taken[:1] != [Status.PENDING]
        or taken[-1] is not current.status
        or not all(may_move(source, target) for source, target in pairwise(taken))
        or any(
            status in BY_MENTOR and row.actor_id != assignment.recipient_user_id
            for status, row in zip(taken, steps, strict=True)
        )
    ):
        raise manifest_invalid()
    _signer(turn, tx, steps[-1])
    if details_of(steps[-1].details).get("number") != assignment.number:
        raise manifest_invalid()


def _require_sent(
    turn: Turn,
    tx: Transaction,
    assignment: Assignment,
    dispatcher: Certificate,
    steps: list[AuditEntry],
) -> None:
    """Refuse unless the log has the dispatch, at this time and with this certificate in force.

    The log's order decides, not a date: a former member can sign any date.
    """
    for row in steps:
        if row.action == Action.ASSIGNMENT_DISPATCHED:
            if _signer(turn, tx, row) != dispatcher or row.at != assignment.dispatched_at:
                break
            return
    raise manifest_invalid()


def _signer(turn: Turn, tx: Transaction, row: AuditEntry) -> Certificate:
    try:
        signer = certification.signer_of(turn, tx, row)
    except Tampered:
        signer = None
    if signer is None:
        raise manifest_invalid()
    return signer
