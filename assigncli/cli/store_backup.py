"""`store backup`: copy the store while it is in use, and list what it has deleted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli import session as clock
from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.input import inputs
from assigncli.cli.output import views
from assigncli.cli.session import vault_beside
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _
from assigncli.profiles import load_profile

if TYPE_CHECKING:
    from assigncli.server.store.backup_file import Contents

_KEPT: Final = timedelta(days=30)
"""How long a copy of the vault is kept unless a day is given."""

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
    with_vault: Annotated[
        Path | None,
        typer.Option(
            "--with-vault",
            metavar=N_("FILE"),
            help=N_("Also copy the vault, locked with a passphrase, to this file."),
        ),
    ] = None,
    vault_until: Annotated[
        str | None,
        typer.Option(
            "--vault-until",
            metavar=N_("DAY"),
            help=N_("The last day on which to keep the copy of the vault; 30 days from now."),
        ),
    ] = None,
    new_passphrase: Annotated[
        bool,
        typer.Option(
            "--new-passphrase",
            help=N_("Seal the service's key with another passphrase from now on."),
        ),
    ] = False,
) -> None:
    from assigncli.cli.session.backups import back_up

    place, now = store_at(store), clock.utc_now()
    until = _until(vault_until, now)
    made = back_up(
        place,
        file.absolute(),
        now,
        seals=_new_passphrase,
        anew=new_passphrase,
        lists_only=only_deletions,
    )
    if with_vault is not None:
        _copy_vault(place, made, with_vault.absolute(), until)
    _say(file, made, only_deletions=only_deletions)
    _warn_of_copies(place, now.date())


def _say(file: Path, made: Contents, *, only_deletions: bool) -> None:
    if only_deletions:
        sentence = _("The list of deletions is written to {path}.")
    else:
        sentence = _("The store is backed up to {path}.")
    out().result(
        sentence.format(path=file),
        views.record(
            None,
            "-path -at",
            (),
            path=file.absolute(),
            at=made.at,
        ),
    )


def _new_passphrase() -> bytes:
    from assigncli.cli.input import passphrases

    return passphrases.new_for(_("New passphrase for the service's key in backups"))


def _until(typed: str | None, now: datetime) -> date:
    """Return the last day of a copy of the vault; raises InvalidInput `vault_until_past`."""
    until = inputs.day(typed) or now.date() + _KEPT
    if until < now.date():
        raise InvalidInput("vault_until_past")
    return until


def _copy_vault(store: Path, made: Contents, target: Path, until: date) -> None:
    from assigncli.cli.input import passphrases
    from assigncli.cli.session.vault_copies import copy_vault

    key = passphrases.new_for(_("New passphrase for the copy of the vault"))
    copy_vault(vault_beside(store), store, made.store, made.at, target, until, key)
    out().note(
        _("The vault is copied to {path}. Delete that file after {day}.").format(
            path=target, day=out().calendar.day(until)
        )
    )


def _warn_of_copies(store: Path, today: date) -> None:
    """Warn of each copy of the vault that should be gone: it undoes deletions."""
    from assigncli.cli.session.vault_copies import past

    for each in past(store, today):
        out().warn(
            _("The copy of the vault at {path} should be gone since {day}. Delete it.").format(
                path=each.path, day=out().calendar.day(each.until)
            )
        )


def store_at(given: Path | None) -> Path:
    """Return the store that is named, else the profile's."""
    if given is not None:
        return given.absolute()
    return load_profile(current_globals().profile, environ()).store
