"""`dispatch`: send a draft to its mentor, or a sheet of assignments to their mentors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.output import assignment_views
from assigncli.cli.session import opened, unlocked
from assigncli.cli.session.telling import tell_at_once
from assigncli.cli.session.waiting_devices import say_of_waiting_devices
from assigncli.errors import InvalidInput
from assigncli.locale import N_
from assigncli.profiles import load_profile


@command(
    N_(
        "Send an assignment to its mentor. From then on its content, its mentor and its "
        "coordinator cannot be changed, only recalled or cancelled. With --csv, send every row of "
        "a sheet: all rows are checked first, and running the same sheet again sends none twice."
    )
)
def dispatch(
    *,
    number: Annotated[
        str | None,
        typer.Argument(metavar=N_("NUMBER"), help=N_("The assignment's number or id.")),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            "--csv",
            metavar=N_("FILE"),
            help=N_("A sheet as Excel saves it (CSV), or a hyphen for standard input."),
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Check the sheet and send nothing."))
    ] = False,
    skip_invalid: Annotated[
        bool,
        typer.Option("--skip-invalid", help=N_("Send the valid rows and leave out the others.")),
    ] = False,
    result: Annotated[
        Path | None,
        typer.Option("--result", help=N_("Write the result to this file as CSV.")),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(
            "--delimiter",
            metavar=N_("SIGN"),
            help=N_("What separates the cells: semicolon, comma or tab. Detected if left out."),
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            "--encoding",
            metavar=N_("NAME"),
            help=N_("The encoding, such as utf-8 or cp1252. Detected if left out."),
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar=N_("HANDLE"),
            help=N_("The mentor for every row, when the sheet has no mentor column."),
        ),
    ] = None,
    no_dispatch: Annotated[
        bool, typer.Option("--no-dispatch", help=N_("Leave the rows as drafts."))
    ] = False,
) -> None:
    if sheet is not None and number is None:
        from assigncli.cli.sheet import Wishes, run

        run(
            Wishes(
                source=sheet,
                dry_run=dry_run,
                skip_invalid=skip_invalid,
                result=result,
                delimiter=delimiter,
                encoding=encoding,
                mentor=to,
                no_dispatch=no_dispatch,
            )
        )
        return
    others = (dry_run, skip_invalid, result, delimiter, encoding, to, no_dispatch)
    if number is None or sheet is not None or any(others):
        raise InvalidInput("usage", "number_or_sheet")
    _dispatch_one(number)


def _dispatch_one(number: str) -> None:
    from assigncli.client import dispatch as action

    profile = load_profile(current_globals().profile, environ())
    with opened(profile, asks=True) as locked:
        if profile.keys == "file":
            action.asked(locked.client, number)  # refuse before a passphrase is asked for
        session = unlocked(locked)
        sent = action.dispatch(session.client, number)
        told = tell_at_once(session, sent.id, sent.recipient_name)
        out().result(*assignment_views.dispatched(sent, told))
        say_of_waiting_devices(session, sent.recipient)
