"""Tables with rich, for those who want to look. Imported only under --table or that setting.

Nothing is cut off: a long cell continues below. No text is read as markup or an emoji name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assigncli.cli.output.plain import lines

if TYPE_CHECKING:
    from assigncli.cli.output import Field, Record


def render(
    records: Sequence[Record], words: Callable[[Field], str], stream: TextIO, *, colour: bool
) -> str:
    """Return the records as one table, a column for each label, as wide as `stream`.

    As with --full, a field only for JSON has no column.
    """
    rows = [[each for each in record.fields if each.shown] for record in records]
    labels = list(dict.fromkeys(each.label for row in rows for each in row))
    table = Table(*labels, highlight=False)
    for row in rows:
        cells = {each.label: _cell(each, words) for each in row}
        table.add_row(*(Text(cells.get(label, ""), overflow="fold") for label in labels))
    page = StringIO()
    _console(page, width=Console(file=stream).width, colour=colour).print(table)
    return page.getvalue()


def _cell(each: Field, words: Callable[[Field], str]) -> str:
    if each.value is None and each.text is None:
        return ""
    return "\n".join(lines(words(each)))


def _console(page: StringIO, *, width: int, colour: bool) -> Console:
    return Console(
        file=page,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
