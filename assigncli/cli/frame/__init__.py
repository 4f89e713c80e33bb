"""What surrounds a running command: the global options, the output and the environment.

A command module needs only this one: `command` or `group` to register itself, `out` to show its
result, `current_globals` for the global options. Each call of `assigncli.cli.main` enters one
frame, also a call from inside a command. Nothing here parses or handles errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import typer

from assigncli.cli.frame.options import Globals
from assigncli.cli.output import Output
from assigncli.locale import language, use

__all__ = [
    "Frame",
    "Globals",
    "command",
    "current_globals",
    "description_of",
    "entered",
    "environ",
    "group",
    "is_nested",
    "out",
]

Function = TypeVar("Function", bound=Callable[..., Any])

_DESCRIPTION = "assign_description"


@dataclass(frozen=True)
class Frame:
    """What one call of `main` gives its command."""

    options: Globals
    output: Output
    environ: Mapping[str, str]


_current: ContextVar[Frame] = ContextVar("frame")


@contextmanager
def entered(frame: Frame, spoken: str) -> Iterator[None]:
    """Make `frame` current and use that language inside the block; restore both at the end."""
    before = language()
    token = _current.set(frame)
    use(spoken)
    try:
        yield
    finally:
        _current.reset(token)
        use(before)


def is_nested() -> bool:
    """Say whether a command is already running, as when the demo runs others."""
    return _current.get(None) is not None


def current_globals() -> Globals:
    """Return the global options; raise LookupError outside a command."""
    return _current.get().options


def out() -> Output:
    """Return the command's output; raise LookupError outside a command."""
    return _current.get().output


def environ() -> Mapping[str, str]:
    """Return the environment the command was started with; use this, never `os.environ`."""
    return _current.get().environ


def command(description: str) -> Callable[[Function], Function]:
    """Mark a function as a command; `description` is an `N_()` text, translated when shown.

    The function itself is unchanged. Its name on the command line, its module and its one-line
    summary are in `assigncli.cli.frame.commands`.
    """

    def mark(function: Function) -> Function:
        function.__dict__[_DESCRIPTION] = description
        return function

    return mark


def description_of(function: Callable[..., Any]) -> str | None:
    """Return the text given to `command`, untranslated, or None."""
    text = function.__dict__.get(_DESCRIPTION)
    return None if text is None else str(text)


def group(description: str | None = None) -> typer.Typer:
    """Make a group of commands; `description` is an `N_()` text, by default the table's summary.

    Register a command with `@app.command("name", help=N_("..."))`.
    """
    return typer.Typer(
        help=description,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
