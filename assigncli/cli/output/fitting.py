"""Fit a table into a width: which columns, how wide each, and where their lines break.

Widths are in terminal cells, of which some characters take two. Words stay whole: only one that is
longer than its line can be is continued on the next, after a hyphen, a stroke or an underscore if
it has one. Nothing here draws, prints or translates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, chop_cells

from assigncli.cli.output.plain import lines
from assigncli.cli.output.words import TOGETHER

GAP: Final = 2
"""Cells between two columns."""
NARROWEST: Final = 20
"""A narrower terminal is treated as one of this width."""
_LEAST: Final = 2
"""The least width of a column: some characters take two cells."""
_JOINTS: Final = re.compile(r"(?<=[-/_])")
_PROSE: Final = 20
"""A column of this width is wide enough for any text."""


@dataclass(frozen=True)
class Measured:
    """A column's rank, the width of its longest word, and those of all its lines."""

    rank: int
    word: int
    lines: tuple[int, ...]

    @classmethod
    def of(cls, rank: int, texts: Sequence[str]) -> Measured:
        """Measure the heading and the cells of a column."""
        every = [line for text in texts for line in lines(text)]
        words = (word for line in every for word in line.split(" "))
        return cls(rank, max(_LEAST, *map(cell_len, words)), tuple(map(cell_len, every)))

    @property
    def line(self) -> int:
        """The width of the longest line."""
        return max(_LEAST, *self.lines)

    def too_long(self, width: int) -> int:
        """Return how many lines have to be broken at a width."""
        return sum(each > width for each in self.lines)

    @property
    def needed(self) -> int:
        """The least width at which it reads well: most cells then take two lines."""
        return max(self.word, min(-(-self.line // 2), _PROSE))


def fitted(columns: Sequence[Measured], width: int) -> dict[int, int]:
    """Return the width of each column that has room, by its place.

    While it is too narrow for all, the column with the greatest rank is left out; those of rank 1
    never are.
    """
    kept = list(range(len(columns)))
    while sum(columns[at].needed for at in kept) > _room(kept, width):
        last = max(kept, key=lambda at: (columns[at].rank, at))
        if columns[last].rank == 1:
            break
        kept.remove(last)
    return _widths({at: columns[at] for at in kept}, _room(kept, width))


def _room(kept: Sequence[int], width: int) -> int:
    return max(width, NARROWEST) - GAP * (len(kept) - 1)


def _widths(columns: dict[int, Measured], room: int) -> dict[int, int]:
    """Give each what it needs, then the rest to those with most broken lines for their width."""
    given = {at: each.needed for at, each in columns.items()}
    if sum(given.values()) > room:
        given = {at: each.word for at, each in columns.items()}
    while sum(given.values()) > room:
        given[max(given, key=lambda at: given[at])] -= 1
    broken = {at: each.too_long(given[at]) for at, each in columns.items()}
    for at in sorted(given, key=lambda at: (columns[at].line - given[at]) / (broken[at] or 1)):
        if columns[at].line - given[at] <= room - sum(given.values()):
            given[at] = columns[at].line
    last = max(given, key=lambda at: columns[at].too_long(given[at]))
    given[last] += max(0, min(columns[last].line - given[last], room - sum(given.values())))
    return given


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a cell, each safe to show and none wider than `width`."""
    return [row.replace(TOGETHER, " ") for line in lines(text) for row in _rows(line, width)]


def _rows(line: str, width: int) -> Iterator[str]:
    row = ""
    for word in filter(None, line.split(" ")):
        longer = f"{row} {word}" if row else word
        if cell_len(longer) > width:
            *whole, longer = [*filter(None, [row]), *_pieces(word, width)]
            yield from whole
        row = longer
    yield row


def _pieces(word: str, width: int) -> list[str]:
    """Return a word in as few pieces as fit, if it can be at its joints: "quiet_" and "days"."""
    pieces = [""]
    for joint in _JOINTS.split(word):
        for part in [joint] if cell_len(joint) <= width else chop_cells(joint, width):
            if cell_len(pieces[-1] + part) <= width:
                pieces[-1] += part
            else:
                pieces.append(part)
    return [*filter(None, pieces)]
