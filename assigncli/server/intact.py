"""An assignment's envelope as rows: seal it, sign it, check it.

The bridge between `crypto`, which knows no rows, and `store`, which knows no keys.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.domain.actions import STEP_ACTION, Action
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

_STEP_OF: Final = {action.value: status for status, action in STEP_ACTION.items()}


def require_intact(turn: Turn, tx: Transaction, assignment: Assignment) -> Certificate:
    """Return the dispatcher's certificate, once the assignment stands as it was signed.

    Where it stands is what the log says, step by step. Raises Tampered `certificate_invalid` or
    `manifest_invalid`.
    """
    dispatcher = certification.verified_by_id(turn, tx, assignment.dispatcher_certificate_id)
    if (
        dispatcher.member != assignment.dispatched_by_user_id
        or Role.COORDINATOR.value not in dispatcher.roles
    ):
        raise manifest_invalid()
    require_vouched(tx, assignment, dispatcher.keys)
    steps = about(turn, tx, assignment.id, STEP_ACTION.values())
    _require_steps(turn, tx, assignment, steps)
    if assignment.dispatched_at is not None:
        _require_sent(turn, tx, assignment, dispatcher, steps)
    return dispatcher


def _require_steps(
    turn: Turn, tx: Transaction, assignment: Assignment, steps: list[AuditEntry]
) -> None:
    """Hold the status against the log: one way from draft to here, the last step signed.

    So that none comes back from recalled, expired or cancelled, and none is taken by a bare write.
    The number is the log's too: the service gave it.
    """
    taken = [_STEP_OF[row.action] for row in steps]
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
    """Refuse what the log does not say was sent then, under this certificate while it was good.

    The log's order counts, not a date: who has left may write any date.
    """
    for row in steps:
        if row.action == Action.ASSIGNMENT_DISPATCHED:
            if _signer(turn, tx, row) != dispatcher or row.at != assignment.dispatched_at:
                break
            return
    raise manifest_invalid()


def _signer(turn: Turn, tx: Transaction, row: AuditEntry) -> Certificate:
    try:
        return certification.signer_of(turn, tx, row)
    except Tampered:
        raise manifest_invalid() from None
