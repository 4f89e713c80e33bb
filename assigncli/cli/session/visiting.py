"""A session of a key that is nobody's yet: to join, and to see what became of a joining."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from uuid import UUID, uuid4

from assigncli.cli import session as clock
from assigncli.cli.session import open_store, saving_noted, vault_beside, waiting_of, witness_of
from assigncli.errors import NotFound
from assigncli.profiles import Profile
from assigncli.server_address import LocalStore, StoreAddress, written

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.client import Client
    from assigncli.crypto.identity import Identity, RootKey
    from assigncli.server.host import Host
    from assigncli.server.store.engine import Store


@dataclass(frozen=True)
class Visit:
    """Where a key asks, for which member of which organisation, and the root key it pins."""

    address: StoreAddress
    organization_id: UUID
    member_id: UUID
    root_public_key: bytes = field(repr=False)


@contextmanager
def visiting(visit: Visit) -> Iterator[Session]:
    """Yield a session without keys and without a kept head, at the address of the visit.

    Raises StoreUnavailable, and NotFound `organization_not_found`.
    """
    from assigncli.cli.session.in_process import Session, connected

    if isinstance(visit.address, LocalStore):
        with open_store(visit.address.path) as store:
            host = _host(store, visit)
            yield connected(_client(visit, host.zone), host)
        return
    from assigncli.cli.session.at_server import reached

    with reached(visit.address, visit.member_id) as connection, saving_noted(connection):
        client = _client(visit, "UTC")
        client.connection, client.unasked = connection, connection.unasked
        yield Session(client, None)


@contextmanager
def rooted(address: StoreAddress, read: Callable[[], RootKey]) -> Iterator[tuple[Session, RootKey]]:
    """Yield a session and the root key that `read` returns, of the organisation that has it.

    The store is opened, or the server reached, before the key is asked for. Which organisation it
    is a server says when the root key has signed a question. Raises NotFound `kit_of_another`.
    """
    from assigncli.cli.session.in_process import Session, connected

    if isinstance(address, LocalStore):
        with open_store(address.path) as store:
            root = read()
            visit = Visit(address, _rooted(store, root), uuid4(), root.public)
            host = _host(store, visit)
            with saving_noted(store):
                yield connected(_client(visit, host.zone), host), root
        return
    from assigncli.cli.session.at_server import reached

    with reached(address, None) as connection, saving_noted(connection):
        connection.welcome()
        root = read()
        client = _client(Visit(address, uuid4(), uuid4(), root.public), "UTC")
        client.connection, client.unasked = connection, connection.unasked
        yield Session(client, None), root


def _rooted(store: Store, root: RootKey) -> UUID:
    from assigncli.server.store import organizations

    with store.read() as tx:
        found = organizations.by_root_key(tx, root.public)
    if found is None:
        raise NotFound("kit_of_another")
    return found.id


def _client(visit: Visit, zone: str) -> Client:
    from assigncli.client.client import Client

    return Client(
        address=written(visit.address),
        now=clock.utc_now(),
        organization_id=visit.organization_id,
        member_id=visit.member_id,
        root_public_key=visit.root_public_key,
        zone=zone,
        load_identity=_nobody,
    )


def become(session: Session, profile: Profile, load_identity: Callable[[], Identity]) -> None:
    """Go on as a new profile: with its keys, its kept head, and its acts without an answer."""
    client = session.client
    client.load_identity = load_identity
    client.witness, client.waiting = witness_of(profile), waiting_of(profile)


def _host(store: Store, visit: Visit) -> Host:
    from assigncli.cli.session.service_turns import service_key
    from assigncli.server.host import Host
    from assigncli.server.store import organizations
    from assigncli.server.vault.vault import Vault

    with store.read() as tx:
        found = organizations.name_and_zone(tx, visit.organization_id)
    if found is None:
        raise NotFound("organization_not_found", "invitation")
    return Host(
        store=store,
        organization_id=visit.organization_id,
        root_public_key=visit.root_public_key,
        zone=found[1],
        open_vault=lambda: Vault.open(vault_beside(store.path)),
        load_service=lambda: service_key(store.path, visit.organization_id),
    )


def _nobody() -> NoReturn:
    raise AssertionError("a visitor has no keys yet")
