"""Asks the person at the terminal: plain questions on standard error, numbered choices.

Never asks under --no-input or without a terminal; says then what is missing instead. An answer is
never repeated. Nothing here knows what the answer is for.
"""

from __future__ import annotations

import getpass
import sys
import warnings
from collections.abc import Sequence

from assigncli.cli.frame import current_globals, out
from assigncli.cli.plain import one_line
from assigncli.errors import Interrupted, InvalidInput
from assigncli.locale import _


def ask(label: str, default: str | None = None, option: str | None = None) -> str:
    """Return a line, not empty; `default` is what Enter gives, `option` what could have been used.

    Raises InvalidInput `input_needed` where nobody can be asked, Interrupted at the end of input.
    """
    _require_person(label, option)
    if default is None:
        question = f"{label}: "
    else:
        question = _("{label} (press Enter for {default}): ").format(label=label, default=default)
    while True:
        answer = _read_line(question).strip() or default
        if answer:
            return answer
        _say(_("An answer is needed."))


def ask_lines(label: str, option: str | None = None) -> str:
    """Return a text of one or more lines; an empty line ends it. Raises as `ask` does."""
    _require_person(label, option)
    while True:
        _say(_("{label}. Finish with an empty line.").format(label=label))
        lines: list[str] = []
        while line := _read_line(""):
            lines.append(line)
        if lines:
            return "\n".join(lines)
        _say(_("An answer is needed."))


def ask_secret(label: str, *, twice: bool = False, option: str | None = None) -> str:
    """Return a text typed without being shown; `twice` makes sure that it was typed as meant.

    Raises as `ask` does, and InvalidInput `input_needed` where the terminal cannot hide it.
    """
    _require_person(label, option)
    while True:
        secret = _read_hidden(f"{label}: ")
        if not secret:
            _say(_("An answer is needed."))
        elif twice and _read_hidden(_("{label}, once more: ").format(label=label)) != secret:
            _say(_("The two were not the same."))
        else:
            return secret


def choose(
    question: str, options: Sequence[str], default: int = 0, option: str | None = None
) -> int:
    """Return the index of the option chosen, by its number or its words. Raises as `ask` does."""
    _require_person(question, option)
    _say(question, *(f"{number}: {each}" for number, each in enumerate(options, start=1)))
    prompt = _("Type a number from 1 to {last}, or press Enter for {number}, {text}: ").format(
        last=len(options), number=default + 1, text=options[default]
    )
    answers = {str(index + 1): index for index in range(len(options))}
    answers |= {each.casefold(): index for index, each in enumerate(options)}
    while True:
        answer = _read_line(prompt).strip().casefold()
        if not answer:
            return default
        if answer in answers:
            return answers[answer]
        _say(_("That is not one of the choices."))


def confirm(question: str, *, default: bool = False) -> bool:
    """Return whether the person says yes; --yes says so at once. Raises as `ask` does."""
    if current_globals().yes:
        return True
    chosen = choose(question, (_("yes"), _("no")), 0 if default else 1, option="--yes")
    return chosen == 0


def somebody_there() -> bool:
    """Say whether a question would be heard and may be asked."""
    return not current_globals().no_input and sys.stdin is not None and sys.stdin.isatty()


def _require_person(label: str, option: str | None) -> None:
    if somebody_there():
        return
    if option:
        hint = _("Give it with {option}, or run the command in a terminal without --no-input.")
    else:
        hint = _("Run the command in a terminal without --no-input.")
    raise InvalidInput(
        _("An answer is needed and nobody can be asked: {label}").format(label=one_line(label)),
        hint.format(option=option),
        code="input_needed",
    )


def _say(*said: str) -> None:
    stream = out().stderr
    stream.write("".join(f"{one_line(line)}\n" for line in said))
    stream.flush()


def _read_line(question: str) -> str:
    """Return the next line of standard input without its end; Interrupted where there is none."""
    stream = out().stderr
    stream.write(one_line(question))
    stream.flush()
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise InvalidInput(
            _("What was typed is not text in the terminal's encoding."),
            _("Set the terminal to UTF-8 and try again."),
            code="not_text",
        ) from None
    if not line:
        raise _ended()
    return line.rstrip("\r\n")


def _read_hidden(question: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(one_line(question), stream=out().stderr)
        except EOFError:
            raise _ended() from None
        except getpass.GetPassWarning:
            raise InvalidInput(
                _("This terminal would show what you type."),
                _("Use another terminal, or put the passphrase in a file for --passphrase-file."),
                code="input_needed",
            ) from None


def _ended() -> Interrupted:
    return Interrupted(
        _("Stopped. The input ended before the answer."),
        _("Run it again when you are ready."),
    )
