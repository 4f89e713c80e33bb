"""Tables with rich, for those who want to look. Imported only under --table or that setting.

A table is never wider than its terminal, and no text is cut off: a column that has no room is left
out and named. No text is read as markup or an emoji name. Colours are the terminal's own eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assigncli.cli.output.facts import Cell, Record, TableColumn
from assigncli.cli.output.fitting import GAP, NARROWEST, Measured, fitted, wrapped
from assigncli.cli.output.labels import label
from assigncli.cli.output.listing_columns import short
from assigncli.cli.output.plain import one_line
from assigncli.cli.output.screen import width_of
from assigncli.locale import _

_ALARM: Final = "bold red"


@dataclass(frozen=True)
class _Shown:
    """A column with its heading in the language in use, and its cells."""

    column: TableColumn
    heading: str
    cells: tuple[Cell, ...]

    def measured(self) -> Measured:
        return Measured.of(self.column.rank, [self.heading, *(each.text for each in self.cells)])


def page(
    above: Sequence[str],
    records: Sequence[Record],
    columns: Sequence[TableColumn],
    stream: TextIO,
    *,
    colour: bool,
) -> str:
    """Return the lines above a table and the records as that table, as wide as `stream`.

    A column that would be empty is not there; those without room are named below.
    """
    width = max(NARROWEST, width_of(stream))
    said = [row for line in above for row in wrapped(one_line(line), width)]
    if records:
        shown = [each for column in columns if _is_wanted(each := _shown(column, records))]
        widths = fitted([each.measured() for each in shown], width)
        table = _table([shown[at] for at in widths], list(widths.values()))
        said += ["", *_printed(table, width=width, colour=colour)]
        left_out = [each.heading for at, each in enumerate(shown) if at not in widths]
        said += _left_out(left_out, width)
    return "".join(f"{line.rstrip()}\n" for line in said)


def _left_out(headings: Sequence[str], width: int) -> list[str]:
    if not headings:
        return []
    said = _("No room for: {columns}. With --full everything is shown.")
    return ["", *wrapped(said.format(columns=", ".join(headings)), width)]


def _shown(column: TableColumn, records: Sequence[Record]) -> _Shown:
    heading = label(column.heading or column.name)
    return _Shown(column, heading, tuple(_cell(column, record) for record in records))


def _cell(column: TableColumn, record: Record) -> Cell:
    facts = {each.name: each for each in record.fields}
    if column.name not in facts:
        return Cell("")
    return Cell(short(facts[column.name])) if column.short is None else column.short(facts)


def _is_wanted(shown: _Shown) -> bool:
    return shown.column.rank == 1 or any(each.text for each in shown.cells)


def _table(columns: Sequence[_Shown], widths: Sequence[int]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for each, width in zip(columns, widths, strict=True):
        table.add_column(
            Text("\n".join(wrapped(each.heading, width))),
            justify="right" if each.column.figure else "left",
            width=width,
            vertical="top",
            no_wrap=True,
        )
    for row in zip(*(each.cells for each in columns), strict=True):
        table.add_row(*map(_drawn, row, widths))
    return table


def _drawn(cell: Cell, width: int) -> Text:
    return Text("\n".join(wrapped(cell.text, width)), style=_ALARM if cell.alarm else "")


def _printed(table: Table, *, width: int, colour: bool) -> list[str]:
    """Return the lines of a table; escape codes are in them only with `colour`."""
    page = StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(table)
    return page.getvalue().splitlines()
