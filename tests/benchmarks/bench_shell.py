"""What a command costs inside `assign shell`, and what it costs as a process of its own.

Both are timed by the clock on the wall, in turn; inside, the shell's own start is subtracted.
Beside the store, at a server's socket, and by SSH through a real sshd on loopback.

    python -m tests.benchmarks.bench_shell [store] [socket] [ssh]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.accounts import Account
from tests.acts import sent
from tests.afar import ALIAS, office_afar
from tests.office import Office, found
from tests.serving import reached

PLACES = ("store", "socket", "ssh")
LINES = ("list", "show 1", "status", "config set contact_deadline_days 12")
ASSIGNMENTS = 20
COMMANDS = 50
RUNS = 5


def main(places: Sequence[str]) -> None:
    """Print the medians and their ratio."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {RUNS} runs in turn")
    if {"store", "socket"} & set(places):
        with tempfile.TemporaryDirectory() as folder:
            office = found(Path(folder) / "office")
            office.now = datetime.now(UTC)
            sent(office, ASSIGNMENTS)
            if "store" in places:
                _compare("store", lambda line, typed: _spawned(office, line, typed))
            if "socket" in places:
                with reached(office):
                    _compare("socket", lambda line, typed: _spawned(office, line, typed))
    if "ssh" in places:
        with office_afar() as afar:
            anne = afar.people["anne"]
            line = "create --to kari --title Visit --payload person.json --dispatch"
            afar.join("kari", "Kari Nordmann", "anne", f"ssh://{ALIAS}")
            afar.ok("anne", line)
            _compare("ssh", lambda line, typed: _by_account(anne, line, typed))


def _compare(place: str, run: Callable[[str, str], int]) -> None:
    for line in LINES:
        outside, inside = [], []
        for _run in range(RUNS):
            outside.append(_seconds(run, line, ""))
            few, many = (_seconds(run, "shell", f"{line}\n" * x) for x in (1, COMMANDS + 1))
            inside.append((many - few) / COMMANDS)
        apart, together = statistics.median(outside), statistics.median(inside)
        print(
            f"{place}, {line}: outside {apart * 1000:.0f} ms, inside {together * 1000:.1f} ms; "
            f"{apart / together:.0f} times as fast",
            flush=True,
        )


def _seconds(run: Callable[[str, str], int], line: str, typed: str) -> float:
    begun = time.perf_counter()
    assert run(line, typed) == 0
    return time.perf_counter() - begun


def _spawned(office: Office, line: str, typed: str) -> int:
    return office.spawn(line, stdin=typed.encode()).returncode


def _by_account(account: Account, line: str, typed: str) -> int:
    words = [*line.split(), "--passphrase-file", "passphrase"]
    return account.assign(*words, given=typed).returncode


if __name__ == "__main__":
    main(sys.argv[1:] or PLACES)
