"""Recall and cancel: an assignment ends early, and its share is deleted."""

from __future__ import annotations

from uuid import UUID

from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import Role, Status
from assigncli.domain.moves import require_move
from assigncli.domain.privacy import require_no_personal_data, require_note
from assigncli.errors import Tampered
from assigncli.server import endings, step
from assigncli.server.carrying import Carrying
from assigncli.server.refused import Refused, by_code
from assigncli.server.store.tables import Assignment


def recall(doing: Carrying) -> None:
    """Withdraw an assignment that is unread, or a draft."""
    _end(doing, Status.RECALLED)


def cancel(doing: Carrying) -> None:
    """Call off an assignment before its completion; `read` says what its sender was told of it."""
    _salt, reason = doing.text("reason")
    today = local_day(doing.turn.now, doing.turn.zone)
    with by_code(field="reason"):
        require_note(reason)
        require_no_personal_data({"reason": reason}, None, today=today)
    if not reason.strip():
        raise Refused("reason_missing", field="reason", place=None)
    _end(doing, Status.CANCELLED)


def _end(doing: Carrying, target: Status) -> None:
    doing.require_role(Role.COORDINATOR)
    row = doing.assignment()
    if doing.arguments["number"] != row.number:
        raise Refused("number_differs")
    with by_code(status=row.status.value):
        require_move(row.status, target, row.number)
        if "read" in doing.arguments and doing.arguments["read"] != _was_read(row):
            raise Refused("changed_meanwhile")
        key_id = _own_key(doing, row)
        step.close(doing.turn, doing.tx, doing.actor, row, target, key_id, doing.request)
    if key_id is not None:
        doing.dead.append(key_id)


def _was_read(row: Assignment) -> bool:
    return row.first_read_at is not None


def _own_key(doing: Carrying, row: Assignment) -> UUID | None:
    """Return the key that signed entries say is the assignment's; None where none do.

    The row may name another's. It must be possible to withdraw even what somebody made up.
    """
    try:
        return endings.course(doing.turn, doing.tx, row.id).key_id
    except Tampered:
        return None
