"""The entry to the command line, where an error becomes words and an exit code.

`run` is the process, `main` one command in it, which a command may call again. Nothing here knows
what any command does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

import typer

from assigncli import disk_error
from assigncli.cli.frame import Frame, entered, environ, is_nested, out
from assigncli.cli.frame.options import Taken, take
from assigncli.cli.frame.process import end_undisturbed, give_up_streams, is_broken, prepare
from assigncli.cli.frame.root import root
from assigncli.cli.frame.trace import trace
from assigncli.cli.frame.usage import explain
from assigncli.cli.input.spoken_language import spoken_language
from assigncli.cli.output import Mode, Output, OutputLostError
from assigncli.errors import AssignError, Interrupted
from assigncli.profiles import Preferences, preferences

CUT_SHORT = 1
"""Exit code when the reader of the output stopped: unread output may matter, so not 0."""


def run() -> None:
    """Run the `assign` process."""
    prepare()
    try:
        code = main()
    except KeyboardInterrupt:  # after the command, while its end was being shown
        code = Interrupted.exit_code
    end_undisturbed()
    give_up_streams()
    sys.exit(code)


def main(argv: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Run one command and return its exit code; every error has then been shown.

    `argv` is without the program's name. `environment` defaults to that of the surrounding command,
    or else to the process's.
    """
    taken = take(sys.argv[1:] if argv is None else argv)
    inherited = environ() if is_nested() else os.environ
    frame, language = _frame(taken, inherited if environment is None else environment)
    nested = is_nested()
    with entered(frame, language), disk_error.listening(frame.output.disk_failed):
        code = _bounded(taken, nested=nested)
        with suppress(BrokenPipeError):
            frame.output.finish()
        return code


def _frame(taken: Taken, environment: Mapping[str, str]) -> tuple[Frame, str]:
    """Return the command's frame and its language."""
    options = taken.options
    chosen = preferences(options.profile, environment)
    coloured = (
        sys.stdout.isatty()
        and not environment.get("NO_COLOR")
        and environment.get("TERM") != "dumb"
    )
    output = Output(
        _mode(taken, chosen),
        options.quiet,
        sys.stdout,
        sys.stderr,
        colour=coloured,
        full=options.full,
    )
    language = options.lang or spoken_language(chosen.language, environment)
    return Frame(options, output, environment), language


def _mode(taken: Taken, chosen: Preferences) -> Mode:
    if taken.options.json:
        return "json"
    return "table" if taken.options.table else chosen.output


def _bounded(taken: Taken, *, nested: bool) -> int:
    """Run the command, and turn every way in which it can end into an exit code."""
    try:
        return _invoke(taken)
    except (Exception, KeyboardInterrupt) as error:
        if nested and _was_stopped(error):
            raise KeyboardInterrupt from None  # the surrounding command stops, and reports it
        from assigncli.cli.input.prompts import forget_typed_ahead

        forget_typed_ahead()
        lost = isinstance(error, OutputLostError) or (
            isinstance(error, OSError) and is_broken(sys.stdout)
        )
        cut = isinstance(error, BrokenPipeError)
        give_up_streams()
        # An error of the command itself takes precedence over that of the last flush after it.
        told = error.__context__ if lost and isinstance(error.__context__, AssignError) else error
        if cut and told is error and not out().committed:
            return CUT_SHORT
        ours = _output_lost() if lost and told is error else _as_ours(told)
        if isinstance(ours, Interrupted) and sys.stderr.isatty():
            with suppress(OSError):
                sys.stderr.write("\n")  # the terminal has just shown ^C on this line
        out().error(ours, trace(told) if taken.options.debug else ())
        return ours.exit_code


def _output_lost() -> AssignError:
    """Return the error for output that could not be written; what was done remains done."""
    if out().committed:
        return AssignError("output_unwritable", "saved")
    return AssignError("output_unwritable", "lost")


def _invoke(taken: Taken) -> int:
    """Parse and run; return the code of a command that ends early."""
    if taken.problem is not None:
        raise taken.problem()
    try:
        with root().make_context("assign", [*taken.rest]) as ctx:
            ctx.command.invoke(ctx)
    except typer.Exit as stop:
        return stop.exit_code
    finally:
        sys.stdout.flush()
    return 0


def _was_stopped(error: BaseException | None) -> bool:
    """Say whether Ctrl-C is the cause: what it interrupts may fail with an error of its own."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def _as_ours(error: BaseException) -> AssignError:
    """Return the error to show for any exception; the text of a foreign one is never kept."""
    if isinstance(error, AssignError):
        return error
    if isinstance(error, typer.TyperException):
        return explain(error)
    if isinstance(error, (EOFError, typer.Abort)) or _was_stopped(error):
        return Interrupted("interrupted", "command")
    return AssignError("internal_error")
