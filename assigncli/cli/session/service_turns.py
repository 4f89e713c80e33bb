"""The service's identity on this machine, and a turn of it for each organisation of a store.

Uses no profile and asks for no passphrase: nobody is there to answer when the sweep runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from assigncli.cli import session as clock
from assigncli.cli.frame import environ
from assigncli.cli.session import saving_noted, zone_named
from assigncli.errors import AssignError, IdentityUnavailable

if TYPE_CHECKING:
    from assigncli.client.keys import SecretName, ServiceCredentials, ServiceFiles
    from assigncli.kept_heads import Witness
    from assigncli.server.host import ServiceKey
    from assigncli.server.store.engine import Store
    from assigncli.server.turn import Turn
    from assigncli.server.vault.vault import Vault

SERVICE_SUFFIX: Final = ".service"


def service_keychain(store: Path) -> ServiceFiles:
    """Return the place for the service's key: files beside the store, for their owner alone."""
    from assigncli.client.keys import ServiceFiles

    return ServiceFiles(store.with_name(store.name + SERVICE_SUFFIX))


def swept_head(store: Path, name: SecretName) -> Path:
    """Return the file with the head of the log that the sweep keeps."""
    return store.with_name(store.name + SERVICE_SUFFIX) / f"{name.member_id}.head"


def service_key(store: Path, organization_id: UUID) -> ServiceKey:
    """Return the service's identity from the files beside the store.

    Raises IdentityUnavailable `service_key_missing`, and the errors of a faulty file.
    """
    keys = service_keychain(store)
    for name in keys.identities():
        if name.organization_id == organization_id:
            return key_of(keys, name)
    raise IdentityUnavailable("service_key_missing", folder=store.name + SERVICE_SUFFIX)


def key_of(keys: ServiceCredentials, name: SecretName) -> ServiceKey:
    """Return a service's keys: the one in use, and a new one that waits for its certificate.

    The new one is read first: it may take the place of the other between the two.
    """
    from assigncli.crypto.identity import Identity
    from assigncli.server.host import ServiceKey

    new = keys.new(name)
    identity = Identity.from_bytes(keys.load(name))
    return ServiceKey(name.member_id, identity, None if new is None else Identity.from_bytes(new))


@dataclass(frozen=True)
class Sweeper:
    """An organisation's name, and its service's turn or the error why there is none."""

    organization: str
    turn: Turn | AssignError


@contextmanager
def service_turns(path: Path, vault: Path, *, keep_heads: bool = True) -> Iterator[list[Sweeper]]:
    """Yield a turn for each organisation of the store whose service identity is here.

    Each trusts the root key pinned beside that identity, and keeps the log's head there too, unless
    `keep_heads` is False. If some organisations cannot be swept, their errors replace their turns.
    Raises the first error if none can be swept, IdentityUnavailable `service_identity_missing` if
    there is no identity, and StoreUnavailable.
    """
    from assigncli.server.store.engine import Store

    with Store.open(path) as store, ExitStack() as kept:
        found = list(_sweepers(store, vault, kept))
        if not keep_heads:
            kept.pop_all()
        problems = [each.turn for each in found if isinstance(each.turn, AssignError)]
        if problems and len(problems) == len(found):
            raise problems[0]
        if not found:
            raise IdentityUnavailable("service_identity_missing")
        with saving_noted(store):
            yield found


def _sweepers(store: Store, vault: Path, kept: ExitStack) -> Iterator[Sweeper]:
    from assigncli.server import heads
    from assigncli.server.store import organizations
    from assigncli.server.vault.vault import Vault

    lent = environ().get("CREDENTIALS_DIRECTORY")
    if not lent:
        from assigncli.cli.session.new_service_keys import settle

        settle(store)
    at_hand = _lent_keychain(Path(lent)) if lent else service_keychain(store.path)
    opened_vault = Vault.open(vault)
    now = clock.utc_now()
    for name in at_hand.identities():
        organization = ""
        try:
            with store.read() as tx:
                found = organizations.name_and_zone(tx, name.organization_id)
            if found is None:
                continue
            organization = str(found[0])
            zone = zone_named(found[1])
            turn = _service_turn(store, opened_vault, now, at_hand, name, zone)
            if not lent:  # a lent key's folder is no place to keep a head
                turn.witness = _witness(store.path, name, kept)
            with store.read() as tx:
                heads.look(tx, name.organization_id, turn.witness)
        except AssignError as problem:
            yield Sweeper(organization, problem)
        else:
            yield Sweeper(organization, turn)


def _service_turn(
    store: Store,
    vault: Vault,
    now: datetime,
    at_hand: ServiceFiles | ServiceCredentials,
    name: SecretName,
    zone: ZoneInfo,
) -> Turn:
    from assigncli.server.host import Host
    from assigncli.server.turn import Turn

    key, root = key_of(at_hand, name), at_hand.pinned(name)
    host = Host(
        store=store,
        organization_id=name.organization_id,
        root_public_key=root,
        zone=zone.key,
        open_vault=lambda: vault,
        load_service=lambda: key,
    )
    return Turn(host, now, name.member_id)


def _witness(store: Path, name: SecretName, kept: ExitStack) -> Witness:
    """Return the witness with the head that the sweep keeps beside its key.

    The head is written once, when `kept` is closed: a sweep has many transactions.
    """
    from assigncli import kept_heads
    from assigncli.kept_heads import KeptHead, Witness, seen_before

    path = swept_head(store, name)
    found = kept_heads.load(path, name.organization_id)
    before = seen_before(found)
    witness = Witness(before)

    def keep() -> None:
        now = witness.kept
        if now != before:
            kept_heads.save(path, KeptHead(name.organization_id, now.size, now.root))

    kept.callback(keep)
    return witness


def _lent_keychain(folder: Path) -> ServiceCredentials:
    from assigncli.client.keys import ServiceCredentials

    return ServiceCredentials(folder)
