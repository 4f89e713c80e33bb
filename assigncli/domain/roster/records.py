"""Split text into records: the cells of each row, its spreadsheet row and its line.

Reads RFC 4180 as Excel writes it, and strictly at the end of a quoted cell. A fault costs only the
line where the row began: reading continues on the next line, so that a lone quotation mark cannot
hide the rows after it. Knows nothing of columns or encodings; a fault contains no text.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

from assigncli.domain.roster.shown import Shown
from assigncli.errors import InvalidInput

ROW_LIMIT: Final = 96 * 1024
"""The most characters in a row: room for the largest payload, below the csv module's limit."""
_REREAD_LIMIT: Final = 4 * 1024 * 1024
"""The most characters of a file read again after faults; above it, `quotes_hopeless` is raised."""


class Fault(Enum):
    """Why a row could not be split into cells."""

    QUOTES = auto()
    TOO_LARGE = auto()


class SheetRecord(NamedTuple):
    """One row as our reader splits it: its place, and its cells or why it has none.

    `row` is the spreadsheet row where it begins; 0 for a line that only names the delimiter.
    """

    row: int
    line: int
    last_line: int
    cells: list[str] | Fault


class _TooLargeError(Exception):
    """The row has more than ROW_LIMIT characters."""


class _Lines:
    """The physical lines for the csv module; a row's lines are kept until the row is complete."""

    def __init__(self, texts: Iterable[str], delimiter: str) -> None:
        self._fresh = _numbered(texts, delimiter)
        self._again: deque[tuple[int, str]] = deque()
        self._row: list[tuple[int, str]] = []
        self._size = 0
        self._reread = 0
        self.number = 0
        """The number of the last line returned; the first is 1."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        shown, line = self._again.popleft() if self._again else next(self._fresh)
        self.number += 1
        self._size += len(line)
        self._row.append((shown, line))
        if self._size > ROW_LIMIT:
            raise _TooLargeError
        return line

    def begin_row(self) -> int:
        """Return the line on which the next row begins."""
        self._row.clear()
        self._size = 0
        return self.number + 1

    def row(self) -> int:
        """Return the spreadsheet row where the last row returned begins."""
        return self._row[0][0]

    def resume_after_first(self) -> None:
        """Queue the row's lines again, except the first."""
        again = self._row[1:]
        self._again.extendleft(reversed(again))
        self.number -= len(again)
        self._reread += sum(len(line) for _row, line in again)
        if self._reread > _REREAD_LIMIT:
            raise _hopeless(self.number)


def records(texts: Iterable[str], delimiter: str) -> Iterator[SheetRecord]:
    """Yield every row in order; an empty line has no cells.

    `texts` must have LF line ends. Raises InvalidInput `quotes_hopeless` if almost no row can be
    read.
    """
    lines = _Lines(texts, delimiter)
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        first = lines.begin_row()
        fault = Fault.QUOTES
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            pass
        except _TooLargeError:
            fault = Fault.TOO_LARGE
        else:
            yield SheetRecord(lines.row(), first, lines.number, cells)
            continue
        row = lines.row()
        lines.resume_after_first()
        yield SheetRecord(row, first, lines.number, fault)


def _numbered(texts: Iterable[str], delimiter: str) -> Iterator[tuple[int, str]]:
    """Yield each line with the spreadsheet row where it begins."""
    shown = Shown(delimiter)
    for line in _split(texts):
        yield shown.row_of(line), line


def _split(texts: Iterable[str]) -> Iterator[str]:
    """Yield lines with their ends; too large a line is cut, but stays over the limit."""
    rest = ""
    for text in texts:
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            yield line[: ROW_LIMIT + 1] + "\n"
        rest = rest[: ROW_LIMIT + 1]
    if rest:
        yield rest


def _hopeless(line: int) -> InvalidInput:
    return InvalidInput("quotes_hopeless", line=line)
