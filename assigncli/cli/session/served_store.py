"""The store that `serve` answers for: made if it is missing, its organisations and its keys.

Asks no passphrase: like the sweep, it has the service's key from the files beside the store. Beside
a store without an organisation there is a key that is nobody's yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from assigncli.cli import session as clock
from assigncli.cli.session import vault_beside, zone_named
from assigncli.cli.session.new_service_keys import settle
from assigncli.cli.session.service_turns import key_of, service_keychain
from assigncli.client.keys import SecretName
from assigncli.crypto.identity import Identity, PublicIdentity, service_fingerprint
from assigncli.domain.member_names import SERVICE_HANDLE
from assigncli.errors import IdentityUnavailable
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.lines import FoundingLine
from assigncli.server.host import Host, ServiceKey
from assigncli.server.store import ballast, members, organizations
from assigncli.server.store.engine import Store
from assigncli.server.store.file_place import require_file
from assigncli.server.store.served import served
from assigncli.server.turn import NOBODY
from assigncli.server.vault.vault import Vault

_UNCLAIMED: Final = SecretName(NOBODY, NOBODY, "identity")


@contextmanager
def store_served(path: Path, *, must_exist: bool = False) -> Iterator[None]:
    """Serve the store at `path` inside the block; make it and its vault if the path is free.

    One that `must_exist` is not made: StoreUnavailable `store_missing`.

    What is wrong with the store or its keys is found first. Raises StoreUnavailable, also
    `store_served` if another process serves it, and as `hosts`.
    """
    from assigncli.cli.init import is_there

    if must_exist:
        require_file(path)
    elif not is_there(path):
        Vault.create(vault_beside(path))
        with Store.create(path, now=clock.utc_now()):
            ballast.keep(ballast.beside(path))
    with served(path):
        Vault.open(vault_beside(path))
        with Store.open(path) as store:
            hosts(store)
        yield


def hosts(store: Store) -> list[Host]:
    """Return the store's organisations whose service key is here, or one that waits to be founded.

    Raises IdentityUnavailable `service_identity_missing` if there are organisations and no key.
    """
    claim(store)
    settle(store)
    found = list(_hosts(store))
    if found:
        return found
    with store.read() as tx:
        if organizations.names(tx):
            raise IdentityUnavailable("service_identity_missing")
    return [_waiting(store)]


def unclaimed(store: Path) -> PublicIdentity:
    """Return the public key of a service that no organisation has certified yet."""
    return _unclaimed(store).public


def founding_line(store: Path, address: str, token: bytes) -> str:
    """Return the line with which an organisation can be founded at this address."""
    return FoundingLine(address, service_fingerprint(unclaimed(store)), token).encode()


def claim(store: Store) -> None:
    """Name the key that was nobody's after the organisation that has certified it, if one has.

    The server may be killed after the founding is committed and before this, so it is also done
    when the server starts.
    """
    keys = service_keychain(store.path)
    if _UNCLAIMED not in keys.identities():
        return
    identity = Identity.from_bytes(keys.load(_UNCLAIMED))
    found = _certified(store, identity.public)
    if found is not None:
        name, root = found
        keys.pin(name, root)
        keys.save(name, identity.to_bytes())
        keys.delete(_UNCLAIMED)


def _certified(store: Store, public: PublicIdentity) -> tuple[SecretName, bytes] | None:
    """Return the name and root key of the organisation whose service has these keys, or None."""
    with store.read() as tx:
        for row in organizations.everyone(tx):
            member = members.by_handle(tx, row.id, SERVICE_HANDLE)
            held = None if member is None else members.live_certificate(tx, member.id)
            if held is not None and Certificate.decode(held.body).keys == public:
                return SecretName(row.id, held.member_id, "identity"), row.root_public_key
    return None


def _hosts(store: Store) -> Iterator[Host]:
    keys = service_keychain(store.path)
    for name in keys.identities():
        with store.read() as tx:
            found = organizations.name_and_zone(tx, name.organization_id)
        if found is not None:
            service = key_of(keys, name)
            yield Host(
                store=store,
                organization_id=name.organization_id,
                root_public_key=keys.pinned(name),
                zone=zone_named(found[1]).key,
                open_vault=partial(Vault.open, vault_beside(store.path)),
                load_service=partial(_same, service),
                settle_service=partial(settle, store),
            )


def _waiting(store: Store) -> Host:
    return Host(
        store=store,
        organization_id=NOBODY,
        root_public_key=b"",
        zone="UTC",
        open_vault=partial(Vault.open, vault_beside(store.path)),
        load_service=lambda: ServiceKey(NOBODY, _unclaimed(store.path)),
    )


def _unclaimed(store: Path) -> Identity:
    """Return the service's identity for an organisation to come; make one if there is none."""
    keys = service_keychain(store)
    if _UNCLAIMED not in keys.identities():
        keys.save(_UNCLAIMED, Identity.generate().to_bytes())
    return Identity.from_bytes(keys.load(_UNCLAIMED))


def _same(service: ServiceKey) -> ServiceKey:
    return service
