"""The facts about one thing as a command gives them, before anything decides how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One fact: its JSON name, its translated label, the value, and the value's text.

    `text` is needed only if the default words (module `words`) are not right, as for a status. A
    value of None without a text is left out of lines and is null in JSON. A tuple of records gives
    one line for each. With `shown` False it is only in JSON.
    """

    name: str
    label: str
    value: object
    text: str | None = None
    shown: bool = True


@dataclass(frozen=True)
class Line:
    """A line of linear output, if it differs from JSON in wording or parts."""

    label: str
    text: str


@dataclass(frozen=True)
class Record:
    """The facts about one thing, and the lines that show the important ones.

    Without `lines`, and under --full, every field is a line, in this order. `steps` are further
    lines, one for each record within it; a table takes their place.
    """

    fields: tuple[Field, ...]
    lines: tuple[Line, ...] | None = None
    steps: tuple[Line, ...] = ()

    def within(self) -> list[Record]:
        """Return the records that are the values of its fields, such as steps."""
        values = (each.value for each in self.fields if isinstance(each.value, tuple))
        return [each for value in values for each in value if isinstance(each, Record)]


@dataclass(frozen=True)
class Cell:
    """What a table has in one place; `alarm` is shown in colour, and the text says why."""

    text: str
    alarm: bool = False


@dataclass(frozen=True)
class TableColumn:
    """One column of a listing's table: which fact, how important, and how it is shown there.

    Rank 1 is always shown; of the others, the one with the greatest rank is left out first. The
    heading is the fact's label, or that of `heading`. Without `short` it is the fact's words, with
    days in short. `figure` is aligned to the right.
    """

    name: str
    rank: int
    short: Callable[[Mapping[str, Field]], Cell] | None = None
    heading: str | None = None
    figure: bool = False
