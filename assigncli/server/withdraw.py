"""What recall and cancel have in common: the assignment ends early, and its share is deleted."""

from __future__ import annotations

from uuid import UUID

from assigncli.domain.lifecycle import Role, Status
from assigncli.domain.moves import require_move
from assigncli.errors import Tampered
from assigncli.server import endings, step
from assigncli.server.carrying import Carrying
from assigncli.server.refused import Refused, by_code
from assigncli.server.step import NO_FACTS, Facts
from assigncli.server.store.tables import Assignment


def withdraw(doing: Carrying, target: Status) -> None:
    """End an assignment early; its share is deleted after the commit. Raises Refused."""
    doing.require_role(Role.COORDINATOR)
    row = doing.assignment()
    if doing.arguments["number"] != row.number:
        raise Refused("number_differs")
    with by_code(status=row.status.value):
        require_move(row.status, target, row.number)
        if "read" in doing.arguments and doing.arguments["read"] != was_read(row):
            raise Refused("changed_meanwhile")
    end_early(doing, row, target)


def end_early(doing: Carrying, row: Assignment, target: Status, more: Facts = NO_FACTS) -> None:
    """Take the step that ends an assignment; `more` are further facts of its entry."""
    key_id = _own_key(doing, row)
    with by_code(status=row.status.value):
        step.close(doing.turn, doing.tx, doing.actor, row, target, key_id, doing.request, more)
    if key_id is not None:
        doing.dead.append(key_id)


def was_read(row: Assignment) -> bool:
    """Return whether the mentor has opened the brief."""
    return row.first_read_at is not None


def _own_key(doing: Carrying, row: Assignment) -> UUID | None:
    """Return the assignment's key by the signed entries; None if none names it.

    The row could name the key of another assignment. Without a signed key the withdrawal still goes
    through, so that a forged row can be ended too.
    """
    try:
        return endings.course(doing.turn, doing.tx, row.id).key_id
    except Tampered:
        return None
