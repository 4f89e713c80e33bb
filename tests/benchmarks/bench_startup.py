"""What `assign list` and `--version` cost beyond importing the libraries they cannot do without.

All are processes of their own, run in turn, so that what else the machine does meets each alike;
what is compared is their processor time. The aim is 1.1: a tenth more than the bare imports, for
everything that is ours.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.acts import sent
from tests.office import Office, found

BARE = {
    "--version": "typer",
    "list --limit 30": "typer, sqlmodel, sqlalchemy.dialects.sqlite",
}
"""By command: the command line, the tables, and the dialect that opening any store loads."""
ASSIGNMENTS = 30
RUNS = 25


def main() -> None:
    """Print the medians and their ratios."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {RUNS} runs in turn")
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        sent(office, ASSIGNMENTS)
        environ = _environ(office, Path(folder) / "bytecode")
        for line, libraries in BARE.items():
            _compare(line, libraries, office, environ)


def _compare(line: str, libraries: str, office: Office, environ: dict[str, str]) -> None:
    """Run both in turn, and print what they took."""
    ways = {
        f"import {libraries}": [sys.executable, "-c", f"import {libraries}"],
        f"assign {line}": office.command(line),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(RUNS + 1):
        for name, words in ways.items():
            seconds = _seconds(words, environ)
            if run:  # the first one compiles
                taken[name].append(seconds)
    for name, each in taken.items():
        print(f"{name}: median {statistics.median(each):.3f} s, best {min(each):.3f} s")
    bare, ours = taken.values()
    ratio, best = statistics.median(ours) / statistics.median(bare), min(ours) / min(bare)
    print(f"ratio of the medians: {ratio:.2f}, of the best: {best:.2f}")


def _environ(office: Office, bytecode: Path) -> dict[str, str]:
    """Return an environment in which bytecode is kept, as where the tool is installed."""
    environ = {**office.process_env(), "PYTHONPYCACHEPREFIX": str(bytecode)}
    return {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _seconds(words: list[str], environ: dict[str, str]) -> float:
    """Return the processor time of a process, its own and the system's for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
