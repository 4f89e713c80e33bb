"""Compute the row number under which a spreadsheet shows each line of the file.

A person looks for row 6 in Excel, not for line 10: a cell with line breaks takes several lines and
one row. Counts as Excel and LibreOffice do, regardless of how our own reader handles a faulty row:
a cell is quoted if its first character is a quotation mark, blank rows count, and a first line that
only names the delimiter (`sep=;`) is not shown at all.
"""

from __future__ import annotations

import re
from typing import Final

SEPARATOR: Final = re.compile(r'"?sep=(.)"?[;,\t ]*', re.IGNORECASE)
"""A first line that names the delimiter. Spreadsheets obey it and do not show it."""


class Shown:
    """Counts rows from the file's lines, passed in order, each with its LF."""

    def __init__(self, delimiter: str) -> None:
        self._opening = delimiter + '"'
        self._row = 0
        self._quoted = False
        self._first = True

    def row_of(self, line: str) -> int:
        """Return the row where the line begins, counted from 1; 0 for a line not shown."""
        if self._first:
            self._first = False
            if SEPARATOR.fullmatch(line.removesuffix("\n")):
                return 0
        if not self._quoted:
            self._row += 1
        self._quoted = self._ends_quoted(line)
        return self._row

    def _ends_quoted(self, line: str) -> bool:
        """Say whether the line ends inside a quoted cell, so that the row continues."""
        quoted, at = self._quoted, 0
        if not quoted and line.startswith('"'):
            quoted, at = True, 1
        while True:
            if quoted:
                at = line.find('"', at)
                if at < 0:
                    return True
                quoted = line.startswith('"', at + 1)  # doubled: it belongs to the text
                at += 2 if quoted else 1
            else:
                at = line.find(self._opening, at)
                if at < 0:
                    return False
                quoted, at = True, at + 2
