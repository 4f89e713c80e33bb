"""Show the rows that `dispatch --csv` cannot send, and the check as a whole.

Each problem is shown by the spreadsheet's row and the sheet's own column name, never with a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.cli.output import Record, views
from assigncli.domain.roster import HeaderRefused, RowProblem
from assigncli.errors import AssignError, InvalidInput, PartlyDone
from assigncli.locale import _, ngettext
from assigncli.words.problems import in_sheet

if TYPE_CHECKING:
    from assigncli.client.sheet import Checked

DIFFERS: Final = "row_differs"
"""The code of a row that differs from the one sent before."""


def note_check(checked: Checked) -> None:
    """Show how many rows were checked, and how many have problems or differ."""
    counted = (
        (
            checked.bad,
            ngettext("{count} has problems.", "{count} have problems.", checked.bad),
        ),
        (
            checked.differing,
            ngettext(
                "{count} differs from what was sent.",
                "{count} differ from what was sent.",
                checked.differing,
            ),
        ),
    )
    found = [sentence.format(count=count) for count, sentence in counted if count]
    rows = ngettext("{rows} row is checked.", "{rows} rows are checked.", checked.rows)
    said = rows.format(rows=checked.rows) if checked.rows else _("The sheet has no rows.")
    out().note(" ".join([said, *(found or [_("No row has problems.")] * bool(checked.rows))]))


def say_check(
    rows: int, good: int, problems: list[RowProblem], stopped: AssignError | None = None
) -> None:
    """Show the result of a check; under --json with every problem, which else are shown already.

    `stopped` is the reason why nothing can be sent today, if there is one.
    """
    can = _can_be_sent(rows, good) if stopped is None else _("No row can be sent today.")
    out().result(
        " ".join([can, _("Nothing is sent.")]),
        views.record(
            None,
            "rows good -dispatch_stopped -problems",
            (),
            rows=rows,
            good=good,
            dispatch_stopped=stopped and stopped.code,
            problems=tuple(map(record_of, problems)) or None,
        ),
    )


def _can_be_sent(rows: int, good: int) -> str:
    """Return how many of the rows could be sent, without a bare zero or "1 of 1"."""
    if not good:
        return _("No row can be sent.")
    if good < rows:
        return ngettext(
            "{good} of {rows} rows can be sent.", "{good} of {rows} rows can be sent.", good
        ).format(good=good, rows=rows)
    return ngettext("The row can be sent.", "All {rows} rows can be sent.", rows).format(rows=rows)


def tell_problem(problems: list[RowProblem], problem: RowProblem) -> None:
    """Show a problem as it is found; JSON keeps them for its one document.

    Rows that differ are kept in every mode, so that none is shown twice.
    """
    if out().mode == "json" or problem.code == DIFFERS:
        problems.append(problem)
    if out().mode == "json":
        return
    place = {"row": problem.row, "sentence": in_sheet(problem)}
    if problem.column is None:
        out().remark(_("Row {row}: {sentence}").format(**place))
    else:
        out().remark(
            _("Row {row}, column {column}: {sentence}").format(column=problem.column, **place)
        )


def record_of(problem: RowProblem) -> Record:
    """Return the facts of a problem, for JSON."""
    return views.record(problem, "row column code -message", message=in_sheet(problem))


@contextmanager
def header_told() -> Iterator[None]:
    """Show each problem of a refused header."""
    try:
        yield
    except HeaderRefused as refused:
        problems: list[RowProblem] = []
        for problem in refused.problems:
            tell_problem(problems, problem)
        if out().mode == "json":
            say_check(0, 0, problems)
        raise


def left_out(bad: int, differing: int, *, sent: bool) -> AssignError:
    """Return the error for rows with problems, and rows that differ from those sent."""
    if not bad:
        return PartlyDone("rows_differ", differing=differing)
    if sent:
        return PartlyDone("rows_skipped", count=bad, differing=differing)
    return InvalidInput("rows_invalid", count=bad, differing=differing)
