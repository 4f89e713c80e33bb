"""What a backup and a restore cost in a store of 200,000 assignments: time, memory, waiting.

The history is filled in, see `filling`; each assignment has its share. Time is by the clock, of a
process of its own, and includes starting Python; memory is the most that it held. While the store
is backed up, another process writes one row after the other: how long the longest write took, and
without a backup beside it. The service's key is sealed before, so that Argon2id is in none but the
restore on another machine.

    python -m tests.benchmarks.bench_backup             200,000
    python -m tests.benchmarks.bench_backup 10000       a size of your own
"""

from __future__ import annotations

import multiprocessing
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.backing_up import backed_up, before_restore, with_passphrase
from tests.benchmarks.bench_bulk import peak
from tests.benchmarks.bench_scale import filled
from tests.office import Office, found

SIZE = 200_000


def main() -> None:
    """Fill a store, and print what each command took."""
    size = int(sys.argv[1]) if sys.argv[1:] else SIZE
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "founded")
        office.dispatch()
        backed_up(office)
        office = filled(office, Path(folder), size, live=True)
        print(f"{'':44}{'seconds':>9}{'peak (MB)':>11}", flush=True)
        backup, deletions = office.folder / "bench", office.folder / "list"
        restore = f"store restore {backup} --deletions {deletions} --yes"
        report("backup", office, f"store backup {backup}")
        report("the list of deletions alone", office, f"store backup {deletions} --only-deletions")
        copy = office.folder / "copy"
        vault = f"--with-vault {copy} {with_passphrase(office)}"
        report("backup with the vault", office, f"store backup {backup}-2 {vault}")
        report("restore over the store", office, restore)
        before_restore(office).unlink()
        office.store.unlink()
        report("restore where no store is", office, restore)
        longest("a write, alone", office, lambda: time.sleep(5))
        longest("a write, beside a backup", office, lambda: beside(office))


def report(name: str, office: Office, line: str) -> None:
    """Run a command in a process of its own; print its seconds and its peak."""
    start = time.perf_counter()
    kilobytes = peak(office, line)
    print(f"{name:44}{time.perf_counter() - start:9.1f}{kilobytes / 1024:11.0f}", flush=True)


def beside(office: Office) -> None:
    """Back up once more."""
    office.ok(f"store backup {office.folder}/beside")


def longest(name: str, office: Office, act: Callable[[], object]) -> None:
    """Print the longest that a write took while `act` ran."""
    ended = multiprocessing.Event()
    told: multiprocessing.Queue[tuple[float, int]] = multiprocessing.Queue()
    writer = multiprocessing.Process(target=_write, args=(office.store, ended, told))
    writer.start()
    time.sleep(1)
    start = time.perf_counter()
    act()
    seconds = time.perf_counter() - start
    ended.set()
    worst, count = told.get()
    writer.join()
    print(f"{name:44}{worst:9.2f} longest of {count} within {seconds:.1f} s", flush=True)


def _write(store: Path, ended: Event, told: multiprocessing.Queue[tuple[float, int]]) -> None:
    worst, count = 0.0, 0
    with closing(sqlite3.connect(store, timeout=60, isolation_level=None)) as db:
        while not ended.is_set():
            began = time.perf_counter()
            # Another value each time: SQLite writes no page for one that is there already.
            db.execute("UPDATE store_info SET recent_writes = ?", (secrets.token_hex(8),))
            worst, count = max(worst, time.perf_counter() - began), count + 1
            time.sleep(0.1)
    told.put((worst, count))


if __name__ == "__main__":
    main()
