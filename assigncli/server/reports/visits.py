"""The yearly count of visits: each mentor's completions, in person or not.

From the same ledger as the honoraria. It never says who was visited.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from assigncli.server.agreement import lines_disagreeing
from assigncli.server.reports.basis import Basis, ReportScope, bases, mentor_asked
from assigncli.server.store import figures
from assigncli.server.store.figures import Scope, Visits, by_name
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class Visited(Visits):
    """One mentor's completions in one cycle; `not_said` are those without an answer."""

    cycle: str

    @property
    def visits(self) -> int:
        """The sum of all completions."""
        return self.in_person + self.not_in_person + self.not_said


@dataclass(frozen=True)
class CycleVisits:
    """One cycle's visits, sorted by name in Norwegian order; `up_to` is the last line counted.

    `disagreeing` are the handles of mentors whose last line differs from the log.
    """

    basis: Basis
    rows: tuple[Visited, ...]
    up_to: int
    disagreeing: tuple[str, ...]


@dataclass(frozen=True)
class Activity:
    """The visits asked for, of one mentor or of everyone."""

    cycles: tuple[CycleVisits, ...]
    mentor_id: UUID | None


def activity(turn: Turn, asked: ReportScope) -> Activity:
    """Return the visits of each cycle asked for; raises as `honorarium_report.report`."""
    with turn.store.read() as tx:
        mentor = mentor_asked(turn, tx, asked.mentor)
        mentor_id = None if mentor is None else mentor.id
        cycles = []
        for basis in bases(turn, tx, asked, mentor_id):
            scope = Scope(turn.organization_id, basis.cycle_id, mentor_id)
            found = figures.visits(tx, scope)
            up_to = max((each.last_line for each in found), default=0)
            wrong = lines_disagreeing(turn, tx, {each.last_line for each in found})
            named = tuple(each.handle for each in found if each.last_line in wrong)
            rows = (Visited(**vars(each), cycle=basis.cycle) for each in found)
            cycles.append(CycleVisits(basis, tuple(sorted(rows, key=by_name)), up_to, named))
        return Activity(tuple(cycles), mentor_id)
