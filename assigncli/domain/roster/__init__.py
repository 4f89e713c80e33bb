"""Read CSV bytes into rows and problems, never quoting values (SPEC section 7).

A sheet is read twice, each time as an iterable of byte chunks that the caller opens. `survey`
determines encoding, delimiter and columns from the whole file; `rows` then yields one checked
`SheetRow` or one `BadRow` for every row with content. Memory is bounded by one row and, for `rows`,
some hundred bytes a row to find repeated ones. Nothing here opens, writes, dispatches or knows the
mentors; no problem and no error contains the text of a cell.
"""

from __future__ import annotations

from assigncli.domain.roster.cells import defuse
from assigncli.domain.roster.checking import RowsRead, rows
from assigncli.domain.roster.columns import ALIASES, Column
from assigncli.domain.roster.layout import DELIMITERS, Layout, survey
from assigncli.domain.roster.row import (
    BadRow,
    HeaderRefused,
    RowProblem,
    SheetRow,
    row_content,
    row_identity,
)
from assigncli.domain.roster.text import Encoding

__all__ = [
    "ALIASES",
    "DELIMITERS",
    "BadRow",
    "Column",
    "Encoding",
    "HeaderRefused",
    "Layout",
    "RowProblem",
    "RowsRead",
    "SheetRow",
    "defuse",
    "row_content",
    "row_identity",
    "rows",
    "survey",
]
