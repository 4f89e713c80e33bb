"""`shell`: run commands one after the other in one process, with the keys unlocked once.

Each command is run as from outside: its own options, language, transaction and exit code. Nothing
of one is kept for the next but the unlocked keys, for a limited time, and the connection to a
server. It expands and redirects nothing.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.frame.options import take, usage, written
from assigncli.cli.frame.process import interrupt_once
from assigncli.cli.input.command_line import (
    complete_with,
    is_terminal,
    next_line,
    terminal_restorer,
    typed_line,
)
from assigncli.cli.input.prompts import say
from assigncli.cli.session.kept_keys import KeptKeys
from assigncli.cli.session.private_keys import unlocked_once
from assigncli.errors import AssignError, IdentityUnavailable, Interrupted, InvalidInput
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.cli.completion.in_shell import PieceEnding
    from assigncli.cli.session.kept_connections import KeptConnections

DEFAULT_MINUTES: Final = 15
MOST_MINUTES: Final = 480
SECONDS_A_MINUTE: Final = 60.0
_ENDING: Final = ("exit", "quit")
_OUTSIDE: Final = ("shell", "serve", "relay")
"""Commands that do not come back, or would unlock keys a second time."""
_CHANGING_KEYS: Final = frozenset({"key", "init", "join"})
"""Commands after which a key on this machine may be another one."""


@command(
    N_(
        "Run commands one after the other, without the word assign, until exit or Ctrl-D. Keys "
        "are unlocked once, when first needed, and forgotten after some minutes and at the end. "
        "Each command does what it does outside. Commands can also come from standard input."
    )
)
def shell(
    minutes: Annotated[
        int,
        typer.Option(
            "--for",
            metavar=N_("MINUTES"),
            min=1,
            max=MOST_MINUTES,
            help=N_("How long a key stays unlocked, at most."),
        ),
    ] = DEFAULT_MINUTES,
) -> None:
    from assigncli.cli.session.kept_connections import KeptConnections

    kept = _Kept(KeptKeys(minutes * SECONDS_A_MINUTE), KeptConnections())
    try:
        with _interrupts_restored():
            code = _attended(kept, minutes) if is_terminal() else _unattended(kept)
    finally:
        kept.end()
    if code:
        raise typer.Exit(code)


@dataclass(frozen=True)
class _Kept:
    """What one command leaves for the next."""

    keys: KeptKeys
    connections: KeptConnections

    def end(self) -> None:
        """Forget the keys, and end the connections."""
        self.keys.end()
        self.connections.close()


def _attended(kept: _Kept, minutes: int) -> int:
    """Run what a person types, until they end it; how commands ended was said to them."""
    out().note(
        ngettext(
            "Type a command without the word assign, or exit. Keys stay unlocked for at most "
            "{count} minute.",
            "Type a command without the word assign, or exit. Keys stay unlocked for at most "
            "{count} minutes.",
            minutes,
        ).format(count=minutes)
    )
    complete_with(_endings)
    restore_terminal = terminal_restorer()
    while True:
        restore_terminal()
        try:
            _on_interrupt(signal.default_int_handler)
            line = _asked()
            if line is None or line.strip() in _ENDING:
                break
            _run(line, kept)
        except KeyboardInterrupt:
            say("")
    out().note(_("The shell has ended, and the keys are forgotten."))
    return 0


def _endings(line: str, piece: str) -> Sequence[PieceEnding]:
    """Return how a line may go on; what that needs is imported when Tab is first pressed."""
    from assigncli.cli.completion.in_shell import LineOfShell

    return LineOfShell(written(current_globals()), _OUTSIDE, environ()).endings(line, piece)


def _asked() -> str | None:
    """Return the next line that is text; Ctrl-D ends its own line on the terminal."""
    while True:
        try:
            line = typed_line()
        except InvalidInput as error:
            out().error(error)
            continue
        if line is None:
            say("")
        return line


def _unattended(kept: _Kept) -> int:
    """Run the lines of standard input; return the code of the first that failed, 0 if none did.

    Ctrl-C ends all of it. The commands themselves find nothing to read.
    """
    first = 0
    lines = sys.stdin
    with _no_input():
        while (line := next_line(lines)) is not None and line.strip() not in _ENDING:
            code = _run(line, kept)
            if code == Interrupted.exit_code:
                return code
            first = first or code
    return first


@contextmanager
def _no_input() -> Iterator[None]:
    """Let commands read an empty standard input: a `-` would take the commands after it."""
    before = sys.stdin
    with open(os.devnull, encoding="utf-8") as nothing:
        sys.stdin = nothing
        try:
            yield
        finally:
            sys.stdin = before


def _run(line: str, kept: _Kept) -> int:
    """Run one line, say how it ended unless all is well, and return its exit code."""
    try:
        words = _words(line)
    except AssignError as error:
        out().error(error)
        code = error.exit_code
    else:
        code = _ended(words, kept) if words else 0
    if code:
        _say_code(code)
    return code


def _words(line: str) -> list[str]:
    """Return a line's words as a shell splits them, none for a comment; raise InvalidInput."""
    if line.lstrip().startswith("#"):
        return []
    try:
        words = shlex.split(line)
    except ValueError:
        raise usage(
            _("A quote is opened on the line, and not closed."),
            _("Type the line again, with the quote closed."),
        ) from None
    if words[:1] == ["assign"]:
        del words[0]
    named = next((word for word in take(words).rest if not word.startswith("-")), "")
    if named in _OUTSIDE:
        raise InvalidInput("not_in_shell", command=named)
    return words


def _ended(words: list[str], kept: _Kept) -> int:
    """Run a command as from outside, with the shell's own options before its own."""
    inherited = written(current_globals())
    _on_interrupt(interrupt_once)
    code = Context().run(_outside, [*inherited, *words], environ(), kept)
    if code == IdentityUnavailable.exit_code or _CHANGING_KEYS & set(words):
        kept.keys.forget()  # an error about a key is answered by loading it again
    return code


def _outside(words: list[str], environment: Mapping[str, str], kept: _Kept) -> int:
    """Run a command in a context of its own, as if none surrounded it."""
    from assigncli.cli import main
    from assigncli.cli.session.kept_connections import connections_kept

    with unlocked_once(kept.keys), connections_kept(kept.connections):
        return main(words, environment)


def _say_code(code: int) -> None:
    if out().mode == "json":
        out().remark(json.dumps({"exit_code": code}))
    else:
        say(_("Exit code: {code}").format(code=code))


@contextmanager
def _interrupts_restored() -> Iterator[None]:
    """Handle Ctrl-C after the block as before it."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        _on_interrupt(before)


def _on_interrupt(handler: Any) -> None:
    """Handle Ctrl-C in this way from now on; a command ignores it once it was pressed."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)
