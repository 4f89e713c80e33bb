"""`assign profile`: the profiles on this machine, which of them acts, and where its store is."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.output import Record, listing_columns, said, views
from assigncli.cli.session import opened, vault_beside
from assigncli.cli.session.private_keys import place_words
from assigncli.errors import AssignError, InvalidInput
from assigncli.locale import N_, _, ngettext
from assigncli.profiles import (
    Profile,
    chosen_profile,
    list_profiles,
    load_profile,
    save_profile,
    set_current,
)
from assigncli.server_address import LocalStore, StoreAddress, read_address, written

app = group()


@app.command(
    "list", help=N_("List the profiles on this machine, and say which acts if none is named.")
)
def list_() -> None:
    names, acting = list_profiles(environ()), _acting()
    out().listing(
        "profiles",
        _how_many(len(names), acting),
        [_listed(name, is_current=name == acting) for name in names],
        columns=listing_columns.PROFILES,
    )


@app.command("use", help=N_("Let commands act as this profile if no other is named."))
def use(
    name: Annotated[str, typer.Argument(metavar=N_("PROFILE"), help=N_("The profile's name."))],
) -> None:
    profile = load_profile(name, environ())  # first, so that no damaged one is chosen
    set_current(profile.name, environ())
    out().committed = True
    out().result(
        _("Commands act as profile {name} now, if no other is named.").format(name=profile.name),
        _record(profile, is_current=True),
    )
    if environ().get("ASSIGN_PROFILE", profile.name) != profile.name:
        out().note(_("ASSIGN_PROFILE names another profile, and that one is used before it."))


@app.command(
    "address",
    help=N_(
        "Say where the profile's store is from now on: a path, unix:PATH or ssh://HOST. It is "
        "changed only if the same organisation answers there, with the log that this machine knows."
    ),
)
def address(
    place: Annotated[
        str, typer.Argument(metavar=N_("ADDRESS"), help=N_("The store's new address."))
    ],
) -> None:
    profile = load_profile(current_globals().profile, environ())
    changed = _at(profile, read_address(place))
    with opened(changed):  # as every command does, so what is wrong there is said as ever
        save_profile(changed, environ())
    out().committed = True
    out().result(
        _("The store of profile {name} is at {address} now.").format(
            name=changed.name, address=written(changed.address)
        ),
        _record(changed, is_current=changed.name == _acting()),
    )


def _at(profile: Profile, place: StoreAddress) -> Profile:
    if not isinstance(place, LocalStore):
        return replace(profile, address=place, vault_path=None)
    path = place.path.absolute()
    return replace(profile, address=LocalStore(path), vault_path=vault_beside(path))


def _acting() -> str | None:
    """Return the profile of a command that names none; None if there is none or several."""
    try:
        return chosen_profile(None, environ())
    except AssignError:
        return None


def _how_many(count: int, acting: str | None) -> str:
    if not count:
        return _("No profiles on this machine.")
    said = ngettext(
        "{count} profile on this machine.", "{count} profiles on this machine.", count
    ).format(count=count)
    if acting is None:
        return said
    return f"{said} " + _("Commands act as profile {name} if no other is named.").format(
        name=acting
    )


def _listed(name: str, *, is_current: bool) -> Record:
    """Return a profile's record; a damaged one is named, with what is wrong with it."""
    try:
        return _record(load_profile(name, environ()), is_current=is_current)
    except InvalidInput as damaged:
        return views.record(
            None,
            "here.profile -handle -store -keys -is_current problem",
            profile=name,
            handle=None,
            store=None,
            keys=None,
            is_current=is_current,
            problem=views.Said(damaged.code, " ".join(said(damaged))),
        )


def _record(profile: Profile, *, is_current: bool) -> Record:
    return views.record(
        profile,
        "here.profile -handle store keys -is_current -problem",
        profile=profile.name,
        store=written(profile.address),
        keys=views.Said(profile.keys, place_words(profile.keys)),
        is_current=is_current,
        problem=None,
    )
