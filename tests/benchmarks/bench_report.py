"""What honorarium reports cost in stores of several sizes, and how that grows.

    python -m tests.benchmarks.bench_report                     1,000, 50,000 and 1,000,000
    python -m tests.benchmarks.bench_report 1000 20000          sizes of your own

One mentor's report must not grow with the store; the whole organisation's may grow with the lines
of the cycle and with nothing else. So a store holds cycles of a year's number of assignments each,
the last of them the one reported. Each act opens the store anew, as commands do; the best counts.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from assigncli.actions.report import explain, standing, visits
from assigncli.actions.report.basis import Asked
from tests.benchmarks.bench_scale import Act, filled, measured
from tests.benchmarks.filling import ID, _unguarded
from tests.office import Office, found
from tests.racing import rows, sent

SIZES = (1_000, 50_000, 1_000_000)
MENTOR = "mentor007"
A_YEAR = 20_000
"""Assignments in a cycle."""


def main() -> None:
    """Fill an office of each size, and print each report's milliseconds and their growth."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "founded")
        sent(office, 1)
        offices = {size: filled(office, Path(folder), size) for size in sizes}
        for size, each in offices.items():
            spread(each, size)
            ((lines, own),) = rows(
                each,
                "SELECT count(*), count(*) FILTER (WHERE m.handle = ?)"
                " FROM assignment_threshold_logs l JOIN members m ON m.id = l.member_id"
                " JOIN reporting_cycles c ON c.id = l.reporting_cycle_id WHERE c.name = '2026'",
                MENTOR,
            )
            print(f"{size}: {lines} lines in the cycle, {own} of them of one mentor")
        print(f"{'milliseconds':32}" + "".join(f"{size:>12}" for size in sizes) + "   growth")
        for name, act in acts().items():
            best = measured(offices, act)
            figures = "".join(f"{1000 * best[size]:12.1f}" for size in sizes)
            growth = " ".join(
                f"{best[larger] / best[smaller]:8.2f}" for smaller, larger in pairwise(sizes)
            )
            print(f"{name:32}{figures} {growth}", flush=True)


def spread(office: Office, size: int) -> None:
    """Move all but the newest assignments' lines to cycles of earlier years."""
    with closing(sqlite3.connect(office.store, isolation_level=None)) as db, _unguarded(db):
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for year, last in zip(
            range(2025, 1900, -1), range(size - A_YEAR, 0, -A_YEAR), strict=False
        ):
            ((cycle,),) = db.execute(
                "INSERT INTO reporting_cycles (id, organization_id, name, starts_on, ends_on,"
                f" status, created_at, closed_at) SELECT {ID}, organization_id, '{year}',"
                f" '{year}-01-01', '{year}-12-31', 'closed', created_at, created_at"
                " FROM reporting_cycles WHERE name = '2026' RETURNING id"
            ).fetchall()
            db.execute(
                "UPDATE assignment_threshold_logs SET reporting_cycle_id = ? WHERE assignment_id"
                " IN (SELECT id FROM assignments WHERE number > ? AND number <= ?)",
                (cycle, last - A_YEAR, last),
            )
        db.execute("COMMIT")


def acts() -> dict[str, Act]:
    """Return what is measured, by name."""
    one, everyone = Asked(mentor=MENTOR), Asked()
    return {
        "report --mentor": Act("anne", lambda session, _: standing.report(session, one)),
        "report --mentor --activity": Act("anne", lambda session, _: visits.activity(session, one)),
        "explain": Act("anne", lambda session, _: explain.explain(session, MENTOR, None)),
        "report": Act("anne", lambda session, _: standing.report(session, everyone)),
        "report --activity": Act("anne", lambda session, _: visits.activity(session, everyone)),
    }


if __name__ == "__main__":
    main()
