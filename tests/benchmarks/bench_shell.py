"""What a command costs inside `assign shell`, and what it costs as a process of its own.

Both are timed by the clock on the wall, in turn; inside, the shell's own start is subtracted.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.acts import sent
from tests.office import Office, found

LINES = ("list", "show 1", "status", "config set contact_deadline_days 12")
ASSIGNMENTS = 20
COMMANDS = 50
RUNS = 5


def main() -> None:
    """Print the medians and their ratio."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {RUNS} runs in turn")
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        office.now = datetime.now(UTC)
        sent(office, ASSIGNMENTS)
        for line in LINES:
            outside, inside = [], []
            for _run in range(RUNS):
                outside.append(_seconds(office, line))
                few, many = (_seconds(office, "shell", f"{line}\n" * x) for x in (1, COMMANDS + 1))
                inside.append((many - few) / COMMANDS)
            apart, together = statistics.median(outside), statistics.median(inside)
            print(
                f"{line}: outside {apart * 1000:.0f} ms, inside {together * 1000:.1f} ms; "
                f"{apart / together:.0f} times as fast"
            )


def _seconds(office: Office, line: str, typed: str = "") -> float:
    begun = time.perf_counter()
    ended = office.spawn(line, stdin=typed.encode())
    assert ended.returncode == 0, ended.stderr
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
