"""An expiry that an act meets before the sweep does."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import envelope, step
from assigncli.actions.session import Session
from assigncli.errors import Tampered
from assigncli.store.tables import Assignment


def expire_if_due(session: Session, tx: Transaction, row: Assignment) -> UUID | None:
    """Record the expiry, and return the key that is dead by it; None where none is due.

    Nobody's date ends a brief but the one that its dispatcher signed.
    """
    if not step.is_due_to_expire(row, session):
        return None
    try:
        envelope.require_intact(session, tx, row)
        return step.expire(session, tx, row)
    except Tampered:
        return None
