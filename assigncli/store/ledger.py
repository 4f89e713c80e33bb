"""The honorarium ledger's rows: running counts as sums, and one more line.

The lines are the truth; nothing here keeps a counter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from assigncli.domain.honorarium import LedgerKind
from assigncli.store.tables import AssignmentThresholdLog


def dispatched_counts(tx: Session, member_ids: Collection[UUID], cycle_id: UUID) -> dict[UUID, int]:
    """Return the running count of each mentor named, 0 where the ledger has none."""
    total = func.sum(col(AssignmentThresholdLog.dispatched_change))
    found = tx.exec(
        select(AssignmentThresholdLog.member_id, total)
        .where(
            col(AssignmentThresholdLog.member_id).in_(member_ids),
            col(AssignmentThresholdLog.reporting_cycle_id) == cycle_id,
        )
        .group_by(col(AssignmentThresholdLog.member_id))
    )
    return {**dict.fromkeys(member_ids, 0), **{id_: int(count) for id_, count in found}}


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


def last_line(tx: Session, organization_id: UUID) -> int:
    """Return the number of the ledger's last line, 0 where there is none."""
    found = tx.exec(
        select(AssignmentThresholdLog.id)
        .where(AssignmentThresholdLog.organization_id == organization_id)
        .order_by(col(AssignmentThresholdLog.id).desc())
        .limit(1)
    ).first()
    return found or 0


def add_lines(tx: Session, lines: Sequence[Mapping[str, Any]]) -> None:
    """Add lines, in order."""
    tx.connection().execute(insert(AssignmentThresholdLog), [dict(line) for line in lines])


def _sum(tx: Session, member_id: UUID, cycle_id: UUID, column: int) -> int:
    total = tx.exec(
        select(func.coalesce(func.sum(col(column)), 0)).where(
            col(AssignmentThresholdLog.member_id) == member_id,
            col(AssignmentThresholdLog.reporting_cycle_id) == cycle_id,
        )
    ).one()
    return int(total)
