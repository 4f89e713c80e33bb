"""`init`: set up an organisation on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.beginnings import Beginning
from assigncli.cli import session as clock
from assigncli.cli.frame import command, current_globals, out
from assigncli.cli.frame.arguments import KeysOption
from assigncli.cli.input.first_language import settle_language
from assigncli.cli.input.prompts import ask
from assigncli.cli.output import views
from assigncli.cli.output.states import next_line
from assigncli.cli.session import default_store, open_store, session_on, vault_beside
from assigncli.cli.session.beginning import (
    free_profile_name,
    made_facts,
    made_whole,
    require_room,
    taken_up,
)
from assigncli.cli.session.private_keys import choose_place, identity, keychain
from assigncli.cli.session.service_turns import service_keychain
from assigncli.errors import AssignError
from assigncli.locale import N_, _
from assigncli.private_files import require_writable_folder
from assigncli.profiles import Profile
from assigncli.server_address import LocalStore, written

if TYPE_CHECKING:
    from assigncli.cli.founding_afar import Founded
    from assigncli.client.init import Founding
    from assigncli.server.store.engine import Store

HandleOption = Annotated[
    str | None,
    typer.Option("--handle", metavar=N_("HANDLE"), help=N_("A short user name.")),
]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar=N_("NAME"), help=N_("Your full name."))
]


@command(
    N_(
        "Set up a new organisation on this machine. This makes the store, the vault, the root key, "
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
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar=N_("LINE"),
            help=N_("Found it at a server: the line that assign serve printed, in quotes."),
        ),
    ] = None,
) -> None:
    from assigncli.cli.founding_afar import founded
    from assigncli.client import init
    from assigncli.client.init import Draw, Founding
    from assigncli.server.reads.founded import require_name_free

    settle_language()
    founding = Founding(
        organization=organization or ask(_("Name of the organisation"), option="--organization"),
        handle=handle or ask(_("Your handle, a short name"), option="--handle"),
        display_name=name or ask(_("Your full name"), option="--name"),
        zone=time_zone,
    )
    founding = init.check(founding, clock.utc_now())
    if at is not None:
        from assigncli.cli.founding_afar import found_at

        _say_founded(*found_at(at, founding, keys))
        return
    path = (store or default_store()).absolute()
    profile_name = current_globals().profile or founding.handle
    earlier = taken_up(profile_name)
    if earlier is not None and _founds(earlier, path, founding):
        with open_store(path) as made:
            session = session_on(made, earlier, founding.zone, lambda: identity(earlier))
            _say_founded(founded(session.client, founding), earlier)
        return
    profile_name = free_profile_name(founding.handle)
    _require_place(path, founding.organization)
    place = choose_place(keys)
    new_keys = keychain(place, new_for=founding.display_name)
    draw = Draw()
    profile = Profile(
        name=profile_name,
        address=LocalStore(path),
        vault_path=vault_beside(path),
        organization_id=draw.organization_id,
        member_id=draw.member_id,
        handle=founding.handle,
        root_public_key=draw.root.public,
        keys=place,
    )
    with (
        made_whole(Beginning(profile, draw.identity.public.signing_key, draw.service_id)),
        _store_and_vault(path) as opened_store,
    ):
        init.keep_keys(draw, new_keys, service_keychain(path))
        require_name_free(opened_store, founding.organization)
        session = session_on(opened_store, profile, founding.zone, lambda: draw.identity)
        token = session.server.offer_founding(session.now)
        service = draw.service.public
        init.found_organization(session.client, founding, draw, token, service)
        made_here = founded(session.client, founding)
    _say_founded(made_here, profile)


def _say_founded(founded: Founded, profile: Profile) -> None:
    out().committed = True
    out().result(
        _("{organization} is set up. You are its administrator and coordinator.").format(
            organization=founded.organization
        ),
        views.record(
            founded,
            "organization organization_id your.handle here.profile store vault keys time_zone"
            " reporting_cycle your.fingerprint",
            (
                views.line("store", written(profile.address)),
                views.line("your.handle", founded.handle),
                next_line(_("assign member invite HANDLE, for your first mentor")),
            ),
            vault=profile.vault_path,
            time_zone=founded.zone,
            reporting_cycle=founded.cycle,
            **made_facts(profile),
        ),
    )


def _founds(profile: Profile, store: Path, founding: Founding) -> bool:
    """Say whether a profile is the one that this command would make."""
    from assigncli.server.reads.founded import is_named

    if (profile.store, profile.handle) != (store, founding.handle):
        return False
    with open_store(store) as opened_store:
        return is_named(opened_store, profile.organization_id, founding.organization)


def _require_place(path: Path, organization: str) -> None:
    """Verify store and vault as far as possible, before a key is made or a passphrase chosen."""
    from assigncli.server.reads.founded import require_name_free
    from assigncli.server.vault.vault import Vault

    if is_there(path):
        with open_store(path) as store:
            Vault.open(vault_beside(path))
            require_name_free(store, organization)
    else:
        Vault.require_free(vault_beside(path))
    folder = next(each for each in path.parents if each.exists())
    require_writable_folder(folder, ours=folder == path.parent)
    require_room()


def is_there(path: Path) -> bool:
    """Say whether there is a store, or any other file that may not be overwritten.

    Raises StoreUnavailable `store_moved` and `store_moving`.
    """
    from assigncli.private_files import look
    from assigncli.server.store.file_place import is_empty, require_file
    from assigncli.server.store.move_note import require_here

    require_here(path)
    try:
        found = look(path)
    except OSError:
        require_file(path)
        raise
    return found is not None and not is_empty(path)


@contextmanager
def _store_and_vault(path: Path) -> Iterator[Store]:
    """Open the store and vault at `path`, or make both; remove new ones if the founding fails."""
    from assigncli.server.store import ballast
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault

    if is_there(path):
        with Store.open(path) as store:
            Vault.open(vault_beside(path))
            yield store
        return
    with _nothing_left_behind(path):
        Vault.create(vault_beside(path))
        with Store.create(path, now=clock.utc_now()) as store:
            ballast.keep(ballast.beside(path))
            yield store


@contextmanager
def _nothing_left_behind(path: Path) -> Iterator[None]:
    """Delete the new store and vault if the block fails, unless the store has an organisation."""
    from assigncli.server.store import ballast
    from assigncli.server.store.file_place import remove_files

    made = [each for each in (vault_beside(path), path) if not each.exists()]
    try:
        yield
    except BaseException:
        if not _holds_any(path):
            for file in made:
                remove_files(file)
            if path in made:
                ballast.free(ballast.beside(path))
        raise


def _holds_any(path: Path) -> bool:
    """Say whether the store has an organisation; True if that cannot be determined."""
    from assigncli.server.reads.founded import holds_any
    from assigncli.server.store.file_place import is_empty

    try:
        if not path.exists() or is_empty(path):
            return False
        with open_store(path) as store:
            return holds_any(store)
    except (AssignError, OSError):
        return True
