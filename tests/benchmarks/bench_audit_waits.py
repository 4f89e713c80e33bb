"""What `audit verify` costs on a long log: time an entry, memory, and how long a writer waits.

Run with `python -m tests.benchmarks.bench_audit_waits [ENTRIES ...]`. The log is lengthened as in
`bench_audit_verify`. `audit verify` runs in a process of its own, while this one writes to a table
of its own in the same file, commits, and waits a little, again and again: the longest of these
writes is how long somebody at work has to wait. The same without verifying is said beside it.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from tests.acting import process
from tests.benchmarks.bench_audit_verify import lengthen
from tests.office import Office, found

SIZES = (10_000, 100_000)
PAUSE = 0.02
ALONE = 5.0
"""Seconds of writing with nobody reading."""


def main() -> None:
    """Print a line for each size."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        number = office.dispatch()
        office.ok(f"open {number} --reveal", profile="kari")
        for size in sizes:
            lengthen(office, size)
            _show(office, size)


def _show(office: Office, size: int) -> None:
    alone = _writes(office, lambda: time.sleep(ALONE))
    spent: list[tuple[float, int]] = []
    beside = _writes(office, lambda: spent.append(_verified(office)))
    ((seconds, peak),) = spent
    print(
        f"{size} entries: {seconds:.1f} s, {seconds / size * 1e6:.0f} us an entry,"
        f" peak {peak / 1024:.0f} MB; longest write beside it {max(beside):.2f} s"
        f" of {len(beside)}, alone {max(alone):.2f} s",
        flush=True,
    )


def _verified(office: Office) -> tuple[float, int]:
    """Verify in a process of its own; return seconds by the clock, and its peak memory in KB."""
    began = time.perf_counter()
    words = process(office, "audit verify --quiet")
    with subprocess.Popen(words, env=office.process_env(), stdout=subprocess.DEVNULL) as child:
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return time.perf_counter() - began, used.ru_maxrss


def _writes(office: Office, meanwhile: object) -> list[float]:
    """Write again and again while something else is done; return how long each write took."""
    assert callable(meanwhile)
    done = threading.Event()
    spent: list[float] = []

    def write() -> None:
        with closing(sqlite3.connect(office.store, timeout=60, isolation_level=None)) as db:
            db.execute("CREATE TABLE IF NOT EXISTS probe (at REAL)")
            while not done.is_set():
                began = time.perf_counter()
                db.execute("BEGIN IMMEDIATE")
                db.execute("INSERT INTO probe VALUES (?)", (began,))
                db.execute("COMMIT")
                spent.append(time.perf_counter() - began)
                time.sleep(PAUSE)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        meanwhile()
    finally:
        done.set()
        writer.join()
    return spent


if __name__ == "__main__":
    main()
