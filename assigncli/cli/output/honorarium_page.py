"""A report as one page: rows of figures by cycle, shown as lines, JSON or a table.

Knows how a page is shown, but not what its figures are called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assigncli.cli.output import Field, Line, Output, Record
from assigncli.cli.output.facts import TableColumn
from assigncli.locale import _


@dataclass(frozen=True)
class Part:
    """One cycle of a page; `facts` are JSON's facts about it.

    `also` are sentences after the first. `bar` draws a row's progress to the thresholds, for a
    table on a terminal.
    """

    sentence: str
    rows: Sequence[object]
    footer: Sequence[str]
    facts: Mapping[str, object]
    bar: Callable[[Any], Field] | None = None
    also: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """A whole report: the names of a row's figures, and the functions for its fields and lines.

    `lines` returns the important lines of a row; `columns` are those of its table.
    """

    names: str
    columns: tuple[TableColumn, ...]
    parts: tuple[Part, ...]
    fields: Callable[[Any], tuple[Field, ...]]
    lines: Callable[[Any], tuple[Line, ...]]

    def record(self, row: object) -> Record:
        """Return a row's figures as labelled facts, and its important lines."""
        return Record(self.fields(row), self.lines(row))


def show(output: Output, page: Page) -> None:
    """Show a page: a count, then a block for each mentor, then the totals; JSON as one document."""
    if output.mode == "json":
        records = [page.record(row) for part in page.parts for row in part.rows]
        facts = {"cycles": [part.facts for part in page.parts]}
        output.listing("mentors", "", records, extra=facts)
        return
    for place, part in enumerate(page.parts):
        if place:
            output.text("")
        output.listing(
            "mentors",
            part.sentence,
            _shown(output, page, part),
            part.footer,
            also=part.also,
            columns=page.columns,
        )
    if not page.parts:
        output.listing("mentors", no_cycle(), [])


def no_cycle() -> str:
    """Return the sentence for when no cycle covers today and none was named."""
    return _(
        "No reporting cycle covers today, so there is nothing to report. Name one with --cycle."
    )


def _shown(output: Output, page: Page, part: Part) -> list[Record]:
    """Return the rows as records; for a table on a terminal, each with its bar."""
    records = [page.record(row) for row in part.rows]
    if part.bar is None or output.mode != "table" or not output.stdout.isatty():
        return records
    return [
        replace(record, fields=(*record.fields, part.bar(row)))
        for record, row in zip(records, part.rows, strict=True)
    ]
