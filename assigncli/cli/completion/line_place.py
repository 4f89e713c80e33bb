"""Find where on a command's line the cursor is: which page, argument or option value is typed.

Knows the pages (see `completion`), and neither profiles nor what may be offered there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).with_name("pages.json")


@dataclass(frozen=True)
class Param:
    """An option or an argument: its names, none for an argument, and the name of its value.

    `value` is empty for a switch. `values` are the allowed ones, if they are limited; `help` is a
    message id. `again` is whether it may be given several times.
    """

    names: tuple[str, ...]
    value: str
    values: tuple[str, ...]
    help: str
    again: bool


@dataclass(frozen=True)
class CommandPage:
    """A command, or a group with its `commands`; `help` is a message id."""

    help: str
    commands: tuple[str, ...]
    arguments: tuple[Param, ...]
    options: tuple[Param, ...]


@dataclass(frozen=True)
class Pages:
    """Every page by the command's words, the first one empty; and the options of all commands.

    `topics` are those of the manual, each with a message id about it.
    """

    by_name: Mapping[str, CommandPage]
    common: tuple[Param, ...]
    topics: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LinePlace:
    """Where the cursor is. `param` is what the current word is a value of, None for an option.

    `arguments` were typed before it; `given` are the options typed, with their last values.
    """

    name: str
    page: CommandPage
    param: Param | None
    arguments: tuple[str, ...]
    given: Mapping[str, str]


def pages() -> Pages:
    """Load the pages."""
    content = json.loads(_FILE.read_bytes())
    return Pages(
        {name: _page(each) for name, each in content["pages"].items()},
        tuple(map(_param, content["common"])),
        tuple((name, about) for name, about in content["topics"]),
    )


@dataclass
class _Walk:
    """A walk along the words of a line."""

    pages: Pages
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    awaits: Param | None = None
    only_arguments: bool = False

    @property
    def page(self) -> CommandPage:
        return self.pages.by_name[self.name]

    def option(self, name: str) -> Param | None:
        known = (*self.page.options, *self.pages.common)
        return next((each for each in known if name in each.names), None)

    def take(self, word: str) -> None:
        """Go past one word."""
        if self.awaits is not None:
            self.given[self.awaits.names[0]] = word
            self.awaits = None
        elif word == "--":
            self.only_arguments = True
        elif word.startswith("-") and word != "-" and not self.only_arguments:
            self._take_option(word)
        elif word in self.page.commands:
            self.name = f"{self.name} {word}".lstrip()
        else:
            self.arguments.append(word)

    def _take_option(self, word: str) -> None:
        name, equals, value = word.partition("=")
        found = self.option(name)
        if found is None:
            return
        self.given[found.names[0]] = value
        self.awaits = found if found.value and not equals else None


def find(known: Pages, words: tuple[str, ...], current: str) -> LinePlace:
    """Return the position after `words` (without the program's own), at the word `current`."""
    walk = _Walk(known)
    for word in words:
        walk.take(word)
    param = walk.awaits or _named_with_equals(walk, current) or _argument(walk, current)
    return LinePlace(walk.name, walk.page, param, tuple(walk.arguments), walk.given)


def _named_with_equals(walk: _Walk, current: str) -> Param | None:
    name, equals, _value = current.partition("=")
    found = walk.option(name) if equals and not walk.only_arguments else None
    return found if found is not None and found.value else None


def _argument(walk: _Walk, current: str) -> Param | None:
    if current.startswith("-") and not walk.only_arguments:
        return None
    arguments, before = walk.page.arguments, len(walk.arguments)
    if before < len(arguments):
        return arguments[before]
    return arguments[-1] if arguments and arguments[-1].again else None


def _page(content: Mapping[str, Any]) -> CommandPage:
    return CommandPage(
        content["help"],
        tuple(content["commands"]),
        tuple(map(_param, content["arguments"])),
        tuple(map(_param, content["options"])),
    )


def _param(content: Mapping[str, Any]) -> Param:
    return Param(
        tuple(content["names"]),
        content["value"],
        tuple(content["values"]),
        content["help"],
        content["again"],
    )
