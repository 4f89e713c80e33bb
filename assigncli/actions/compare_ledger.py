"""Hold the ledger's lines against one another: their order, and the counts that each carries.

Each is known by its entry. That an entry has its line and no other is for `compare`, and comes
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final

from assigncli.actions.difference import Difference
from assigncli.domain.honorarium import Counts, LedgerKind
from assigncli.store.placed import Placed

LINE_DIFFERS: Final = "ledger_line_differs"
LINES_REORDERED: Final = "ledger_lines_reordered"


def ill_placed(lines: Iterable[Placed]) -> Iterator[Difference]:
    """Yield the lines that do not follow from those before them, of the same mentor and cycle.

    Their order says which completion is the third; the last one's counts are what a report shows.
    """
    for _ledger, own in groupby(lines, attrgetter("member_id", "reporting_cycle_id")):
        yield from _of_one(own)


def _of_one(lines: Iterable[Placed]) -> Iterator[Difference]:
    """Yield lines that stand before one of an earlier entry; or else one with other counts.

    The first whose counts are not those before it and its own: those after it may go on from it.
    """
    last, counts, in_order = 0, Counts(), True
    differs: Difference | None = None
    for line in lines:
        if line.sequence < last:
            in_order = False
            yield Difference(line.sequence, LINES_REORDERED, name=line.kind)
        last = max(last, line.sequence)
        counts = _after(counts, line)
        if differs is None and line.counts != counts:
            number = line.number if isinstance(line.number, int) else None
            differs = Difference(line.sequence, LINE_DIFFERS, number=number, name=line.kind)
    if in_order and differs is not None:
        yield differs


def _after(counts: Counts, line: Placed) -> Counts:
    completed = line.kind == LedgerKind.COMPLETED
    return counts.after(
        LedgerKind(line.kind),
        in_person=None if line.in_person is None else bool(line.in_person),
        from_earlier=completed and line.dispatched_in not in (None, line.reporting_cycle_id),
    )
