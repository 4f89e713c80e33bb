"""`join`: make a member's keys on this machine, and ask to join an organisation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.beginnings import Beginning
from assigncli.cli.frame import command, current_globals, out
from assigncli.cli.frame.arguments import KeysOption
from assigncli.cli.input.first_language import settle_language
from assigncli.cli.input.prompts import ask
from assigncli.cli.output import views
from assigncli.cli.session import open_store, session_on, vault_beside
from assigncli.cli.session.beginning import (
    free_profile_name,
    made_facts,
    made_whole,
    require_room,
    taken_up,
)
from assigncli.cli.session.private_keys import choose_place, keychain
from assigncli.locale import N_, _
from assigncli.profiles import Profile

if TYPE_CHECKING:
    from assigncli.server.reads.joining import Joined


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
) -> None:
    from assigncli.client import join
    from assigncli.crypto.identity import Identity
    from assigncli.server.reads import joining

    settle_language()
    line = join.read_line(" ".join(invitation or ()) or ask(_("Your invitation, one line")))
    path = Path(line.address)
    with open_store(path) as opened_store:
        expected = joining.expected(opened_store, line)
        earlier = taken_up(current_globals().profile or expected.handle)
        if earlier is not None and (earlier.store, earlier.member_id) == (path, line.member):
            _say_joined(
                joining.joined(opened_store, line.organization, line.member, line.root_key), earlier
            )
            return
        profile_name = free_profile_name(expected.handle)
        require_room()
        place = choose_place(keys)
        new_keys = keychain(place, new_for=expected.display_name)
        profile = Profile(
            name=profile_name,
            store=path,
            vault=vault_beside(path),
            organization_id=line.organization,
            member_id=line.member,
            handle=expected.handle,
            root_public_key=line.root_key,
            keys=place,
        )
        identity = Identity.generate()
        session = session_on(opened_store, profile, expected.zone, lambda: identity)
        with made_whole(Beginning(profile, identity.public.signing_key)):
            join.join(session.client, new_keys, line)
            joined = joining.joined(opened_store, line.organization, line.member, line.root_key)
    _say_joined(joined, profile)


def _say_joined(joined: Joined, profile: Profile) -> None:
    out().committed = True
    out().result(
        _("You have asked to join {organization}.").format(organization=joined.organization),
        views.record(
            joined,
            "organization your.handle here.profile store keys your.fingerprint",
            views.lines(joined, "your.fingerprint"),
            **made_facts(profile),
        ),
    )
    out().note(
        _(
            "Read the fingerprint to your coordinator by telephone. "
            "They approve you with {command}."
        ).format(command=f"assign member approve {joined.handle}")
    )
