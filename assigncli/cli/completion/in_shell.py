"""How a line of `assign shell` may go on: as the shells' completion answers, for a line of ours.

Whatever is wrong, nothing is offered: Tab is pressed in the middle of somebody's line.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assigncli.cli.completion import line_place, offered, typed
from assigncli.cli.completion.offered import OfferedWord

_OURS: Final = "exit"


@dataclass(frozen=True)
class PieceEnding:
    """How the line's last piece may end: its new text, and what is shown of it among others."""

    text: str
    shown: str


@dataclass(frozen=True)
class LineOfShell:
    """What the shell gives to each command before its own words, and what it does not run."""

    options: Sequence[str]
    not_run: Sequence[str]
    environ: Mapping[str, str]

    def endings(self, line: str, piece: str) -> list[PieceEnding]:
        """Return how `piece`, which stands behind the last space of `line`, may end."""
        own = line.lstrip().removeprefix("assign ")
        whole = typed.split(f"{shlex.join(['assign', *self.options])} {own}")
        known = line_place.pages()
        place = line_place.find(known, whole.words[1:], whole.current)
        found = offered.offered(known, place, whole.current, self.environ)
        words = _files(whole.current) if isinstance(found, offered.Files) else found
        if not place.name and not place.arguments and place.param is None:
            words = self._of_shell(words, whole.current)
        return [_ending(each, piece, whole, place) for each in words]

    def _of_shell(self, words: Sequence[OfferedWord], current: str) -> list[OfferedWord]:
        """Return the first words that the shell takes: commands, without those it does not run."""
        runs = [each for each in words if each.word not in self.not_run]
        return [*runs, OfferedWord(_OURS)] if _OURS.startswith(current) else runs


def _ending(
    word: OfferedWord, piece: str, whole: typed.Typed, place: line_place.LinePlace
) -> PieceEnding:
    shown = f"{word.word}: {word.about}" if word.about else word.word
    if whole.quote:
        value = whole.current.partition("=")[2] if _is_in_one(whole, place) else whole.current
        return PieceEnding(f"{piece}{word.word[len(value) :]}{whole.quote}", shown)
    before = f"{whole.current.partition('=')[0]}=" if _is_in_one(whole, place) else ""
    written = word.word if word.word.endswith("/") else shlex.quote(word.word)
    return PieceEnding(f"{before}{written}", shown)


def _is_in_one(whole: typed.Typed, place: line_place.LinePlace) -> bool:
    """Say whether an option and its value stand in one word, with an equals sign between them."""
    name, equals, _value = whole.current.partition("=")
    return bool(equals and place.param is not None and name in place.param.names)


def _files(current: str) -> list[OfferedWord]:
    """Return the names in a folder that begin as typed; hidden ones only after a dot."""
    folder, name = os.path.split(current)
    with os.scandir(folder or ".") as entries:
        found = sorted(
            (os.path.join(folder, each.name) + "/" * each.is_dir())
            for each in entries
            if each.name.startswith(name) and (name or not each.name.startswith("."))
        )
    return [OfferedWord(each) for each in found]
