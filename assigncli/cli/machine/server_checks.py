"""Look at a server in another process from here: does it answer, and do we agree on the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli import __version__
from assigncli.cli import session as clock
from assigncli.cli.frame import environ
from assigncli.cli.session import opened
from assigncli.cli.session.private_keys import place_words
from assigncli.errors import AssignError
from assigncli.locale import _
from assigncli.server_address import written

if TYPE_CHECKING:
    from assigncli.client.client import Client
    from assigncli.profiles import Profile
    from assigncli.protocol.greeting import Welcome


def answers(profile: Profile) -> str:
    """Return that the server answers; raises StoreUnavailable as a connection does."""
    _welcomed(profile)
    return _("The server at {address} answers.").format(address=written(profile.address))


def clocks(profile: Profile) -> str:
    """Return that both clocks agree; raises AssignError `failure` if they are too far apart."""
    from assigncli.client.connection import clocks_apart

    if clocks_apart(_welcomed(profile), clock.utc_now()) is not None:
        raise AssignError("failure", "clocks_apart")
    return _("The clocks of this machine and of the server agree.")


def versions(profile: Profile) -> str:
    """Return that both sides are of one version; raises AssignError `failure` if they are not."""
    theirs = _welcomed(profile).program
    if theirs != __version__:
        raise AssignError("failure", "versions", ours=__version__, theirs=theirs)
    return _("The server has the same version as this machine.")


def keys(profile: Profile) -> str:
    """Return where the private key is; raises IdentityUnavailable `key_not_certified`."""
    from assigncli.client import asking

    with opened(profile, look=False) as session:
        asking.own_certificate(session.client, asking.standing(session.client))
    said = _("Your private key is in {place}, and your certificate reaches the pinned root.")
    return said.format(place=place_words(profile.keys))


def sees_new_keys(client: Client) -> bool:
    """Return whether the server says to this member whether a new key of it waits."""
    from assigncli.client import asking, directory
    from assigncli.domain.lifecycle import Role

    return Role.ORG_ADMIN in directory.roles(asking.standing(client), client.member_id)


def service_key(profile: Profile) -> str:
    """Return that the server's key is certified; StoreUnavailable `service_uncertified` if not."""
    from assigncli.client import replace_service

    with opened(profile, look=False) as session:
        replace_service.require_none_waiting(session.client)
    return _("The server signs with the key that an administrator confirmed.")


def _welcomed(profile: Profile) -> Welcome:
    from assigncli.client.connection import open_server

    if profile.server is None:
        raise AssertionError("a profile without a server has none to look at")
    with open_server(profile.server, profile.member_id, environ()) as connection:
        return connection.welcome()
