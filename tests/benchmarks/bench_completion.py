"""What an answer to a shell that completes a line costs, beside importing Typer.

Processes of their own, run in turn; what is compared is their processor time. The aim is 1.5.
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

LINES = (
    "assign s",
    "assign show ",
    "assign create --to ",
    "assign list --status ",
    "assign edit -",
)
ASSIGNMENTS = 60
RUNS = 15


def main() -> None:
    """Print the medians, and what each is of the import."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {RUNS} runs in turn")
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        sent(office, ASSIGNMENTS)
        bare = [sys.executable, "-c", "import typer"]
        ask = [sys.executable, "-m", "assigncli"]
        environ = _environ(office, Path(folder) / "bytecode")
        taken: dict[str, list[float]] = {"import typer": [], **{line: [] for line in LINES}}
        for run in range(RUNS + 1):
            for name, each in taken.items():
                words = bare if name == "import typer" else ask
                seconds = _seconds(words, environ | {"_ASSIGN_LINE": name})
                if run:  # the first one compiles
                    each.append(seconds)
    typer = statistics.median(taken["import typer"])
    for name, each in taken.items():
        median = statistics.median(each)
        print(f"{name!r}: median {median:.3f} s, {median / typer:.2f} of the import")


def _environ(office: Office, bytecode: Path) -> dict[str, str]:
    """Return an environment in which bytecode is kept, as where the tool is installed."""
    more = {"ASSIGN_PROFILE": "anne", "_ASSIGN_COMPLETE": "bash"}
    return {**office.process_env(), **more, "PYTHONPYCACHEPREFIX": str(bytecode)}


def _seconds(words: list[str], environ: dict[str, str]) -> float:
    """Return the processor time of a process, its own and the system's for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
