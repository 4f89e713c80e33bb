"""`assign privacy`: what is kept about people, and why."""

from __future__ import annotations

from assigncli.cli.frame import group
from assigncli.cli.register import REGISTER_HELP, register

app = group()
app.command("register", help=REGISTER_HELP)(register)


@app.callback()
def _group() -> None:
    """Make a group of the one command."""
