"""What honorarium reports cost with few and with very many assignments, as a ratio.

    python -m tests.benchmarks.bench_report                     1,000 and 200,000
    python -m tests.benchmarks.bench_report 1000 20000          sizes of your own

The mentors are the same in each store, and every line is in the cycle that is reported: what a
report costs must not grow, one mentor's or everyone's. `explain` lists a mentor's lines and grows
with them. Each act opens the store anew, as commands do; the best counts.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from assigncli.lookups.about_honorarium import (
    ACTIVITY,
    HONORARIUM,
    LEDGER,
    ReportScope,
    WantedLedger,
)
from tests.acts import sent
from tests.benchmarks.bench_scale import Act, filled, measured
from tests.office import Office, found
from tests.refusals import rows

SIZES = (1_000, 200_000)
MENTOR = "mentor007"


def main() -> None:
    """Fill an office of each size, and print each report's milliseconds and their ratio."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "founded")
        sent(office, 1)
        offices = {size: filled(office, Path(folder), size) for size in sizes}
        for size, each in offices.items():
            said(each, size)
        print(f"{'milliseconds':32}" + "".join(f"{size:>12}" for size in sizes) + "   ratio")
        for name, act in acts().items():
            best = measured(offices, act)
            figures = "".join(f"{1000 * best[size]:12.1f}" for size in sizes)
            print(f"{name:32}{figures}{best[sizes[-1]] / best[sizes[0]]:8.2f}", flush=True)


def said(office: Office, size: int) -> None:
    """Print how many lines the reports are about."""
    ((mentors, lines, own),) = rows(
        office,
        "SELECT count(DISTINCT member_id), count(*), count(*) FILTER (WHERE m.handle = ?)"
        " FROM assignment_threshold_logs l JOIN members m ON m.id = l.member_id",
        MENTOR,
    )
    print(f"{size}: {mentors} mentors with {lines} lines, {own} of them of one mentor")


def acts() -> dict[str, Act]:
    """Return what is measured, by name."""
    one, everyone = ReportScope(mentor=MENTOR), ReportScope()
    return {
        "report --mentor": Act("anne", lambda session, _: session.look(HONORARIUM, one)),
        "report --mentor --activity": Act("anne", lambda session, _: session.look(ACTIVITY, one)),
        "explain": Act("anne", lambda session, _: session.look(LEDGER, WantedLedger(MENTOR, None))),
        "report": Act("anne", lambda session, _: session.look(HONORARIUM, everyone)),
        "report --activity": Act("anne", lambda session, _: session.look(ACTIVITY, everyone)),
    }


if __name__ == "__main__":
    main()
