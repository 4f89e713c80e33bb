"""The first reading of a sheet: determine its encoding, delimiter and columns.

Reads all bytes, since the encoding is certain only at the end, and keeps the beginning. It reads no
row below the header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from assigncli.domain.member_names import require_handle
from assigncli.domain.roster.columns import Column, heading_of, known, read_header
from assigncli.domain.roster.records import Fault, records
from assigncli.domain.roster.row import HeaderRefused, RowProblem
from assigncli.domain.roster.shown import SEPARATOR
from assigncli.domain.roster.text import Encoding, empty, encoding_named, encoding_of, text_of
from assigncli.errors import InvalidInput

DELIMITERS: Final = (";", "\t", ",")
"""The possible delimiters, the most likely first."""

_NAMES: Final = {
    **{each: each for each in DELIMITERS},
    "semicolon": ";", "semikolon": ";", "tab": "\t", "\\t": "\t", "comma": ",", "komma": ",",
}  # fmt: skip
_SAMPLE: Final = 64 * 1024  # bytes from the beginning, more than any header


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the rows of one file. `mentor` is the handle for every row, if given separately.

    `columns` has one entry for each cell, None where the header is empty; `headings` has the
    sheet's own names for them; `first_line` is the file's first line after the header.
    """

    encoding: Encoding
    delimiter: str
    columns: tuple[Column | None, ...]
    headings: Mapping[Column, str]
    first_line: int
    mentor: str | None


@dataclass(frozen=True, slots=True)
class _Header:
    """The first non-empty row, read with one delimiter."""

    delimiter: str
    row: int
    last_line: int
    cells: list[str]


def survey(
    chunks: Iterable[bytes],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    mentor: str | None = None,
) -> Layout:
    """Read a whole file and return its layout; `mentor` is the mentor for all rows, if given.

    Raises InvalidInput `encoding_unknown`, `delimiter_unknown`, `handle_invalid`, `file_empty`,
    `encoding_wrong` or `encoding_unclear`; HeaderRefused with the problems of the header.
    """
    forced_encoding = encoding_named(encoding) if encoding is not None else None
    forced = delimiter_named(delimiter) if delimiter is not None else None
    handle = require_handle(mentor) if mentor is not None else None
    sample = bytearray()
    found = encoding_of(_sampled(chunks, sample), forced_encoding)
    header = _header(_beginning(sample, found), forced)
    columns = read_header(header.cells, header.row, mentor_given=handle is not None)
    headings = {
        column: heading_of(cell, column)
        for column, cell in zip(columns, header.cells, strict=True)
        if column is not None
    }
    return Layout(found, header.delimiter, columns, headings, header.last_line + 1, handle)


def delimiter_named(name: str) -> str:
    """Return the delimiter for its name or itself; raise InvalidInput `delimiter_unknown`."""
    found = _NAMES.get(name if name in DELIMITERS else name.strip().lower())
    if found is None:
        raise InvalidInput("delimiter_unknown")
    return found


def _sampled(chunks: Iterable[bytes], sample: bytearray) -> Iterator[bytes]:
    for chunk in chunks:
        if len(sample) < _SAMPLE:
            sample += chunk[: _SAMPLE - len(sample)]
        yield chunk


def _beginning(sample: bytearray, encoding: Encoding) -> str:
    """Decode the sample; its end may be cut within a line, and even within a character."""
    data = bytes(sample)
    if len(data) < _SAMPLE:
        return "".join(text_of([data], encoding))
    text = data.decode(encoding, "ignore").removeprefix("\ufeff")
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain[: plain.rfind("\n") + 1] or plain


def _header(text: str, forced: str | None) -> _Header:
    """Read the header with the forced or declared delimiter, or the one that finds most columns."""
    told = SEPARATOR.fullmatch(text.partition("\n")[0])
    if told and forced is None:
        forced = delimiter_named(told[1])
    candidates = [forced] if forced else DELIMITERS
    first = [record for each in candidates if (record := _first_row(text, each))]
    if not first:
        raise empty()
    found = [header for header in first if isinstance(header, _Header)]
    if not found:
        raise HeaderRefused([_unreadable(min(row for row in first if isinstance(row, int)))])
    return max(found, key=lambda header: (known(header.cells), len(header.cells)))


def _first_row(text: str, delimiter: str) -> _Header | int | None:
    """Return the first non-empty row; only its number if it cannot be split into cells."""
    for row, _line, last_line, cells in records([text], delimiter):
        if not row:
            continue
        if isinstance(cells, Fault):
            return row
        if any(cell.strip() for cell in cells):
            return _Header(delimiter, row, last_line, cells)
    return None


def _unreadable(row: int) -> RowProblem:
    return RowProblem(row, None, "header_unreadable")
