"""The second reading of a sheet: check every row, and name every problem by row and column.

Applies all rules that need neither the database nor the mentors, with the same functions as for a
single assignment. Findings are reported by place and kind; no fact contains the text of a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from hashlib import blake2b
from secrets import token_bytes
from typing import Final

from assigncli.domain.roster.columns import OPTIONAL, Column
from assigncli.domain.roster.layout import Layout
from assigncli.domain.roster.read import read_row
from assigncli.domain.roster.records import Fault, records
from assigncli.domain.roster.row import BadRow, RowProblem, SheetRow, row_identity
from assigncli.domain.roster.text import text_of
from assigncli.errors import Fact

_MARK: Final = 16


class RowsRead:
    """The rows of a sheet that passed when it was read, for reading it again.

    A row is recognised by its place and a keyed hash of its cells: sixteen bytes a row, which
    reveal nothing. On another day, or if a cell has changed, all rules are applied again.
    """

    def __init__(self) -> None:
        self._key = token_bytes(_MARK)
        self._marks = bytearray()
        self._today: date | None = None

    def mark(self, cells: Sequence[str]) -> bytes:
        """Return the keyed hash that identifies a row's cells."""
        return blake2b(repr(cells).encode(), digest_size=_MARK, key=self._key).digest()

    def knows(self, at: int, mark: bytes, today: date) -> bool:
        """Say whether the row at this place passed before, with the same cells on the same day."""
        return today == self._today and self._marks[at * _MARK : (at + 1) * _MARK] == mark

    def note(self, at: int, mark: bytes, today: date) -> None:
        """Record a row that passed."""
        if today != self._today:
            self._today = today
            self._marks.clear()
        missing = (at + 1) * _MARK - len(self._marks)
        self._marks.extend(bytes(max(missing, 0)))
        self._marks[at * _MARK : (at + 1) * _MARK] = mark


def rows(
    chunks: Iterable[bytes], layout: Layout, *, today: date, read: RowsRead | None = None
) -> Iterator[SheetRow | BadRow]:
    """Yield every row of the surveyed file, in order, skipping rows without any text.

    `today` is the organisation's local day. The text rules are not applied again to a row that
    passed before, as recorded in `read`. A row that equals an earlier good one is bad
    (`row_repeated`). Raises InvalidInput `encoding_wrong` if the file is no longer the one
    surveyed, and `quotes_hopeless`.
    """
    check = _Check(layout, today, read or RowsRead())
    for row, line, _last, cells in records(text_of(chunks, layout.encoding), layout.delimiter):
        if line >= layout.first_line and (isinstance(cells, Fault) or any(map(str.strip, cells))):
            yield check.row(row, cells)


class _Check:
    """The state for checking one file: what applies to all rows, and the rows already seen."""

    def __init__(self, layout: Layout, today: date, read: RowsRead) -> None:
        self._layout = layout
        self._today = today
        self._read, self._at = read, -1
        self._seen: dict[int, int] = {}
        self._unnamed = [at for at, column in enumerate(layout.columns) if column is None]
        self._parted = re.compile(rf"[{layout.delimiter}\n]")

    def row(self, place: int, cells: list[str] | Fault) -> SheetRow | BadRow:
        if isinstance(cells, Fault):
            return _bad(place, _FAULTS[cells])
        misshapen = self._misshapen(place, cells)
        if misshapen:
            return misshapen
        row = self._row(place, cells)
        return self._repeated(row) or row if isinstance(row, SheetRow) else row

    def _row(self, place: int, cells: list[str]) -> SheetRow | BadRow:
        self._at += 1
        mark = self._read.mark(cells)
        texts = {
            column: cell
            for column, cell in zip(self._layout.columns, cells, strict=False)
            if column is not None
        }
        row = read_row(
            place,
            texts,
            headings=self._layout.headings,
            mentor=self._layout.mentor,
            today=self._today,
            was_good=self._read.knows(self._at, mark, self._today),
        )
        if isinstance(row, SheetRow):
            self._read.note(self._at, mark, self._today)
        return row

    def _misshapen(self, place: int, cells: Sequence[str]) -> BadRow | None:
        """Return the problem of a row whose cells do not match its columns, or None."""
        columns = self._layout.columns
        if len(cells) > len(columns) and any(map(str.strip, cells[len(columns) :])):
            return _bad(place, "row_too_long")
        if len(cells) < len(columns) and any(
            column and column not in OPTIONAL for column in columns[len(cells) :]
        ):
            return _bad(place, "row_too_short")
        for at in self._unnamed:
            if at < len(cells) and cells[at].strip():
                problem = RowProblem(place, None, "column_unnamed", facts={"position": at + 1})
                return BadRow(place, (problem,))
        if any("\n" in cell and self._swallows(cell) for cell in cells):
            return _bad(place, "quotes_unmatched")
        return None

    def _swallows(self, cell: str) -> bool:
        """Say whether a multi-line cell seems to contain other rows, after a lone quote."""
        pieces = [piece.strip() for piece in self._parted.split(cell)]
        return (
            len(pieces) > len(self._layout.columns)
            and any(map(_POSTAL_CODE.fullmatch, pieces))
            and any(map(_PHONE.fullmatch, pieces))
        )

    def _repeated(self, row: SheetRow) -> BadRow | None:
        identity = hash(row_identity(row))
        first = self._seen.get(identity)
        if first is None:
            self._seen[identity] = row.row
            return None
        if row.external_id is None:
            problem = RowProblem(row.row, None, "row_repeated", facts={"row": first})
        else:
            column = self._layout.headings[Column.EXTERNAL_ID]
            facts: dict[str, Fact] = {"row": first, "column": column}
            problem = RowProblem(row.row, column, "row_repeated", "external_id", facts)
        return BadRow(row.row, (problem,))


_POSTAL_CODE: Final = re.compile("[0-9]{3,4}")
_PHONE: Final = re.compile(r"\+?[0-9 ]{8,20}")


_FAULTS: Final = {Fault.QUOTES: "quotes_unmatched", Fault.TOO_LARGE: "row_too_large"}


def _bad(row: int, code: str) -> BadRow:
    return BadRow(row, (RowProblem(row, None, code),))
