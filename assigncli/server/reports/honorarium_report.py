"""What each mentor has earned in a cycle: completions, tier and when each threshold was reached.

Reads only. The figures are the running counts in the mentor's last ledger line, and in the line
that reached a threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.tiers import Tier, next_tier, remaining, tier_for
from assigncli.lookups.about_honorarium import (
    Basis,
    Figures,
    MentorStanding,
    Report,
    ReportScope,
    Tally,
    Totals,
    by_name,
)
from assigncli.server.agreement import lines_disagreeing
from assigncli.server.reports.basis import bases, mentor_asked
from assigncli.server.store import figures
from assigncli.server.store.figures import Reached, Scope
from assigncli.server.turn import Turn


def report(turn: Turn, asked: ReportScope) -> Report:
    """Return the figures of each cycle asked for.

    Raises NotAllowed `role_missing`, NotFound `cycle_not_found` or `member_not_found`.
    """
    with turn.store.read() as tx:
        mentor = mentor_asked(turn, tx, asked.mentor)
        mentor_id = None if mentor is None else mentor.id
        return Report(
            cycles=tuple(
                _figures(turn, tx, basis, mentor_id, since=asked.since)
                for basis in bases(turn, tx, asked, mentor_id)
            ),
            since=asked.since,
            mentor_id=mentor_id,
        )


def _figures(
    turn: Turn, tx: Transaction, basis: Basis, mentor_id: UUID | None, *, since: bool
) -> Figures:
    scope = Scope(turn.organization_id, basis.cycle_id, mentor_id)
    thresholds = basis.thresholds
    reached: dict[UUID, dict[int, Reached]] = {}
    for each in figures.reached(tx, scope, (thresholds.standard, thresholds.elevated)):
        reached.setdefault(each.member_id, {})[each.count] = each
    found = figures.tallies(tx, scope, basis.up_to)
    shown = [each for each in found if each.last_line > basis.up_to or not since]
    last = {each.last_line for each in shown if each.last_line}
    wrong = lines_disagreeing(turn, tx, last)
    return Figures(
        basis=basis,
        rows=tuple(
            sorted(
                (_standing(basis, each, reached.get(each.member_id, {})) for each in shown),
                key=by_name,
            )
        ),
        totals=_totals(basis, found),
        up_to=max((each.last_line for each in found), default=0),
        disagreeing=tuple(each.handle for each in shown if each.last_line in wrong),
    )


def _standing(basis: Basis, found: Tally, reached: dict[int, Reached]) -> MentorStanding:
    standard = reached.get(basis.thresholds.standard)
    elevated = reached.get(basis.thresholds.elevated)
    return MentorStanding(
        **vars(found),
        cycle=basis.cycle,
        tier=tier_for(found.completed, basis.thresholds),
        standard_reached_at=None if standard is None else standard.at,
        standard_reached_number=None if standard is None else standard.number,
        elevated_reached_at=None if elevated is None else elevated.at,
        elevated_reached_number=None if elevated is None else elevated.number,
        remaining=remaining(found.completed, basis.thresholds),
        next_tier=next_tier(found.completed, basis.thresholds),
        reached_since=_since(basis, ((Tier.ELEVATED, elevated), (Tier.STANDARD, standard))),
    )


def _since(basis: Basis, reached: Iterable[tuple[Tier, Reached | None]]) -> Tier | None:
    return next((tier for tier, at in reached if at and at.line_id > basis.up_to), None)


def _totals(basis: Basis, found: Sequence[Tally]) -> Totals:
    tiers = [tier_for(each.completed, basis.thresholds) for each in found]
    return Totals(
        dispatched=sum(each.dispatched for each in found),
        completed=sum(each.completed for each in found),
        none=tiers.count(Tier.NONE),
        standard=tiers.count(Tier.STANDARD),
        elevated=tiers.count(Tier.ELEVATED),
    )
