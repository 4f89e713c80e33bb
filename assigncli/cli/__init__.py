"""The command line: each command is a file here, and `run` is the process that runs one of them."""

from __future__ import annotations

from assigncli.cli.frame.main import main, run

__all__ = ["main", "run"]
