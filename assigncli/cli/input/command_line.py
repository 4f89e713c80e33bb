"""Read the lines of `assign shell`: commands, never answers.

At a terminal a line can be edited and an earlier one taken up again. What was typed as a command
is remembered in memory alone; answers are read elsewhere (`prompts`) and never come here.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Final, TextIO

from assigncli.cli.input.prompts import read_line
from assigncli.errors import Interrupted, InvalidInput

PROMPT: Final = "assign> "
_REMEMBERED: Final = 500
"""Lines."""


def is_terminal() -> bool:
    """Say whether a person types the commands, and so is shown a prompt."""
    return sys.stdin is not None and sys.stdin.isatty()


def next_line(lines: TextIO) -> str | None:
    """Return the next line of a file or pipe without its end; None at the end of it.

    Raises InvalidInput `not_text`.
    """
    try:
        line = lines.readline()
    except UnicodeDecodeError:
        raise InvalidInput("not_text") from None
    return line.rstrip("\r\n") if line else None


def typed_line() -> str | None:
    """Return the next line that a person types; None after Ctrl-D.

    Raises KeyboardInterrupt, and InvalidInput `not_text`.
    """
    try:
        if not sys.stdout.isatty():  # the prompt is no part of what goes into a file
            return read_line(PROMPT)
        _remember_in_memory()
        return input(PROMPT)
    except (EOFError, Interrupted):
        return None
    except UnicodeDecodeError:
        raise InvalidInput("not_text") from None


def _remember_in_memory() -> None:
    """Let lines be edited and taken up again; nothing is read from a file or written to one."""
    try:
        import readline
    except ImportError:  # Windows: its own console does it
        return
    with suppress(ValueError):
        while readline.get_current_history_length() >= _REMEMBERED:
            readline.remove_history_item(0)
