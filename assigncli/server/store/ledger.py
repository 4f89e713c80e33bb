"""The honorarium ledger's rows: a mentor's counts from the last line, and single lines.

Nothing sums lines: each has the running counts after it, which the database checks against the
previous line.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from assigncli.domain.tiers import Counts, LedgerKind
from assigncli.server.store.tables import AssignmentThresholdLog, Member


def counts(tx: Session, member_ids: Collection[UUID], cycle_id: UUID) -> dict[UUID, Counts]:
    """Return the running counts of each of these mentors, all 0 for one without a line."""
    line = aliased(AssignmentThresholdLog)
    columns: list[Any] = [getattr(line, name) for name in Counts._fields]
    query = (
        select_columns(col(line.member_id), *columns)
        .select_from(Member)
        .join(line, col(line.id) == last_of(cycle_id))
        .where(col(Member.id).in_(member_ids))
    )
    found = {id_: Counts(*rest) for id_, *rest in tx.connection().execute(query)}
    return {**dict.fromkeys(member_ids, Counts()), **found}


def last_of(cycle_id: UUID, up_to: int | None = None) -> ScalarSelect[int | None]:
    """Return the id of the last line in the cycle of the enclosing query's `Member`.

    This is one step down an index, however many lines there are. With `up_to`, later lines do not
    count.
    """
    line = aliased(AssignmentThresholdLog)
    query = select_columns(func.max(col(line.id))).where(
        col(line.member_id) == col(Member.id), col(line.reporting_cycle_id) == cycle_id
    )
    if up_to is not None:
        query = query.where(col(line.id) <= up_to)
    return query.correlate(Member).scalar_subquery()


def has_line(tx: Session, assignment_id: UUID, kind: LedgerKind) -> bool:
    """Say whether the assignment has a line of this kind."""
    found = tx.exec(
        select(AssignmentThresholdLog.id).where(
            AssignmentThresholdLog.assignment_id == assignment_id,
            AssignmentThresholdLog.kind == kind,
        )
    ).first()
    return found is not None


def lines(tx: Session, line_ids: Collection[int]) -> list[AssignmentThresholdLog]:
    """Return the lines with these ids."""
    own = col(AssignmentThresholdLog.id).in_(line_ids)
    return list(tx.exec(select(AssignmentThresholdLog).where(own)))


def last_line(tx: Session, organization_id: UUID) -> int:
    """Return the id of the organisation's last line, 0 where there is none."""
    found = tx.exec(
        select(AssignmentThresholdLog.id)
        .where(AssignmentThresholdLog.organization_id == organization_id)
        .order_by(col(AssignmentThresholdLog.id).desc())
        .limit(1)
    ).first()
    return found or 0
