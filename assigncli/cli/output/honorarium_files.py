"""Honorarium figures as files: CSV that Excel in Norwegian opens directly, XLSX, JSON, text.

A file is written whole or not at all, for its owner alone (0600). Its content is that of the page;
nothing here counts. No cell can be taken for a formula.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assigncli.cli.frame import Frame, current_globals, entered, environ, out
from assigncli.cli.output import Field, Mode, Output
from assigncli.cli.output.honorarium_page import Page, show
from assigncli.cli.output.labels import label
from assigncli.cli.output.plain import one_line
from assigncli.cli.output.words import Calendar
from assigncli.errors import InvalidInput
from assigncli.locale import _, language

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session

_DAY: Final = "dd.mm.yyyy"
_WIDEST: Final = 40
_ADDS_UP: Final = frozenset(
    {
        *("dispatched", "completed", "completed_from_earlier", "dispatched_since"),
        *("completed_since", "in_person", "not_in_person", "not_said", "visits"),
    }
)
"""The figures that have a sum at the foot of a spreadsheet."""


class Format(StrEnum):
    """The format of exported figures."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Target:
    """A format and its file; None is standard output."""

    format: Format
    path: Path | None
    force: bool


Cell = str | int | date | None
"""The value of a spreadsheet's cell; a day is a local calendar day."""


def target(chosen: Format | None, path: Path | None, *, force: bool) -> Target | None:
    """Return format and file of the export, or None if the figures are only shown.

    Raises InvalidInput `output_needed`, and as `_require_free` for a file that may not be written.
    """
    if path is not None:
        _require_free(path, force=force)
        return Target(chosen or _by_ending(path), path, force)
    if chosen in (None, Format.TEXT):
        return None
    if chosen is Format.XLSX:
        raise InvalidInput("output_needed", "spreadsheet")
    if chosen is Format.CSV and out().mode == "json":
        raise InvalidInput("output_needed", "csv_and_json")
    return Target(chosen or Format.TEXT, None, force)


def _by_ending(path: Path) -> Format:
    ending = path.suffix.lower().removeprefix(".")
    return Format(ending) if ending in set(Format) else Format.TEXT


def _require_free(path: Path, *, force: bool) -> None:
    """Refuse an existing file, unless `force` replaces it, and anything that is not a file.

    Raises InvalidInput `output_exists` or `output_unwritable`.
    """
    try:
        if not os.path.lexists(path):
            return
        if not path.is_file():
            raise unwritable()
    except (OSError, ValueError):
        raise unwritable() from None
    if not force:
        raise _exists()


def require_apart(path: Path, store: Path) -> None:
    """Refuse to overwrite the store or a file beside it whose name begins like it.

    Raises InvalidInput `output_unwritable`.
    """
    place, own = path.resolve(), store.resolve()
    if place.parent == own.parent and place.name.startswith(own.name):
        raise unwritable()


def render(page: Page, chosen: Format, session: Session) -> bytes:
    """Return the content of the whole file."""
    if chosen is Format.CSV:
        return _csv(page)
    if chosen is Format.XLSX:
        return _xlsx(page, session.now)
    return _as_shown(page, "json" if chosen is Format.JSON else "linear")


def say(content: bytes) -> None:
    """Write a file's bytes to standard output unchanged."""
    stream = out().stdout
    stream.flush()
    stream.buffer.write(content)
    stream.buffer.flush()


@contextmanager
def staged(wanted: Target, content: bytes) -> Iterator[Callable[[], None]]:
    """Write a temporary file beside `wanted`; call the yielded function to put it in place.

    Without that call, no file remains. Raises InvalidInput `output_unwritable`; the yielded
    function also raises `output_exists` if another process was faster.
    """
    path = wanted.path or Path()
    temporary = _beside(path, content)
    try:
        yield lambda: _put(temporary, path, force=wanted.force)
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _beside(path: Path, content: bytes) -> str:
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".assign-", suffix=".tmp")
    except (OSError, ValueError):
        raise unwritable() from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise unwritable() from None
    return temporary


def _put(temporary: str, path: Path, *, force: bool) -> None:
    try:
        if force:
            os.replace(temporary, path)
            return
        try:
            os.link(temporary, path)  # unlike a rename, it never replaces
        except FileExistsError:
            raise _exists() from None
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise _exists() from None
            os.replace(temporary, path)
    except OSError:
        raise unwritable() from None


def _exists() -> InvalidInput:
    return InvalidInput("output_exists")


def unwritable() -> InvalidInput:
    """Return the error for a path that takes no file of figures."""
    return InvalidInput("output_unwritable", "figures")


def _as_shown(page: Page, mode: Mode) -> bytes:
    """Return the output of a terminal or a script."""
    text = io.StringIO()
    # The file is read in later years too: without today's date each day has its year.
    shown = Output(mode, False, text, text, Calendar(out().calendar.zone))
    with entered(Frame(current_globals(), shown, environ()), language()):
        show(shown, page)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _csv(page: Page) -> bytes:
    """Return CSV for Norwegian Excel: UTF-8 with a byte order mark, semicolons, CRLF."""
    from assigncli.domain.roster import defuse

    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in _cells(page):
        # A number may begin with a minus; a text that does is defused.
        writer.writerow([defuse(cell) if isinstance(cell, str) else _plain(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def _plain(cell: Cell) -> str:
    """Return a cell as text; a day in the form that Norwegian Excel reads."""
    if isinstance(cell, date):
        return f"{cell:%d.%m.}{cell.year:04}"
    return "" if cell is None else str(cell)


def _cells(page: Page) -> Iterator[list[Cell]]:
    """Yield the heading, then each row."""
    yield [label(name) for name in page.names.split()]
    for part in page.parts:
        for row in part.rows:
            yield [_cell(each) for each in page.record(row).fields]


def _cell(each: Field) -> Cell:
    """Return a cell's value: a moment as its local day, an enum's words in the language."""
    value = each.value
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(out().calendar.zone).date()
    if isinstance(value, Enum):
        return each.text or str(value.value)
    return one_line(str(value))


def _xlsx(page: Page, made_at: datetime) -> bytes:
    """Return a spreadsheet with real dates and numbers, its header frozen, its sums last."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    header, *rows = _cells(page)
    whole = io.BytesIO()
    book = Workbook(whole, {"constant_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": _DAY, "align": "left"})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place in range(len(header)):
        widest = max(len(_plain(row[place])) for row in (header, *rows))
        sheet.set_column(place, place, min(widest, _WIDEST) + 2)
    for number, (row, style) in enumerate(
        [(header, bold), *((row, None) for row in rows), (_sums(page, rows), bold)]
    ):
        _write(sheet, number, row, style, day)
    book.close()
    return whole.getvalue()


def _sums(page: Page, rows: list[list[Cell]]) -> list[Cell]:
    """Return the last row: the sums of the figures that have one."""
    sums: list[Cell] = [
        sum(cell for row in rows if isinstance(cell := row[place], int))
        if name in _ADDS_UP
        else None
        for place, name in enumerate(page.names.split())
    ]
    return [_("In all"), *sums[1:]]


def _write(sheet: Any, number: int, row: list[Cell], style: Any, day: Any) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, date):
            sheet.write_datetime(number, place, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
        elif isinstance(cell, int):
            sheet.write_number(number, place, cell, style)
        elif cell is not None:
            sheet.write_string(number, place, cell, style)
