"""The command line: each command is a file here, and `run` is the process that runs one of them.

Nothing is imported until it is needed: a shell that asks how a line may go on gets its answer
without what commands need.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

__all__ = ["main", "run"]


def run() -> None:
    """Run the `assign` process: a command, or an answer to a shell that completes a line."""
    if "_ASSIGN_COMPLETE" in os.environ:
        from assigncli.cli.completion import answer

        answer.run()
        return
    from assigncli.cli.frame import main as frame

    frame.run()


def main(argv: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Run one command and return its exit code, as `frame.main.main`."""
    from assigncli.cli.frame import main as frame

    return frame.main(argv, environment)
