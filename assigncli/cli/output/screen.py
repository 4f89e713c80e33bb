"""What is known of the terminal that a stream leads to. Nothing here prints."""

from __future__ import annotations

import os
from typing import Final, TextIO

from assigncli.cli.frame import environ

WIDTH: Final = 80
"""The width where there is no terminal, unless COLUMNS says otherwise."""


def width_of(stream: TextIO) -> int:
    """Return the width of the terminal; elsewhere that of COLUMNS, or else a fixed one."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    said = environ().get("COLUMNS", "")
    return columns or (int(said) if said.isascii() and said.isdigit() else 0) or WIDTH


def can_be_drawn_over(stream: TextIO) -> bool:
    """Say whether a line on the stream can be replaced: it is a terminal, and not a dumb one."""
    return stream.isatty() and environ().get("TERM") != "dumb"
