"""The honorarium ledger's rows: running counts as sums, and one more line.

The lines are the truth; nothing here keeps a counter.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from assigncli.domain.honorarium import CHANGES, LedgerKind
from assigncli.store.tables import Assignment, AssignmentThresholdLog


def dispatched_count(tx: Session, member_id: UUID, cycle_id: UUID) -> int:
    """Return the mentor's running count in the cycle: dispatched less withdrawn and expired."""
    return _sum(tx, member_id, cycle_id, AssignmentThresholdLog.dispatched_change)


def completed_count(tx: Session, member_id: UUID, cycle_id: UUID) -> int:
    """Return how many assignments the mentor completed in the cycle."""
    return _sum(tx, member_id, cycle_id, AssignmentThresholdLog.completed_change)


def has_line(tx: Session, assignment_id: UUID, kind: LedgerKind) -> bool:
    """Say whether the assignment has a line of this kind."""
    found = tx.exec(
        select(AssignmentThresholdLog.id).where(
            AssignmentThresholdLog.assignment_id == assignment_id,
            AssignmentThresholdLog.kind == kind,
        )
    ).first()
    return found is not None


def add_line(
    tx: Session, assignment: Assignment, kind: LedgerKind, cycle_id: UUID, at: datetime
) -> None:
    """Add the line that `kind` means for the assignment's recipient."""
    change = CHANGES[kind]
    tx.add(
        AssignmentThresholdLog(
            organization_id=assignment.organization_id,
            assignment_id=assignment.id,
            member_id=assignment.recipient_user_id,
            reporting_cycle_id=cycle_id,
            kind=kind,
            dispatched_change=change.dispatched_change,
            completed_change=change.completed_change,
            at=at,
        )
    )
    tx.flush()


def _sum(tx: Session, member_id: UUID, cycle_id: UUID, column: int) -> int:
    total = tx.exec(
        select(func.coalesce(func.sum(col(column)), 0)).where(
            col(AssignmentThresholdLog.member_id) == member_id,
            col(AssignmentThresholdLog.reporting_cycle_id) == cycle_id,
        )
    ).one()
    return int(total)
