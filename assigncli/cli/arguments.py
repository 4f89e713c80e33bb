"""Arguments and options that several command modules share, so that none need load another."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from assigncli.cli.private_keys import Place
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
"""No number on the command line is larger: the database keeps 64 bits."""
PAGE: Final = 20
"""How many are listed where nothing is said of it."""
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help=N_("How many at most."))]
