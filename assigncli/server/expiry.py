"""Record an expiry that an act meets before the sweep does."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.errors import Tampered
from assigncli.server import intact, step
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn


def expire_if_due(turn: Turn, tx: Transaction, row: Assignment) -> UUID | None:
    """Record the expiry and return the key that it ends; None if none is due.

    Also None if the assignment is not as its dispatcher signed it: only a signed date may end a
    brief.
    """
    if not step.is_due_to_expire(row, turn):
        return None
    try:
        intact.require_intact(turn, tx, row)
        return step.expire(turn, tx, row)
    except Tampered:
        return None
