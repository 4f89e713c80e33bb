"""Ask the person at the terminal: plain questions on standard error, numbered choices.

Never asks under --no-input or without a terminal; raises an error that names the missing value
instead. An answer is never repeated. Nothing here knows the purpose of an answer.
"""

from __future__ import annotations

import getpass
import shlex
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Final

from assigncli.cli.frame import current_globals, out
from assigncli.cli.output import said
from assigncli.cli.output.plain import one_line
from assigncli.errors import AssignError, Interrupted, InvalidInput
from assigncli.locale import _

BACK: Final = -1
_DROPS: Final = 2
_PASTING: Final = 0.05
"""Seconds in which more pasted text may arrive."""
_asked: ContextVar[bool] = ContextVar("asked", default=False)


def ask(label: str, default: str | None = None, option: str | None = None) -> str:
    """Return a line that is not empty; Enter gives `default`, and `option` could have given it.

    Raises InvalidInput `input_needed` if nobody can be asked, Interrupted at the end of input.
    """
    require_person(label, option)
    if default is None:
        question = f"{label}: "
    else:
        question = _("{label} (press Enter for {default}): ").format(label=label, default=default)
    while True:
        answer = read_line(question).strip() or default
        if answer:
            return answer
        say(_("An answer is needed."))


def ask_until(label: str, check: Callable[[str], str], option: str | None = None) -> str:
    """Return the first answer that `check` accepts, as `check` returns it; raises as `ask`.

    For a refused answer, the reason is shown.
    """
    while True:
        answer = ask(label, option=option)
        try:
            return check(answer)
        except AssignError as refusal:
            say(*said(refusal))


def ask_secret(label: str, *, twice: bool = False, option: str | None = None) -> str:
    """Return a text typed without being shown; `twice` asks again to catch a typing error.

    Raises as `ask` does, and InvalidInput `input_needed` if the terminal cannot hide it.
    """
    require_person(label, option)
    while True:
        secret = _read_hidden(f"{label}: ")
        if not secret:
            say(_("An answer is needed."))
        elif twice and _read_hidden(_("{label}, once more: ").format(label=label)) != secret:
            say(_("The two were not the same."))
        else:
            return secret


def choose(
    question: str,
    options: Sequence[str],
    default: int = 0,
    option: str | None = None,
    *,
    back: bool = False,
) -> int:
    """Return the index of the option chosen, by its number or its words; Enter gives `default`.

    With `back`, the word for going back gives BACK. Raises as `ask` does.
    """
    require_person(question, option)
    say(question, *(f"{number}: {each}" for number, each in enumerate(options, start=1)))
    prompt = _("Type a number from 1 to {last}, or press Enter for {number}, {text}: ").format(
        last=len(options), number=default + 1, text=options[default]
    )
    answers = {str(index + 1): index for index in range(len(options))}
    answers |= {each.casefold(): index for index, each in enumerate(options)}
    while True:
        answer = read_line(prompt).strip().casefold()
        if not answer:
            return default
        if back and is_back(answer):
            return BACK
        if answer in answers:
            return answers[answer]
        say(_("Choose one of the numbers."))


def is_back(answer: str) -> bool:
    """Say whether the answer is the word for going back, in the language in use or in English."""
    return answer.strip().casefold() in {"back", _("back").casefold()}


def confirm(told: Sequence[str], command: str) -> bool:
    """Ask before an act that cannot be undone; `told` says what will be lost.

    `command` is the whole command without `--yes`. Returns True if a person was told and said yes,
    False if `--yes` was given. Raises InvalidInput `confirmation_needed` if nobody can be asked,
    AssignError `not_confirmed` after a no.
    """
    if current_globals().yes:
        return False
    if not somebody_there():
        raise InvalidInput("confirmation_needed", command=_with_yes(command))
    say(*told[:-1])
    if choose(told[-1], (_("yes"), _("no")), 1) != 0:
        # An error: a script, or a command after &&, relies on the act, which was not done.
        raise AssignError("not_confirmed")
    return True


def _with_yes(command: str) -> str:
    profile = current_globals().profile
    return f"{command} --profile {shlex.quote(profile)} --yes" if profile else f"{command} --yes"


def somebody_there() -> bool:
    """Say whether somebody can answer a question and may be asked."""
    return not current_globals().no_input and sys.stdin is not None and sys.stdin.isatty()


def require_person(label: str, option: str | None) -> None:
    """Refuse if `label` cannot be asked; raises as `ask`."""
    if somebody_there():
        return
    asked = one_line(label).partition(",")[0]
    if option:
        raise InvalidInput("input_needed", "option", label=asked, option=option)
    raise InvalidInput("input_needed", label=asked)


def say(*said: str) -> None:
    """Write lines between questions, on the same stream."""
    stream = out().stderr
    stream.write("".join(f"{one_line(line)}\n" for line in said))
    stream.flush()


def forget_typed_ahead() -> None:
    """Drop what was typed ahead for other questions: the shell would run it.

    Does nothing if no question was asked, or on a platform whose terminals cannot.
    """
    if not _asked.get():
        return
    try:
        import termios
    except ImportError:
        return
    with suppress(OSError, ValueError, termios.error):
        for _time in range(_DROPS):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
            time.sleep(_PASTING)  # pasted text arrives in pieces


def read_line(question: str) -> str:
    """Return the next line of standard input without its end; raise Interrupted at its end."""
    _asked.set(True)
    stream = out().stderr
    stream.write(one_line(question))
    stream.flush()
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise InvalidInput("not_text") from None
    if not line:
        raise _ended()
    return line.rstrip("\r\n")


def _read_hidden(question: str) -> str:
    _asked.set(True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(one_line(question), stream=out().stderr)
        except EOFError:
            raise _ended() from None
        except getpass.GetPassWarning:
            raise InvalidInput("input_needed", "shown") from None


def _ended() -> Interrupted:
    return Interrupted("interrupted", "input_ended")
