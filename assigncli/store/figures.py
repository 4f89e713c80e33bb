"""The figures of a report, summed from the honorarium ledger's lines by the database itself.

No query brings all of an organisation's lines here, and each goes by the index that begins with the
mentor and the cycle: what one mentor's figures cost does not grow with the store.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from assigncli.domain.honorarium import LedgerKind
from assigncli.store.columns import unindexed
from assigncli.store.tables import (
    ArchivedAssignment,
    Assignment,
    AssignmentThresholdLog,
    Member,
    OrganizationSetting,
)

NUMBER: Final = func.coalesce(col(Assignment.number), col(ArchivedAssignment.number))


@dataclass(frozen=True)
class Scope:
    """Whose lines are asked for: one cycle's, of every mentor or of one."""

    organization_id: UUID
    cycle_id: UUID
    member_id: UUID | None = None


@dataclass(frozen=True)
class Sums:
    """One mentor's sums over a cycle's lines.

    Those named `since` are over the lines after a given one. `completed_from_earlier` are
    completions of what was dispatched in another cycle. `last_line` is the id of the newest line.
    """

    member_id: UUID
    handle: str
    display_name: str
    dispatched: int
    completed: int
    dispatched_since: int
    completed_since: int
    lines_since: int
    completed_from_earlier: int
    last_line: int


@dataclass(frozen=True)
class Visits:
    """One mentor's completions in a cycle, by whether the contact was in person."""

    handle: str
    display_name: str
    in_person: int
    not_in_person: int
    not_said: int
    last_line: int


@dataclass(frozen=True)
class Reached:
    """The completion that brought a mentor's count to `count`; `at` is aware UTC.

    `number` is None where the store has no such assignment any more.
    """

    line_id: int
    member_id: UUID
    count: int
    at: datetime
    number: int | None


@dataclass(frozen=True)
class Step:
    """One line, with both counts as they stand after it; `at` is aware UTC.

    `dispatched_in` is the cycle of the assignment's dispatch.
    """

    kind: LedgerKind
    at: datetime
    number: int | None
    in_person: bool | None
    dispatched_in: UUID | None
    dispatched: int
    completed: int


def sums(tx: Session, scope: Scope, since: int = 0) -> list[Sums]:
    """Return the sums of each mentor with a line in the scope, in no order."""
    line, sent = aliased(AssignmentThresholdLog), aliased(AssignmentThresholdLog)
    later = col(line.id) > since
    elsewhere = col(sent.reporting_cycle_id) != scope.cycle_id
    query = (
        _columns(
            Member.id,
            Member.handle,
            Member.display_name,
            func.sum(line.dispatched_change),
            func.sum(line.completed_change),
            func.sum(case((later, line.dispatched_change), else_=0)),
            func.sum(case((later, line.completed_change), else_=0)),
            func.sum(case((later, 1), else_=0)),
            func.sum(case((elsewhere, 1), else_=0)),
            func.max(line.id),
        )
        .select_from(Member)
        .join(line, _of_member(scope, line))
        .outerjoin(
            sent,
            and_(
                col(line.kind) == LedgerKind.COMPLETED,
                col(sent.assignment_id) == line.assignment_id,
                col(sent.kind) == LedgerKind.DISPATCHED,
            ),
        )
        .where(*_members(scope))
        .group_by(col(Member.id), col(Member.handle), col(Member.display_name))
    )
    return [Sums(*row) for row in tx.connection().execute(query)]


def visits(tx: Session, scope: Scope) -> list[Visits]:
    """Return the completions of each mentor who has one in the scope, in no order."""
    line = aliased(AssignmentThresholdLog)
    in_person = col(line.in_person)
    query = (
        _columns(
            Member.handle,
            Member.display_name,
            *(
                func.sum(case((said, 1), else_=0))
                for said in (in_person.is_(True), in_person.is_(False), in_person.is_(None))
            ),
            func.max(line.id),
        )
        .select_from(Member)
        .join(line, and_(_of_member(scope, line), col(line.kind) == LedgerKind.COMPLETED))
        .where(*_members(scope))
        .group_by(col(Member.id), col(Member.handle), col(Member.display_name))
    )
    return [Visits(*row) for row in tx.connection().execute(query)]


def reached(tx: Session, scope: Scope, counts: Collection[int]) -> list[Reached]:
    """Return, for each mentor in the scope, the completions that were the `counts`-th."""
    line = aliased(AssignmentThresholdLog)
    counted = (
        _columns(
            col(line.id).label("line_id"),
            line.member_id,
            line.assignment_id,
            func.sum(line.completed_change)
            .over(partition_by=col(Member.id), order_by=col(line.id))
            .label("completed"),
            line.at,
        )
        .select_from(Member)
        .join(line, and_(_of_member(scope, line), col(line.kind) == LedgerKind.COMPLETED))
        .where(*_members(scope))
        .subquery()
    )
    found = counted.c
    query = _with_number(
        _columns(found.line_id, found.member_id, found.completed, found.at, NUMBER),
        counted,
        found.assignment_id,
    ).where(found.completed.in_(counts))
    return [Reached(*row) for row in tx.connection().execute(query)]


def steps(tx: Session, scope: Scope) -> list[Step]:
    """Return every line in the scope of one mentor, in order, with the counts after each."""
    line, sent = aliased(AssignmentThresholdLog), aliased(AssignmentThresholdLog)
    running = (
        func.sum(change).over(order_by=col(line.id))
        for change in (line.dispatched_change, line.completed_change)
    )
    query = (
        _with_number(
            _columns(line.kind, line.at, NUMBER, line.in_person, sent.reporting_cycle_id, *running),
            line,
            col(line.assignment_id),
        )
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
    return [Step(*row) for row in tx.connection().execute(query)]


def settings_before(
    tx: Session, organization_id: UUID, names: Collection[str], moment: datetime
) -> dict[str, str]:
    """Return the settings named as they stood just before `moment` (aware UTC), where set."""
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


def _of_member(scope: Scope, line: type[AssignmentThresholdLog]) -> ColumnElement[bool]:
    """Join a mentor's lines: by the index that begins with the mentor, not by walking them all."""
    return and_(
        col(line.member_id) == Member.id,
        col(line.reporting_cycle_id) == scope.cycle_id,
        unindexed(col(line.organization_id)) == scope.organization_id,
    )


def _members(scope: Scope) -> list[ColumnElement[bool]]:
    own = [col(Member.organization_id) == scope.organization_id]
    return own if scope.member_id is None else [*own, col(Member.id) == scope.member_id]


def _with_number(query: Select[Any], source: Any, assignment_id: Any) -> Select[Any]:
    """Let `NUMBER` be the assignment's number, also once it is archived."""
    return (
        query.select_from(source)
        .outerjoin(Assignment, col(Assignment.id) == assignment_id)
        .outerjoin(ArchivedAssignment, col(ArchivedAssignment.id) == assignment_id)
    )


def _columns(*columns: Any) -> Select[Any]:
    """Select columns: more of them, and less typed, than the signatures at hand have room for."""
    return select_columns(*columns)
