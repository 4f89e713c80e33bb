"""Lets `python -m assigncli` do what the `assign` command does. Nothing else lives here."""

from __future__ import annotations

from assigncli.cli import run

if __name__ == "__main__":
    run()
