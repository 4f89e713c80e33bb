"""`assign honorarium`: the mentors' earnings and work, and the ledger lines behind them.

Asks the server and shows its figures, or writes them to a file. Names and words of the figures are
in `honorarium_views` and `honorarium_lines`; files are made in `honorarium_files`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.frame import group, out
from assigncli.cli.output import honorarium_files as files
from assigncli.cli.output import honorarium_lines as lines
from assigncli.cli.output import honorarium_views as views
from assigncli.cli.output import listing_columns
from assigncli.cli.output.honorarium_files import Format, Target
from assigncli.cli.output.honorarium_page import Page, show
from assigncli.cli.output.views import Said, record
from assigncli.cli.output.words import count_in_words
from assigncli.cli.session import opened
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.export import ExportedFigures
    from assigncli.lookups.about_honorarium import (
        Activity,
        CycleVisits,
        Figures,
        Report,
        ReportScope,
    )

app = group()


@app.command(
    "report",
    help=N_(
        "Report assignments sent and completed and the honorarium earned, one mentor at a "
        "time, in Norwegian alphabetical order."
    ),
)
def report(
    cycle: Annotated[
        list[str] | None,
        typer.Option(
            "--cycle",
            metavar=N_("NAME"),
            help=N_(
                "Which cycle, or all of them. Repeat it for several. Without it, today's cycle."
            ),
        ),
    ] = None,
    mentor: Annotated[
        str | None,
        typer.Option("--mentor", metavar=N_("HANDLE"), help=N_("Only this mentor.")),
    ] = None,
    since: Annotated[
        bool,
        typer.Option("--since", help=N_("Only mentors with something new since the last export.")),
    ] = False,
    activity: Annotated[
        bool,
        typer.Option("--activity", help=N_("Count visits instead: in person, or not.")),
    ] = False,
    format_: Annotated[
        Format | None,
        typer.Option(
            "--format",
            metavar=N_("FORMAT"),
            help=N_("The format to write the figures in. Without it, the file's name decides."),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar=N_("FILE"), help=N_("Write to this file.")),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help=N_("Replace the file if it is there already."))
    ] = False,
) -> None:
    from assigncli.lookups.about_honorarium import ReportScope

    if since and activity:
        raise InvalidInput("usage", "since_or_activity")
    wanted = files.target(format_, output, force=force)
    asked = ReportScope(tuple(cycle or ()), mentor, since)
    with opened(keys=wanted is not None) as session:
        found, page = _found(session, asked, activity=activity)
        if wanted is None:
            show(out(), page)
        else:
            _export(session, found, page, wanted)


@app.command(
    "explain",
    help=N_("List the ledger lines behind a mentor's figures, and say how they add up."),
)
def explain(
    mentor: Annotated[str, typer.Argument(metavar=N_("MENTOR"), help=N_("The mentor's handle."))],
    cycle: Annotated[
        str | None,
        typer.Option(
            "--cycle",
            metavar=N_("NAME"),
            help=N_("Which cycle. Without it, the one that covers today."),
        ),
    ] = None,
) -> None:
    from assigncli.lookups.about_honorarium import LEDGER, WantedLedger

    with opened() as session:
        found = session.look(LEDGER, WantedLedger(mentor, cycle))
        out().figures_disagreeing(() if found.agrees else (found.handle,))
        out().listing(
            "lines",
            lines.sentence(found),
            [lines.line(each) for each in found.lines],
            lines.how_it_adds_up(found),
            lines.facts(found),
            also=lines.thresholds(found),
            columns=listing_columns.LEDGER,
        )


def _found(
    session: Session, asked: ReportScope, *, activity: bool
) -> tuple[Report | Activity, Page]:
    """Return the figures asked for, and their page."""
    from assigncli.lookups.about_honorarium import ACTIVITY, HONORARIUM

    if activity:
        counted = session.look(ACTIVITY, asked)
        _warn(counted.cycles)
        return counted, views.activity(counted)
    earned = session.look(HONORARIUM, asked)
    _warn(earned.cycles)
    return earned, views.report(earned)


def _warn(cycles: Sequence[Figures | CycleVisits]) -> None:
    wrong = {handle for part in cycles for handle in part.disagreeing}
    out().figures_disagreeing(sorted(wrong))


def _figures(found: Report | Activity) -> ExportedFigures:
    from assigncli.client.export import ExportedFigures

    return ExportedFigures(
        report=found.report,
        cycles=[each.basis.cycle_id for each in found.cycles],
        mentor_id=found.mentor_id,
        # The largest of all cycles, which were read at once: later lines have higher numbers.
        up_to=max(each.up_to for each in found.cycles),
    )


def _export(session: Session, found: Report | Activity, page: Page, wanted: Target) -> None:
    """Write the figures to a file or to standard output, and record that as an export."""
    from assigncli.client.export import export

    figures = _figures(found)
    content = files.render(page, wanted.format, session)
    if wanted.path is None:
        files.say(content)  # first, since a slow reader must not keep the store locked
        export(session.client, figures, wanted.format, lambda: None)
        return
    if session.store_path is not None:
        files.require_apart(wanted.path, session.store_path)
    with files.staged(wanted, content) as put_in_place:
        recorded = export(session.client, figures, wanted.format, put_in_place)
    rows = sum(len(part.rows) for part in page.parts)
    out().result(
        _written(wanted, rows, recorded=recorded),
        record(
            wanted,
            "output format rows recorded",
            (),
            output=wanted.path,
            rows=Said(rows, count_in_words(rows)),
            recorded=recorded,
        ),
    )


def _written(wanted: Target, rows: int, *, recorded: bool) -> str:
    """Return where the figures are, and that the next --since ignores them if not recorded."""
    if rows:
        said = ngettext(
            "The figures are written to {path}: {count} row.",
            "The figures are written to {path}: {count} rows.",
            rows,
        ).format(count=rows, path=wanted.path)
    else:
        said = _("There are no figures. The file {path} has only its heading.").format(
            path=wanted.path
        )
    return said if recorded else said + " " + _("It is not recorded as an export.")
