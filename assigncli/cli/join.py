"""`join`: make a member's keys on this machine, and ask to join an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.beginnings import Beginning
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.frame.arguments import KeysOption
from assigncli.cli.input.first_language import settle_language
from assigncli.cli.input.prompts import ask
from assigncli.cli.output import views
from assigncli.cli.session import vault_beside
from assigncli.cli.session.beginning import (
    free_profile_name,
    made_facts,
    made_whole,
    require_room,
    taken_up,
)
from assigncli.cli.session.private_keys import choose_place, keychain
from assigncli.cli.session.private_keys import identity as own_identity
from assigncli.cli.session.visiting import Visit, become, visiting
from assigncli.errors import AssignError, InvalidInput
from assigncli.locale import N_, _
from assigncli.profiles import Profile, list_profiles, load_profile
from assigncli.server_address import LocalStore, read_address

if TYPE_CHECKING:
    from assigncli.client.join import Expected
    from assigncli.protocol.lines import InvitationLine


@command(
    N_(
        "Make your keys on this machine and join with an invitation. Read the fingerprint to your "
        "coordinator by telephone; you can begin once they have approved it."
    )
)
def join(
    invitation: Annotated[
        list[str] | None,
        typer.Argument(
            metavar=N_("INVITATION"), help=N_("The whole line that your coordinator sent you.")
        ),
    ] = None,
    keys: KeysOption = "auto",
    kit: Annotated[
        str | None,
        typer.Option(
            "--kit",
            metavar=N_("ADDRESS"),
            help=N_(
                "Take over with the printed root key, which you are asked to type: the address of "
                "the store or of the server."
            ),
        ),
    ] = None,
    handle: Annotated[
        str | None,
        typer.Option(
            "--handle", metavar=N_("HANDLE"), help=N_("With --kit: the administrator you are.")
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar=N_("NAME"), help=N_("With --kit: your full name, if you are new.")
        ),
    ] = None,
    coordinator: Annotated[
        bool,
        typer.Option("--coordinator", help=N_("With --kit: be a coordinator too, if you are new.")),
    ] = False,
) -> None:
    from assigncli.client import join
    from assigncli.crypto.identity import Identity

    settle_language()
    if kit is not None:
        if invitation:
            raise InvalidInput("kit_alone")
        from assigncli.cli.taking_over import NewAdministrator, take_over

        take_over(kit, NewAdministrator(handle, name, is_coordinator=coordinator), keys)
        return
    if handle or name or coordinator:
        raise InvalidInput("kit_needed")
    line = join.read_line(" ".join(invitation or ()) or ask(_("Your invitation, one line")))
    address = read_address(line.address)
    with visiting(Visit(address, line.organization, line.member, line.root_key)) as session:
        expected = join.expected(session.client, line)
        earlier = taken_up(current_globals().profile or expected.handle)
        if earlier is not None and earlier.member_id == line.member:
            public = own_identity(earlier).public
            _say_joined(expected, earlier, join.fingerprint(session.client, public))
            return
        _require_no_key_here(line)
        profile_name = free_profile_name(expected.handle)
        require_room()
        place = choose_place(keys)
        new_keys = keychain(place, new_for=expected.display_name)
        profile = Profile(
            name=profile_name,
            address=address,
            vault_path=vault_beside(address.path) if isinstance(address, LocalStore) else None,
            organization_id=line.organization,
            member_id=line.member,
            handle=expected.handle,
            root_public_key=line.root_key,
            keys=place,
        )
        identity = Identity.generate()
        become(session, profile, lambda: identity)
        with made_whole(Beginning(profile, identity.public.signing_key)):
            join.join(session.client, new_keys, line)
    _say_joined(expected, profile, join.fingerprint(session.client, identity.public))


def _require_no_key_here(line: InvitationLine) -> None:
    """Refuse a second key of one member on one machine: it would take the place of the first.

    Raises InvalidInput `device_is_here`.
    """
    for name in list_profiles(environ()):
        if _is_of(name, line):
            raise InvalidInput("device_is_here", profile=name)


def _is_of(name: str, line: InvitationLine) -> bool:
    """Say whether a profile is of the member that is invited; a damaged one is of nobody."""
    try:
        profile = load_profile(name, environ())
    except AssignError:
        return False
    return (profile.organization_id, profile.member_id) == (line.organization, line.member)


def _say_joined(joined: Expected, profile: Profile, fingerprint: str) -> None:
    out().committed = True
    out().result(
        _("You have asked to join {organization}.").format(organization=joined.organization),
        views.record(
            joined,
            "organization your.handle here.profile store keys your.fingerprint",
            views.lines(joined, "your.fingerprint", fingerprint=fingerprint),
            fingerprint=fingerprint,
            **made_facts(profile),
        ),
    )
    out().note(
        _(
            "Read the fingerprint to your coordinator by telephone. "
            "They approve you with {command}."
        ).format(command=f"assign member approve {joined.handle}")
    )
    out().note(
        _("Then you can begin: a mentor with assign inbox, a coordinator with assign status.")
    )
