"""What a sweep of a hundred due assignments costs in a small store and in a large one, as a ratio.

Forty are to expire, forty to be reminded of, twenty to be shredded; they were really dispatched,
read and completed. The history beside them is filled in, see `filling`. Every run is in a fresh
copy of its store, the sizes take turns, and the best counts, since other work can only add. Time is
that of `assign sweep` through `main` in this process, by the clock and of CPU (which a busy machine
does not stretch), memory the most that a process of its own held. The aim is 1.2.

    python -m tests.benchmarks.bench_sweep                  1,000 and 1,000,000: 11 GB a copy
    python -m tests.benchmarks.bench_sweep 1000 50000       sizes of your own
    python -m tests.benchmarks.bench_sweep --live 1000 50000    all of them open, with their shares

Set TMPDIR to a file system in memory to leave the disk out.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.bench_bulk import peak
from tests.benchmarks.bench_scale import filled
from tests.due import Amounts, bring_due
from tests.office import Office, found

T = TypeVar("T")

SIZES = (1_000, 1_000_000)
REPEATS = 5
HUNDRED = Amounts(expire=40, remind=40, shred=20)
LATER = timedelta(days=38)
"""Tuesday 29 December 2026, noon, in the same reporting cycle, when notifications may go."""


@dataclass(frozen=True)
class Run:
    """What one sweep took, and what it said."""

    seconds: float
    cpu: float
    said: str


@dataclass(frozen=True)
class Figures:
    """The best seconds, by the clock and of this process's CPU, and the peak kilobytes."""

    seconds: float
    cpu: float
    peak: int


def main() -> None:
    """Fill the stores, sweep copies of them, and print time, memory and their ratios."""
    live = "--live" in sys.argv
    sizes = tuple(map(int, (each for each in sys.argv[1:] if each != "--live"))) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "founded")
        bring_due(office, HUNDRED, office.now + LATER)
        offices = {size: filled(office, Path(folder), size, live=live) for size in sizes}
        print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, best of {REPEATS}")
        print(f"{'':26}{'assignments':>12}{'time (ms)':>12}{'CPU (ms)':>12}{'peak (MB)':>12}")
        for name, prepare in KINDS.items():
            report(name, measured(offices, prepare))


def report(name: str, found: dict[int, Figures]) -> None:
    """Print a line for each size, and the ratios of the last to the first."""
    for size, each in found.items():
        times = f"{1000 * each.seconds:12.0f}{1000 * each.cpu:12.0f}"
        print(f"{name:26}{size:12}{times}{each.peak / 1024:12.1f}")
    first, *_others, last = found.values()
    times = f"{last.seconds / first.seconds:12.2f}{last.cpu / first.cpu:12.2f}"
    print(f"{'':26}{'ratio':>12}{times}{last.peak / first.peak:12.2f}", flush=True)


def measured(offices: dict[int, Office], prepare: Callable[[Office], None]) -> dict[int, Figures]:
    """Return the figures for each size; all sweeps must have done the same."""
    runs: dict[int, list[Run]] = {size: [] for size in offices}
    for _repeat in range(REPEATS):
        for size, office in offices.items():
            runs[size].append(fresh(office, prepare, swept))
    assert (
        len({tuple(sorted(run.said.splitlines())) for each in runs.values() for run in each}) == 1
    )
    return {
        size: Figures(
            seconds=min(run.seconds for run in runs[size]),
            cpu=min(run.cpu for run in runs[size]),
            peak=fresh(office, prepare, lambda copy: peak(copy, "sweep")),
        )
        for size, office in offices.items()
    }


def fresh(office: Office, prepare: Callable[[Office], None], act: Callable[[Office], T]) -> T:
    """Return what `act` returns of a prepared copy of the office, which is then removed."""
    copy = office.copy_to(office.folder.with_name(f"{office.folder.name}-copy"))
    try:
        prepare(copy)
        return act(copy)
    finally:
        shutil.rmtree(copy.folder)


def swept(office: Office) -> Run:
    """Sweep; return what it took and what it said."""
    start, worked = time.perf_counter(), time.process_time()
    result = office.ok("sweep")
    return Run(time.perf_counter() - start, time.process_time() - worked, result.stdout)


def not_swept_today(office: Office) -> None:
    """Make the next sweep the first of its day, which looks at every share in the vault."""
    with closing(sqlite3.connect(office.store)) as db:
        db.execute("DELETE FROM sweep_runs")
        db.commit()


KINDS: dict[str, Callable[[Office], None]] = {
    "a later sweep of a day": lambda _office: None,
    "the first sweep of a day": not_swept_today,
}


if __name__ == "__main__":
    main()
