"""`open`: read the brief of an assignment, on the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.output import assignment_views, received
from assigncli.cli.session import opened, unlocked
from assigncli.errors import InvalidInput
from assigncli.locale import N_
from assigncli.profiles import load_profile


@command(
    N_(
        "Decrypt and read an assignment sent to you. That you opened it is recorded first. It is "
        "shown on the terminal only, unless --reveal is given."
    )
)
def open_(
    number: NumberArgument,
    reveal: Annotated[
        bool,
        typer.Option("--reveal", help=N_("Allow the content to go into a file or a pipe.")),
    ] = False,
) -> None:
    from assigncli.client import open

    if not reveal and not out().stdout.isatty():
        raise InvalidInput("reveal_needed")
    profile = load_profile(current_globals().profile, environ())
    with opened(profile, asks=True) as session:
        if profile.keys == "file":
            open.require_found(session.client, number)  # refuse before a passphrase is asked for
        brief = open.open_brief(unlocked(session).client, number)
        out().result(assignment_views.title(brief), received.brief(brief))
