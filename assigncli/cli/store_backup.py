"""`store backup`: copy the store while it is in use, and list what it has deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.output import views
from assigncli.locale import N_, _
from assigncli.profiles import load_profile

StoreOption = Annotated[
    Path | None,
    typer.Option("--store", help=N_("The store's file; without it, the profile's.")),
]


def backup(
    file: Annotated[
        Path, typer.Argument(metavar=N_("FILE"), help=N_("The new file; none is overwritten."))
    ],
    *,
    store: StoreOption = None,
    only_deletions: Annotated[
        bool,
        typer.Option(
            "--only-deletions",
            help=N_("Write only the list of what was deleted, which a restore asks for."),
        ),
    ] = False,
    new_passphrase: Annotated[
        bool,
        typer.Option(
            "--new-passphrase",
            help=N_("Seal the service's key with another passphrase from now on."),
        ),
    ] = False,
) -> None:
    from assigncli.cli.input import passphrases
    from assigncli.cli.session import utc_now
    from assigncli.cli.session.backups import back_up

    place, now = store_at(store), utc_now()
    made = back_up(
        place,
        file.absolute(),
        now,
        seals=lambda: passphrases.new_for(_("New passphrase for the service's key in backups")),
        anew=new_passphrase,
        lists_only=only_deletions,
    )
    sentence = (
        _("The list of deletions is written to {path}.")
        if only_deletions
        else _("The store is backed up to {path}.")
    )
    out().result(
        sentence.format(path=file),
        views.record(
            None,
            "-path -at -organizations",
            (),
            path=file.absolute(),
            at=made.at,
            organizations=len(made.lists),
        ),
    )


def store_at(given: Path | None) -> Path:
    """Return the store that is named, else the profile's."""
    if given is not None:
        return given.absolute()
    return load_profile(current_globals().profile, environ()).store
