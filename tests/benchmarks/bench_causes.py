"""Where a row of `dispatch --csv` spends its time, cause by cause, adding up to the whole.

The sheet of `bench_bulk` goes the real way, for fifty mentors. Clocks stand around the calls that
do what is named; one within another counts for itself alone, and what is in none is the rest. CPU
time of this process, since others use the machine too. The collector is set as the program sets it.

    python -m tests.benchmarks.bench_causes          3,000 rows
    python -m tests.benchmarks.bench_causes 10000    as many as you say
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

from nacl.signing import VerifyKey

from assigncli.cli.frame import process
from assigncli.client import create, exchange, sheet
from assigncli.crypto import envelope
from assigncli.crypto.identity import Identity
from assigncli.server import batch, rows
from assigncli.server.handle import Server
from assigncli.server.log_end import Log
from assigncli.server.store import engine
from tests.acting import identity_of
from tests.benchmarks import bench_bulk as bulk
from tests.office import found

ROWS = 3_000

CALLS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("sealing: payload, wraps", envelope, ("seal", "wrap")),
    ("signing", Identity, ("sign",)),
    ("verifying signatures", VerifyKey, ("verify",)),
    ("import keys", sheet, ("keyed_digest",)),
    ("SQLite, its guards, its commits", engine._Dialect, ("do_execute", "do_executemany")),
    ("SQLite, its guards, its commits", engine._Dialect, ("do_commit",)),
    ("server: a batch is read", batch, ("decode_batch", "decode_shares")),
    ("server: rules of a row", rows.Rows, ("new",)),
    ("server: entries, the tree", Log, ("append", "write")),
    ("server: all else", Server, ("handle",)),
    ("client: manifests, wraps' bodies", create, ("_signed",)),
    ("client: a batch is spelled", create, ("attachments",)),
    ("client: a reply is believed", exchange, ("verify_reply",)),
)


class Clocks:
    """What each cause has taken; of causes within one another only the innermost runs."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self._causes = ["all else"]
        self._since = time.process_time()

    def begin(self, cause: str) -> None:
        """Let this cause run."""
        self._note()
        self._causes.append(cause)

    def end(self) -> None:
        """Let the one around it run again."""
        self._note()
        self._causes.pop()

    def _note(self) -> None:
        now = time.process_time()
        self.taken[self._causes[-1]] += now - self._since
        self._since = now

    def around(self, cause: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with a clock around it."""

        @wraps(call)
        def clocked(*arguments: Any, **named: Any) -> Any:
            self.begin(cause)
            try:
                return call(*arguments, **named)
            finally:
                self.end()

        return clocked

    def around_each(self, cause: str, call: Callable[..., Iterator[Any]]) -> Callable[..., Any]:
        """Return the generator with a clock around each step of it."""
        return lambda *words, **named: iter(
            self.around(cause, partial_next(call(*words, **named))), None
        )


def partial_next(steps: Iterator[Any]) -> Callable[[], Any]:
    """Return what gives the next of them, None at the end."""
    return lambda: next(steps, None)


def main() -> None:
    """Print milliseconds a row by cause, and beside them the bare cryptography."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    gc.set_threshold(process._OBJECTS_BETWEEN_COLLECTIONS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        office = found(folder / "office")
        readers = bulk.enrolled(office)
        path = bulk.sheet(folder / "sheet.csv", count)
        payloads = [bulk.person(at).to_bytes() for at in range(count)]
        run = bulk.Numbered(office, folder, path)
        bulk.Numbered(office, folder, bulk.sheet(folder / "few.csv", 5))()  # imports, statements
        alone = bulk.timed(
            lambda: bulk.cryptography_alone(identity_of(office, "anne"), readers, payloads)
        )
        whole = run()
        clocks = clocked()
        begun = time.process_time()
        run()
        clocks.begin("")
    report(count, clocks.taken, time.process_time() - begun)
    print(
        f"\nwithout clocks {1000 * whole.cpu / count:.3f} ms a row, its cryptography alone"
        f" {1000 * alone.cpu / count:.3f}: {alone.cpu / whole.cpu:.3f} of its speed by CPU,"
        f" {alone.wall / whole.wall:.3f} by the wall"
    )


def clocked() -> Clocks:
    """Put clocks around all calls."""
    clocks = Clocks()
    for cause, owner, names in CALLS:
        for name in names:
            setattr(owner, name, clocks.around(cause, getattr(owner, name)))
    sheet.rows = clocks.around_each("reading the sheet, twice", sheet.rows)  # type: ignore[assignment]
    return clocks


def report(count: int, taken: Counter[str], whole: float) -> None:
    """Print the causes, the largest first, and their sum."""
    print(f"{count} rows, ms a row by cause, CPU")
    for cause, seconds in taken.most_common():
        print(f"{1000 * seconds / count:8.3f}  {cause}")
    print(
        f"{1000 * sum(taken.values()) / count:8.3f}  their sum; {1000 * whole / count:.3f} measured"
    )


if __name__ == "__main__":
    main()
