"""Make `python -m assigncli` run the `assign` command."""

from __future__ import annotations

from assigncli.cli import run

if __name__ == "__main__":
    run()
