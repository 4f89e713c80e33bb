"""The figures of a report, from each mentor's last line in the honorarium ledger.

A line has the running counts after it, so no query sums lines or scans a cycle: the cost of a
report grows only with its number of mentors. Only `steps` reads every line, of one mentor.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal_column
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from assigncli.domain.tiers import LedgerKind
from assigncli.lookups.about_honorarium import Tally, Visits
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.ledger import last_of
from assigncli.server.store.tables import (
    Assignment,
    AssignmentThresholdLog,
    Member,
    OrganizationSetting,
)

NUMBER: Final = func.coalesce(col(Assignment.number), col(ArchivedAssignment.number))


@dataclass(frozen=True)
class Scope:
    """The lines that are asked for: one cycle's, of every mentor or of one."""

    organization_id: UUID
    cycle_id: UUID
    member_id: UUID | None = None


@dataclass(frozen=True)
class Reached:
    """The completion that brought a mentor's count to `count`; `at` is aware UTC.

    `number` is None where the store no longer has the assignment.
    """

    line_id: int
    member_id: UUID
    count: int
    at: datetime
    number: int | None


@dataclass(frozen=True)
class StepCounts:
    """One line, with the counts after it; `at` is aware UTC.

    `dispatched_in` is the cycle of the assignment's dispatch.
    """

    line_id: int
    kind: LedgerKind
    at: datetime
    number: int | None
    in_person: bool | None
    dispatched_in: UUID | None
    dispatched: int
    completed: int


def tallies(tx: Session, scope: Scope, since: int = 0) -> list[Tally]:
    """Return the counts of each mentor with a line in the scope, unordered.

    Lines up to the id `since` do not count for the fields named `since`.
    """
    line, before = aliased(AssignmentThresholdLog), aliased(AssignmentThresholdLog)
    query = (
        _columns(
            Member.id,
            Member.handle,
            Member.display_name,
            line.dispatched_count,
            line.completed_count,
            line.dispatched_count - func.coalesce(before.dispatched_count, 0),
            line.completed_count - func.coalesce(before.completed_count, 0),
            line.from_earlier_count,
            line.id,
        )
        .select_from(Member)
        .join(line, _last(scope, line))
        .outerjoin(before, col(before.id) == last_of(scope.cycle_id, since))
        .where(*_members(scope))
    )
    return [Tally(*row) for row in tx.connection().execute(query)]


def visits(tx: Session, scope: Scope) -> list[Visits]:
    """Return the completions of each mentor who has any in the scope, unordered."""
    line, newest = aliased(AssignmentThresholdLog), aliased(AssignmentThresholdLog)
    query = (
        _columns(
            Member.handle,
            Member.display_name,
            line.in_person_count,
            line.not_in_person_count,
            line.completed_count - line.in_person_count - line.not_in_person_count,
            func.coalesce(newest.id, line.id),
        )
        .select_from(Member)
        .join(line, _last(scope, line))
        .outerjoin(
            newest,
            and_(_completions(scope, newest), col(newest.completed_count) == line.completed_count),
        )
        .where(*_members(scope), col(line.completed_count) > 0)
    )
    return [Visits(*row) for row in tx.connection().execute(query)]


def reached(tx: Session, scope: Scope, counts: Collection[int]) -> list[Reached]:
    """Return, for each mentor in the scope, the completions whose running count is in `counts`."""
    line = aliased(AssignmentThresholdLog)
    query = (
        _columns(line.id, line.member_id, line.completed_count, line.at, NUMBER)
        .select_from(Member)
        .join(line, and_(_completions(scope, line), col(line.completed_count).in_(counts)))
        .where(*_members(scope))
    )
    query = _with_number(query, col(line.assignment_id))
    return [Reached(*row) for row in tx.connection().execute(query)]


def steps(tx: Session, scope: Scope) -> list[StepCounts]:
    """Return every line of one mentor's scope in order, with the counts after each."""
    line, sent = aliased(AssignmentThresholdLog), aliased(AssignmentThresholdLog)
    query = _columns(
        line.id,
        line.kind,
        line.at,
        NUMBER,
        line.in_person,
        sent.reporting_cycle_id,
        line.dispatched_count,
        line.completed_count,
    ).select_from(line)
    query = (
        _with_number(query, col(line.assignment_id))
        .outerjoin(
            sent,
            and_(
                col(sent.assignment_id) == line.assignment_id,
                col(sent.kind) == LedgerKind.DISPATCHED,
            ),
        )
        .where(
            col(line.organization_id) == scope.organization_id,
            col(line.reporting_cycle_id) == scope.cycle_id,
            col(line.member_id) == scope.member_id,
        )
        .order_by(col(line.id))
    )
    return [StepCounts(*row) for row in tx.connection().execute(query)]


def settings_before(
    tx: Session, organization_id: UUID, names: Collection[str], moment: datetime
) -> dict[str, str]:
    """Return these settings as they were just before `moment` (aware UTC), where set."""
    rows = tx.exec(
        select(OrganizationSetting.name, OrganizationSetting.value)
        .where(
            OrganizationSetting.organization_id == organization_id,
            col(OrganizationSetting.name).in_(names),
            OrganizationSetting.set_at < moment,
        )
        .order_by(col(OrganizationSetting.id))
    )
    return dict(rows.all())


def _last(scope: Scope, line: type[AssignmentThresholdLog]) -> ColumnElement[bool]:
    """Return the join condition for a mentor's last line in the scope."""
    return and_(
        col(line.id) == last_of(scope.cycle_id),
        unindexed(col(line.organization_id)) == scope.organization_id,
    )


def _completions(scope: Scope, line: type[AssignmentThresholdLog]) -> ColumnElement[bool]:
    """Return the join condition for a mentor's completions, using the index of only those."""
    return and_(
        col(line.member_id) == Member.id,
        col(line.reporting_cycle_id) == scope.cycle_id,
        unindexed(col(line.organization_id)) == scope.organization_id,
        col(line.kind) == literal_column(f"'{LedgerKind.COMPLETED}'"),
    )


def _members(scope: Scope) -> list[ColumnElement[bool]]:
    own = [col(Member.organization_id) == scope.organization_id]
    return own if scope.member_id is None else [*own, col(Member.id) == scope.member_id]


def _with_number(query: Select[Any], assignment_id: Any) -> Select[Any]:
    """Join what `NUMBER` needs: the assignment, or the archived one."""
    return query.outerjoin(Assignment, col(Assignment.id) == assignment_id).outerjoin(
        ArchivedAssignment, col(ArchivedAssignment.id) == assignment_id
    )


def _columns(*columns: Any) -> Select[Any]:
    """Select any number of columns; SQLModel's `select` is typed for only a few."""
    return select_columns(*columns)
