"""The yearly count of visits: each mentor's completions, in person or not.

From the same ledger as the honoraria. It never says who was visited.
"""

from __future__ import annotations

from assigncli.lookups.about_honorarium import (
    Activity,
    CycleVisits,
    ReportScope,
    Visited,
    by_name,
)
from assigncli.server.agreement import lines_disagreeing
from assigncli.server.reports.basis import bases, mentor_asked
from assigncli.server.store import figures
from assigncli.server.store.figures import Scope
from assigncli.server.turn import Turn


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
