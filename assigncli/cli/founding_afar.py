"""`init --at`: found an organisation at a server in another process.

The root key and the founder's keys stay on this machine. The service's own key is the server's: the
founder certifies exactly the one whose fingerprint stands in the founding line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from assigncli.beginnings import Beginning
from assigncli.cli.frame import current_globals
from assigncli.cli.session.at_server import client_at, reached
from assigncli.cli.session.beginning import free_profile_name, made_whole, require_room, taken_up
from assigncli.cli.session.private_keys import Place, choose_place, identity, keychain
from assigncli.client import init, join
from assigncli.client.init import Draw, Founding
from assigncli.client.lookup import look
from assigncli.errors import InvalidInput
from assigncli.lookups import Nothing
from assigncli.lookups.about_office import CYCLES
from assigncli.profiles import Profile
from assigncli.server_address import LocalStore, Server, read_address

if TYPE_CHECKING:
    from uuid import UUID

    from assigncli.client.client import Client


@dataclass(frozen=True)
class Founded:
    """The new organisation and its founder."""

    organization_id: UUID
    organization: str
    zone: str
    handle: str
    fingerprint: str
    cycle: str


def found_at(text: str, founding: Founding, keys: Place) -> tuple[Founded, Profile]:
    """Found the organisation at the server of a founding line; return it and the new profile.

    Raises InvalidInput `founding_line_malformed` or `founding_closed`, Tampered
    `service_key_unexpected`, StoreUnavailable, and as `made_whole`.
    """
    line = init.read_line(text)
    server = read_address(line.address)
    if isinstance(server, LocalStore):
        raise InvalidInput("founding_line_malformed")
    earlier = taken_up(current_globals().profile or founding.handle)
    if earlier is not None and (earlier.address, earlier.handle) == (server, founding.handle):
        with _client(server, earlier) as client:
            client.load_identity = lambda: identity(earlier)
            return founded(client, founding), earlier
    profile_name = free_profile_name(founding.handle)
    require_room()
    place = choose_place(keys)
    new_keys = keychain(place, new_for=founding.display_name)
    draw = Draw()
    profile = Profile(
        name=profile_name,
        address=server,
        vault_path=None,
        organization_id=draw.organization_id,
        member_id=draw.member_id,
        handle=founding.handle,
        root_public_key=draw.root.public,
        keys=place,
    )
    with _client(server, profile) as client:
        client.load_identity = lambda: draw.identity
        service = init.offered_service(client, line)
        with made_whole(Beginning(profile, draw.identity.public.signing_key)):
            init.keep_keys(draw, new_keys)
            init.found_organization(client, founding, draw, line.token, service)
        return founded(client, founding), profile


@contextmanager
def _client(server: Server, profile: Profile) -> Iterator[Client]:
    with reached(server, profile.member_id) as connection:
        client = client_at(server, connection, profile)
        # By SSH nobody has told the server yet whose connection this is, so lookups are signed.
        client.look = partial(look, client, is_signed=True)
        yield client


def founded(client: Client, founding: Founding) -> Founded:
    """Return what was founded; the cycle that opened by itself is the server's word."""
    cycles = client.look(CYCLES, Nothing()).cycles
    return Founded(
        organization_id=client.organization_id,
        organization=founding.organization,
        zone=founding.zone,
        handle=founding.handle,
        fingerprint=join.fingerprint(client, client.identity.public),
        cycle=cycles[-1].name if cycles else "",
    )
