"""A session with a server in another process: through its socket, or by SSH.

Nothing here knows the store. Who the member is and how late it is at the organisation are asked
first, so that nobody types a passphrase for what they may not do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from assigncli.cli import session as clock
from assigncli.cli.completion import last_lists
from assigncli.cli.frame import environ, out
from assigncli.cli.output import said
from assigncli.cli.output.words import Calendar
from assigncli.cli.session import (
    noting,
    saving_noted,
    settle,
    unlocked,
    waiting_of,
    witness_of,
    zone_named,
)
from assigncli.cli.session.in_process import Session
from assigncli.cli.session.kept_connections import UsedConnection, connected_to
from assigncli.cli.session.private_keys import identity
from assigncli.client import asking
from assigncli.client.client import Client
from assigncli.client.lookup import look
from assigncli.errors import AssignError, IdentityUnavailable
from assigncli.lookups import Asked, Lookup, Shown
from assigncli.profiles import Profile
from assigncli.protocol.message import MessageKind
from assigncli.server_address import Server, written
from assigncli.trust.verification import Verified


class Noting:
    """A connection that notes whether the server has carried out an act for this command."""

    def __init__(self, connection: UsedConnection) -> None:
        """Take the connection to the server."""
        self._connection = connection
        self.has_saved = False

    def __call__(self, message: bytes) -> bytes:
        """Send a message, return its answer, and note whether an act was carried out."""
        answer = self._connection(message)
        is_act = message[1] == MessageKind.ACT
        self.has_saved |= is_act and answer[1:2] == bytes([MessageKind.REPLY])
        return answer

    def welcome(self) -> None:
        """Reach the server, if that was not done before; raises as the connection's `welcome`."""
        self._connection.welcome()

    def is_agreed(self) -> bool:
        """Return whether the server answers this connection for the member that it names."""
        return self._connection.welcome().agreed

    @contextmanager
    def unasked(self) -> Iterator[None]:
        """Note nothing of the block: no person asked for it."""
        before = self.has_saved
        try:
            yield
        finally:
            self.has_saved = before


@contextmanager
def opened_at(
    server: Server, profile: Profile, *, keys: bool, looks: bool, aside: bool = False
) -> Iterator[Session]:
    """Yield the acting member's session; its connection ends with it, unless it is kept.

    `keys` unlocks the private keys now; where it `looks`, acts without an answer are settled first;
    `aside` sets the kept head aside.
    Raises StoreUnavailable, IdentityUnavailable `not_approved` or `membership_revoked`, and
    Tampered where the log does not continue the kept head.
    """
    with reached(server, profile.member_id) as connection, saving_noted(connection):
        client = client_at(server, connection, profile)
        if aside:
            client.witness.set_aside()
        found = _standing(client, connection)
        zone = zone_named(found.word.zone)
        client.zone, client.now = zone.key, clock.utc_now()  # ssh may have asked for a passphrase
        out().calendar = Calendar.at(client.now, zone)
        if looks:
            settle(client)
        session = Session(client, None)
        yield unlocked(session) if keys else session


def _standing(client: Client, connection: Noting) -> Verified:
    """Return what proves who is acting; raises as `asking.standing`.

    Where the server answers this connection for nobody, that is said instead.
    """
    try:
        return asking.standing(client)
    except IdentityUnavailable as error:
        if error.code != "not_approved" or connection.is_agreed():
            raise
        raise IdentityUnavailable("not_approved", "this_way") from None


@contextmanager
def reached(server: Server, member_id: UUID | None) -> Iterator[Noting]:
    """Yield a connection to a server, for this member's questions.

    None where nobody's questions come by it that are not signed.
    """
    with connected_to(server, member_id, environ()) as connection:
        yield Noting(connection)


def client_at(server: Server, connection: Noting, profile: Profile) -> Client:
    """Return the profile's client at a server; its zone is UTC until the server gives it."""

    def number_of(about: UUID) -> int | None:
        from assigncli.lookups.about_assignments import NUMBER, ById

        return client.look(NUMBER, ById(about)).number

    client = Client(
        address=written(server),
        now=clock.utc_now(),
        organization_id=profile.organization_id,
        member_id=profile.member_id,
        root_public_key=profile.root_public_key,
        zone="UTC",
        load_identity=lambda: identity(profile),
        connection=connection,
        witness=witness_of(profile),
        waiting=waiting_of(profile, number_of),
        note_done=noting(profile),
        unasked=connection.unasked,
    )
    client.look = partial(_look, client, profile)
    return client


def _look(client: Client, profile: Profile, lookup: Lookup[Asked, Shown], asked: Asked, /) -> Shown:
    """Look something up, and keep it for completion; an error without a sentence has its code."""
    try:
        shown = look(client, lookup, asked)
    except AssignError as error:
        try:
            said(error)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise type(error)(error.code, "refused") from None
        raise
    last_lists.keep(profile, environ(), shown)
    return shown
