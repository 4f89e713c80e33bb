"""The options that work with every command and anywhere on the line.

They are taken from the arguments before Typer reads the rest. Nothing here prints or raises: a
mistake is kept as a `problem`, and raised once the language of its sentence is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Final

from assigncli.errors import InvalidInput
from assigncli.locale import LANGUAGES, N_

Problem = Callable[[], InvalidInput]


@dataclass(frozen=True)
class Globals:
    """The values of the global options; `lang` is None unless given."""

    profile: str | None = None
    lang: str | None = None
    json: bool = False
    table: bool = False
    full: bool = False
    quiet: bool = False
    yes: bool = False
    no_input: bool = False
    debug: bool = False
    passphrase_file: Path | None = None


@dataclass(frozen=True)
class GlobalOption:
    """A global option: `help` and `metavar` are message ids; a switch has no metavar."""

    name: str
    help: str
    metavar: str = ""

    @property
    def field(self) -> str:
        """Return the name of its field in `Globals`."""
        return self.name.removeprefix("--").replace("-", "_")


OPTIONS: Final = (
    GlobalOption("--profile", N_("Act as this profile. ASSIGN_PROFILE does the same."), N_("NAME")),
    GlobalOption(
        "--lang",
        N_("The language of every text: nb for Norwegian Bokmål, en for English."),
        N_("LANGUAGE"),
    ),
    GlobalOption("--json", N_("Give one JSON document instead of lines.")),
    GlobalOption("--table", N_("Show tables and colour, for those who look.")),
    GlobalOption("--full", N_("Show every field of each answer.")),
    GlobalOption("--quiet", N_("Show only results and errors.")),
    GlobalOption("--yes", N_("Answer yes where a confirmation is asked for.")),
    GlobalOption("--no-input", N_("Never ask a question; stop with an error instead.")),
    GlobalOption(
        "--debug", N_("After an error, show where in the program it happened, without values.")
    ),
    GlobalOption(
        "--passphrase-file", N_("Read the passphrase from the first line of this file."), N_("FILE")
    ),
)
_BY_NAME: Final = {option.name: option for option in OPTIONS}


@dataclass(frozen=True)
class Taken:
    """The global options, the rest of the line, and the first mistake if there is one."""

    options: Globals
    rest: tuple[str, ...]
    problem: Problem | None


def take(argv: Sequence[str]) -> Taken:
    """Separate the global options from the rest; everything after `--` is left alone."""
    words, rest = deque(argv), []
    given: dict[str, str | bool] = {}
    problems: list[Problem] = []
    while words:
        word = words.popleft()
        name, equals, value = word.partition("=")
        option = _BY_NAME.get(name)
        if word == "--":
            rest += [word, *words]
            break
        if option is None:
            rest.append(word)
        elif option.metavar:
            given[option.field] = value if equals else _next_value(words)
        elif equals:
            problems.append(partial(_takes_no_value, name))
        else:
            given[option.field] = True
    problems += _mistakes(given)
    return Taken(_globals(given), tuple(rest), problems[0] if problems else None)


def written(options: Globals) -> list[str]:
    """Return the words that give these options to another command."""
    given = [(option, getattr(options, option.field)) for option in OPTIONS]
    return [
        f"{option.name}={value}" if option.metavar else option.name
        for option, value in given
        if value
    ]


def _next_value(words: deque[str]) -> str:
    """Take the next word as a value; another option is not one, and gives an empty text."""
    if words and (words[0] == "-" or not words[0].startswith("-")):
        return words.popleft()
    return ""


def _mistakes(given: Mapping[str, str | bool]) -> list[Problem]:
    found: list[Problem] = [
        partial(_needs_value, option.name) for option in OPTIONS if given.get(option.field) == ""
    ]
    if given.get("lang") and given["lang"] not in LANGUAGES:
        found.append(_unknown_language)
    if given.get("json") and given.get("table"):
        found.append(_json_or_table)
    return found


def _globals(given: Mapping[str, str | bool]) -> Globals:
    lang, profile, file = given.get("lang"), given.get("profile"), given.get("passphrase_file")
    switches = {each.name: True for each in fields(Globals) if given.get(each.name) is True}
    return Globals(
        profile=str(profile) if profile else None,
        lang=str(lang) if lang in LANGUAGES else None,
        passphrase_file=Path(str(file)) if file else None,
        **switches,
    )


def usage(message: str, hint: str) -> InvalidInput:
    """Return the error for an unusable line, with sentences made by the module `usage`."""
    return InvalidInput("usage", "told", message=message, hint=hint)


def _needs_value(name: str) -> InvalidInput:
    return InvalidInput("usage", "needs_value", option=name)


def _takes_no_value(name: str) -> InvalidInput:
    return InvalidInput("usage", "takes_no_value", option=name)


def _unknown_language() -> InvalidInput:
    return InvalidInput("usage", "language")


def _json_or_table() -> InvalidInput:
    return InvalidInput("usage", "json_or_table")
