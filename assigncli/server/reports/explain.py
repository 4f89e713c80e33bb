"""The ledger lines behind one mentor's figures, in order, with the counts after each.

Reads only. An assignment is identified by its number alone, also once it is archived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.tiers import LedgerKind, next_tier, remaining, tier_for, tier_reached_at
from assigncli.lookups.about_honorarium import (
    Basis,
    Explained,
    ExplainedLine,
    ReportScope,
    WantedLedger,
)
from assigncli.server.agreement import lines_disagreeing
from assigncli.server.reads import find
from assigncli.server.reports.basis import bases, mentor_asked
from assigncli.server.store import figures, organizations
from assigncli.server.store.figures import Scope, StepCounts
from assigncli.server.store.tables import Member
from assigncli.server.turn import Turn


def explain(turn: Turn, wanted: WantedLedger) -> Explained:
    """Return one mentor's lines in a cycle; by default the one that covers today.

    Raises NotAllowed `role_missing`, NotFound `cycle_not_found` or `member_not_found`.
    """
    mentor, cycle = wanted.mentor, wanted.cycle
    with turn.store.read() as tx:
        mentor_asked(turn, tx, mentor)
        member = find.member(turn, tx, mentor)
        asked = ReportScope(() if cycle is None else (cycle,), mentor)
        basis = next(iter(bases(turn, tx, asked, member.id)), None)
        lines: tuple[ExplainedLine, ...] = ()
        wrong: set[int] = set()
        if basis is not None:
            scope = Scope(turn.organization_id, basis.cycle_id, member.id)
            steps = figures.steps(tx, scope)
            wrong = lines_disagreeing(turn, tx, {step.line_id for step in steps})
            lines = tuple(_lines(turn, tx, basis, steps))
        return _explained(member, basis, lines, agrees=not wrong)


def _explained(
    member: Member, basis: Basis | None, lines: tuple[ExplainedLine, ...], *, agrees: bool
) -> Explained:
    completed = lines[-1].completed if lines else 0
    thresholds = () if basis is None else (basis.thresholds,)
    return Explained(
        handle=member.handle,
        display_name=member.display_name,
        basis=basis,
        lines=lines,
        counts=Counter(line.kind for line in lines),
        dispatched=lines[-1].dispatched if lines else 0,
        completed=completed,
        tier=tier_for(completed, *thresholds),
        remaining=remaining(completed, *thresholds),
        next_tier=next_tier(completed, *thresholds),
        agrees=agrees,
    )


def _lines(
    turn: Turn, tx: Transaction, basis: Basis, steps: Iterable[StepCounts]
) -> Iterable[ExplainedLine]:
    names = {row.id: row.name for row in organizations.cycles(tx, turn.organization_id)}
    for step in steps:
        completion = step.kind is LedgerKind.COMPLETED
        yield ExplainedLine(
            at=step.at,
            kind=step.kind,
            number=step.number,
            in_person=step.in_person,
            dispatched=step.dispatched,
            completed=step.completed,
            reached=tier_reached_at(step.completed, basis.thresholds) if completion else None,
            dispatched_in=_elsewhere(basis, names, step.dispatched_in),
        )


def _elsewhere(basis: Basis, names: Mapping[UUID, str], cycle_id: UUID | None) -> str | None:
    return None if cycle_id in (None, basis.cycle_id) else names.get(cycle_id)
