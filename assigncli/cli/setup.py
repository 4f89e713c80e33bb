"""`init` and `join`: found an organisation, or ask to join one, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli import session as clock
from assigncli.cli.arguments import KeysOption
from assigncli.cli.first_language import settle_language
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.prompts import ask
from assigncli.cli.session import (
    choose_place,
    default_store,
    keychain,
    open_store,
    place_words,
    service_keychain,
    vault_beside,
)
from assigncli.config import Profile, list_profiles, save_profile, set_current
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.store.engine import Store
    from assigncli.vault import Vault

HandleOption = Annotated[
    str | None,
    typer.Option("--handle", metavar=N_("HANDLE"), help=N_("A short name to be called by.")),
]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar=N_("NAME"), help=N_("Your full name."))
]


@command(
    N_(
        "Found an organisation on this machine. This makes the store, the vault, the root key, "
        "your own keys as administrator and coordinator, and the identity for the sweep."
    )
)
def init(
    organization: Annotated[
        str | None,
        typer.Option(
            "--organization", metavar=N_("NAME"), help=N_("The name of the organisation.")
        ),
    ] = None,
    handle: HandleOption = None,
    name: NameOption = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", help=N_("Where the store is, or is to be.")),
    ] = None,
    time_zone: Annotated[
        str,
        typer.Option("--time-zone", metavar=N_("ZONE"), help=N_("The organisation's time zone.")),
    ] = "Europe/Oslo",
    keys: KeysOption = "auto",
) -> None:
    from assigncli.actions import found as action
    from assigncli.actions.found import Founding

    settle_language()
    founding = Founding(
        organization=organization or ask(_("Name of the organisation"), option="--organization"),
        handle=handle or ask(_("Your handle, a short name"), option="--handle"),
        display_name=name or ask(_("Your full name"), option="--name"),
        zone=time_zone,
    )
    founding = action.check(founding, clock.utc_now())
    profile_name = free_profile_name(founding.handle)
    path = (store or default_store()).absolute()
    place = choose_place(keys)
    new_keys = keychain(place, new_for=founding.display_name)
    with _store_and_vault(path) as (opened_store, vault):
        founded = action.found(
            opened_store, vault, new_keys, service_keychain(path), founding, clock.utc_now()
        )
    profile = Profile(
        name=profile_name,
        store=path,
        vault=vault_beside(path),
        organization_id=founded.organization_id,
        member_id=founded.member_id,
        handle=founded.handle,
        root_public_key=founded.root_public_key,
        keys=place,
    )
    _save(profile)
    out().result(
        _("{organization} is founded, and you are its administrator and coordinator.").format(
            organization=founded.organization
        ),
        Record(
            (
                Field("organization", _("Organisation"), founded.organization),
                Field("organization_id", _("Organisation id"), founded.organization_id),
                Field("handle", _("Your handle"), founded.handle),
                Field("profile", _("Profile"), profile.name),
                Field("store", _("Store"), path),
                Field("vault", _("Vault"), profile.vault),
                Field("keys", _("Private keys"), place, place_words(place)),
                Field("time_zone", _("Time zone"), founded.zone),
                Field("reporting_cycle", _("Reporting cycle"), founded.cycle),
                Field("fingerprint", _("Your fingerprint"), founded.fingerprint),
            ),
            (Line(_("Store"), str(path)), Line(_("Your handle"), founded.handle)),
        ),
    )


@command(
    N_(
        "Make your keys on this machine and ask to join an organisation. Read the fingerprint to "
        "your coordinator by telephone; you can begin once they have approved it."
    )
)
def join(
    store: Annotated[
        Path | None,
        typer.Option("--store", help=N_("Where the organisation's store is.")),
    ] = None,
    organization: Annotated[
        str | None,
        typer.Option(
            "--organization",
            metavar=N_("NAME"),
            help=N_("Which organisation, where the store holds several."),
        ),
    ] = None,
    handle: HandleOption = None,
    name: NameOption = None,
    keys: KeysOption = "auto",
) -> None:
    from assigncli.actions import enrol
    from assigncli.domain.people import require_handle, require_name

    path = (store or default_store()).absolute()
    with open_store(path) as opened_store:
        settle_language()
        said = require_handle(handle or ask(_("Your handle, a short name"), option="--handle"))
        full = require_name(name or ask(_("Your full name"), option="--name"))
        profile_name = free_profile_name(said)
        place = choose_place(keys)
        joined = enrol.join(
            opened_store, keychain(place, new_for=full), organization, said, full, clock.utc_now()
        )
    profile = Profile(
        name=profile_name,
        store=path,
        vault=vault_beside(path),
        organization_id=joined.organization_id,
        member_id=joined.member_id,
        handle=joined.handle,
        root_public_key=joined.root_public_key,
        keys=place,
    )
    _save(profile)
    out().result(
        _("You have asked to join {organization}.").format(organization=joined.organization),
        Record(
            (
                Field("organization", _("Organisation"), joined.organization),
                Field("handle", _("Your handle"), joined.handle),
                Field("profile", _("Profile"), profile.name),
                Field("store", _("Store"), path),
                Field("keys", _("Private keys"), place, place_words(place)),
                Field("fingerprint", _("Your fingerprint"), joined.fingerprint),
            ),
            (Line(_("Your fingerprint"), joined.fingerprint),),
        ),
    )
    out().note(
        _(
            "Read the fingerprint to your coordinator, who compares it and approves you with "
            "{command}."
        ).format(command=f"assign member approve {joined.handle}")
    )


def free_profile_name(handle: str) -> str:
    """Return the name for a new profile: --profile, else the handle.

    Raises InvalidInput `profile_exists` rather than replace one: its keys would be lost.
    """
    name = current_globals().profile or handle
    if name in list_profiles(environ()):
        raise InvalidInput(
            _("This machine already has a profile with this name."),
            _("Choose another name for the new one with --profile."),
            code="profile_exists",
        )
    return name


def _save(profile: Profile) -> None:
    first = not list_profiles(environ())
    save_profile(profile, environ())
    if first:
        set_current(profile.name, environ())


@contextmanager
def _store_and_vault(path: Path) -> Iterator[tuple[Store, Vault]]:
    """Open the store and vault at `path`, or make both; what is not founded is not left behind."""
    from assigncli.store.engine import Store
    from assigncli.vault import Vault

    if path.exists():
        with Store.open(path) as store:
            yield store, Vault.open(vault_beside(path))
        return
    vault = Vault.create(vault_beside(path))
    made = [vault.path]
    try:
        with Store.create(path, now=clock.utc_now()) as store:
            made.append(path)
            yield store, vault
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
            file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
        vault.free_ballast()
        raise
