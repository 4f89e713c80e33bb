"""Arguments and options shared by several command modules, so that none has to import another."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from assigncli.cli.session.private_keys import Place
from assigncli.domain.lifecycle import Priority
from assigncli.locale import N_

NumberArgument = Annotated[
    str, typer.Argument(metavar=N_("NUMBER"), help=N_("The assignment's number or id."))
]
KeysOption = Annotated[
    Place,
    typer.Option(
        "--keys",
        help=N_("Where private keys go: keyring, file, or auto for the best there is."),
    ),
]
HandleArgument = Annotated[
    str, typer.Argument(metavar=N_("HANDLE"), help=N_("The member's handle."))
]

LARGEST: Final = 2**63 - 1
"""The largest number on the command line: the database keeps 64 bits."""
PAGE: Final = 20
"""The default number of rows listed."""
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help=N_("How many at most."))]

ReferenceOption = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar=N_("TEXT"),
        help=N_("A case number or initials, at most 40 characters, no personal data."),
    ),
]
PriorityOption = Annotated[
    Priority | None,
    typer.Option("--priority", help=N_("How soon; urgent ones come first in the inbox.")),
]
DeadlineOption = Annotated[
    int | None,
    typer.Option("--deadline-days", max=LARGEST, help=N_("Days the mentor has to make contact.")),
]
ExpiresOption = Annotated[
    str | None,
    typer.Option(
        "--expires",
        metavar=N_("DAY"),
        help=N_("The last day it can be read, such as 31.12.2026 or 2026-12-31."),
    ),
]
NotesOption = Annotated[
    str | None,
    typer.Option(
        "--coordinator-notes",
        metavar=N_("TEXT"),
        help=N_("A note to the mentor, nothing personal."),
    ),
]
InternalOption = Annotated[
    str | None,
    typer.Option(
        "--internal-notes",
        metavar=N_("TEXT"),
        help=N_("A note that only coordinators see, nothing personal."),
    ),
]
PayloadOption = Annotated[
    str | None,
    typer.Option(
        "--payload",
        metavar=N_("FILE"),
        help=N_("The person's details as a JSON file, or a hyphen for standard input."),
    ),
]
