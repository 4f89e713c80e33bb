"""A service's next key, beside its old one: made, waiting for a certificate, and then in its place.

The files are those beside the store. Whether a key is certified is decided by the store alone: a
key that the log certified takes the place of the old one here, even if a run was killed before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assigncli.cli.session.service_turns import key_of, service_keychain
from assigncli.client.keys import SecretName
from assigncli.crypto.identity import Identity, spoken_fingerprint
from assigncli.domain.member_names import SERVICE_HANDLE
from assigncli.errors import InvalidInput
from assigncli.protocol.certificate import Certificate
from assigncli.server.host import ServiceKey
from assigncli.server.service import uncertified
from assigncli.server.store import members, organizations
from assigncli.server.store.engine import Store


@dataclass(frozen=True)
class WaitingKey:
    """A new key that no administrator has certified yet, and the digits to be read out."""

    organization: str
    fingerprint: str


def make(store: Store) -> list[WaitingKey]:
    """Make a new key for each service of the store that has none waiting, and return all.

    None are returned where keys of an earlier run turn out to be certified: they take the place of
    the old ones now. Raises InvalidInput `new_key_too_early` for a store without an organisation,
    and IdentityUnavailable.
    """
    if settle(store):
        return []
    keys = service_keychain(store.path)
    names = [each for each in keys.identities() if _organization(store, each) is not None]
    if not names:
        raise InvalidInput("new_key_too_early")
    for name in names:
        if keys.new(name) is None:
            keys.save_new(name, Identity.generate().to_bytes())
    return list(waiting(store))


def waiting(store: Store) -> Iterator[WaitingKey]:
    """Yield the store's new keys that wait for an administrator."""
    keys = service_keychain(store.path)
    for name in keys.identities():
        key = key_of(keys, name)
        if key.new is None:
            continue
        organization = _organization(store, name)
        if organization is not None and not _is_certified(store, key):
            digits = spoken_fingerprint(
                root_key=keys.pinned(name),
                organization_id=name.organization_id,
                member_id=name.member_id,
                public=key.new.public,
            )
            yield WaitingKey(organization, digits)


def require_none_waiting(store: Store) -> None:
    """Raise StoreUnavailable `service_uncertified` while a new key of the store waits."""
    if any(True for _key in waiting(store)):
        raise uncertified()


def settle(store: Store) -> bool:
    """Let each new key that is certified take the place of the old one; return whether one did."""
    keys, has_taken = service_keychain(store.path), False
    for name in keys.identities():
        if keys.new(name) is not None and _is_certified(store, key_of(keys, name)):
            keys.take_new(name)
            has_taken = True
    return has_taken


def _is_certified(store: Store, key: ServiceKey) -> bool:
    """Return whether the certificate in force is that of the new key."""
    with store.read() as tx:
        row = members.live_certificate(tx, key.member_id)
    held = None if row is None else Certificate.decode(row.body).keys
    return key.new is not None and held == key.new.public


def _organization(store: Store, name: SecretName) -> str | None:
    """Return the name of the organisation whose service this is; None if it is not in the store."""
    with store.read() as tx:
        found = organizations.name_and_zone(tx, name.organization_id)
        service = members.by_handle(tx, name.organization_id, SERVICE_HANDLE)
    is_here = found is not None and service is not None and service.id == name.member_id
    return str(found[0]) if found is not None and is_here else None
