"""The honorarium ledger's rows: running counts as sums, and one more line.

The lines are the truth; nothing here keeps a counter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from assigncli.domain.honorarium import CHANGES, LedgerKind
from assigncli.store.tables import Assignment, AssignmentThresholdLog


@dataclass(frozen=True)
class Line:
    """Whose ledger a line is for, about which assignment; `in_person` is for a completion."""

    assignment_id: UUID
    member_id: UUID
    in_person: bool | None = None


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


def add_line(
    tx: Session,
    assignment: Assignment,
    kind: LedgerKind,
    cycle_id: UUID,
    at: datetime,
    *,
    in_person: bool | None = None,
) -> None:
    """Add the line that `kind` means for the assignment's recipient."""
    line = Line(assignment.id, assignment.recipient_user_id, in_person)
    add_lines(tx, assignment.organization_id, [line], kind, cycle_id, at)


def add_lines(
    tx: Session,
    organization_id: UUID,
    lines: Sequence[Line],
    kind: LedgerKind,
    cycle_id: UUID,
    at: datetime,
) -> None:
    """Add the line that `kind` means for each, at one moment in one cycle."""
    change = CHANGES[kind]
    common = {
        "organization_id": organization_id,
        "reporting_cycle_id": cycle_id,
        "kind": kind,
        "dispatched_change": change.dispatched_change,
        "completed_change": change.completed_change,
        "at": at,
    }
    rows = [{**common, **vars(line)} for line in lines]
    tx.connection().execute(insert(AssignmentThresholdLog), rows)


def _sum(tx: Session, member_id: UUID, cycle_id: UUID, column: int) -> int:
    total = tx.exec(
        select(func.coalesce(func.sum(col(column)), 0)).where(
            col(AssignmentThresholdLog.member_id) == member_id,
            col(AssignmentThresholdLog.reporting_cycle_id) == cycle_id,
        )
    ).one()
    return int(total)
