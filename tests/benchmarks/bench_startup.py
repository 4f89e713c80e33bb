"""What `assign list` costs beyond importing the libraries it cannot do without.

Both are processes of their own, run in turn, so that whatever else the machine does meets both.
The aim is 1.25: a quarter more than the bare imports, for everything that is ours.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.acts import sent
from tests.office import Office, found

LIBRARIES = "typer, sqlmodel, sqlalchemy.dialects.sqlite"
"""The command line, the tables, and the dialect that opening any store loads."""

ASSIGNMENTS = 30
RUNS = 25


def main() -> None:
    """Print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        sent(office, ASSIGNMENTS)
        bare = [sys.executable, "-c", f"import {LIBRARIES}"]
        lines = {"bare imports": bare, "assign list": office.command("list --limit 30")}
        environ = _environ(office, Path(folder) / "bytecode")
        taken: dict[str, list[float]] = {name: [] for name in lines}
        for run in range(RUNS + 1):
            for name, words in lines.items():
                seconds = _seconds(words, environ)
                if run:  # the first one compiles
                    taken[name].append(seconds)
    _report(taken)


def _environ(office: Office, bytecode: Path) -> dict[str, str]:
    """Return an environment in which bytecode is kept, as where the tool is installed."""
    environ = {**office.process_env(), "PYTHONPYCACHEPREFIX": str(bytecode)}
    return {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _seconds(words: list[str], environ: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(words, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _report(taken: dict[str, list[float]]) -> None:
    bare, ours = (statistics.median(seconds) for seconds in taken.values())
    best, our_best = (min(seconds) for seconds in taken.values())
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {RUNS} runs in turn")
    print(f"import {LIBRARIES}: median {bare:.3f} s, best {best:.3f} s")
    print(f"assign list of {ASSIGNMENTS}: median {ours:.3f} s, best {our_best:.3f} s")
    print(f"ratio of the medians: {ours / bare:.2f}, of the best: {our_best / best:.2f}")


if __name__ == "__main__":
    main()
