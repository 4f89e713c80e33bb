"""Read the lines of `assign shell`: commands, never answers.

At a terminal a line can be edited, an earlier one taken up again, and Tab completes it. What was
typed as a command is remembered in memory alone; answers are read elsewhere (`prompts`) and never
come here. What Tab shows is plain lines, and then the prompt again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TextIO

from assigncli.cli.input.prompts import read_line
from assigncli.cli.output.plain import one_line
from assigncli.errors import Interrupted, InvalidInput
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.cli.completion.in_shell import PieceEnding

Endings = Callable[[str, str], "Sequence[PieceEnding]"]
"""Returns how a line up to the cursor may go on, and its last piece end."""

PROMPT: Final = "assign> "
_REMEMBERED: Final = 500
"""Lines."""
_SHOWN: Final = 40
"""Lines, when Tab shows what may stand there."""


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


def terminal_restorer() -> Callable[[], None]:
    """Return what sets the terminal back as it is now.

    A program that is killed while it asks for a password, such as ssh, leaves one that shows
    nothing of what is typed.
    """
    try:
        import termios
    except ImportError:  # Windows
        return lambda: None
    try:
        settings = termios.tcgetattr(sys.stdin)
    except (OSError, ValueError, termios.error):
        return lambda: None

    def restore() -> None:
        with suppress(OSError, ValueError, termios.error):
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)

    return restore


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


def complete_with(endings: Endings) -> None:
    """Let Tab complete the lines typed from now on, where the terminal can be asked for that."""
    try:
        import readline
    except ImportError:  # Windows
        return
    tab = _Tab(endings)
    readline.set_completer(tab)
    readline.set_completer_delims(" \t\n")
    if "libedit" in (readline.__doc__ or ""):
        readline.parse_and_bind("bind ^I rl_complete")
        return
    readline.parse_and_bind("tab: complete")
    readline.parse_and_bind("set show-all-if-ambiguous on")
    readline.set_completion_display_matches_hook(tab.show)


class _Tab:
    """Answers readline, which asks for one ending after the other."""

    def __init__(self, endings: Endings) -> None:
        self._endings = endings
        self._found: Sequence[PieceEnding] = ()

    def __call__(self, piece: str, index: int) -> str | None:
        if index == 0:
            self._found = self._asked(piece)
        if index >= len(self._found):
            return None
        text = self._found[index].text
        return f"{text} " if len(self._found) == 1 and not text.endswith("/") else text

    def _asked(self, piece: str) -> Sequence[PieceEnding]:
        import readline

        line = readline.get_line_buffer()[: readline.get_endidx()]
        try:
            return self._endings(line, piece)
        except Exception:  # nothing may be said in the middle of somebody's line
            return ()

    def show(self, _piece: str, _matches: Sequence[str], _longest: int) -> None:
        """Write each ending on its line, then the prompt and the line as it was typed."""
        import readline

        more = len(self._found) - _SHOWN
        shown = [one_line(each.shown) for each in self._found[:_SHOWN]]
        if more > 0:
            shown.append(_("{count} more.").format(count=more))
        line, cursor = readline.get_line_buffer(), readline.get_endidx()
        back = "\b" * (len(line) - cursor)
        sys.stdout.write("\n" + "\n".join(shown) + f"\n{PROMPT}{line}{back}")
        sys.stdout.flush()
