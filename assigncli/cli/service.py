"""The service's identity on this machine, and a session of it for each organisation of a store.

Nobody's profile is asked, and no passphrase: the sweep runs where nobody is there to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.actions.session import ServiceKey, Session
    from assigncli.keychain import SecretName, ServiceCredentials, ServiceFiles
    from assigncli.store.engine import Store
    from assigncli.vault import Vault

_SUFFIX: Final = ".service"


def service_keychain(store: Path) -> ServiceFiles:
    """Return the place for the service's key: a file beside the store, for its owner alone."""
    from assigncli.keychain import ServiceFiles

    return ServiceFiles(store.with_name(store.name + _SUFFIX))


def service_key(store: Path, organization_id: UUID) -> ServiceKey:
    """Return the service's identity, from the file beside the store.

    Raises IdentityUnavailable `service_key_missing`, and what is wrong with the file.
    """
    from assigncli.actions.session import ServiceKey
    from assigncli.crypto.identity import Identity

    keys = service_keychain(store)
    for name in keys.identities():
        if name.organization_id == organization_id:
            return ServiceKey(name.member_id, Identity.from_bytes(keys.load(name)))
    raise IdentityUnavailable(
        _("The service's key, which signs the audit log, is not beside the store."),
        _("Put back the folder {folder} that assign init made, from your own copy of it.").format(
            folder=store.name + _SUFFIX
        ),
        code="service_key_missing",
    )


@dataclass(frozen=True)
class Sweeper:
    """An organisation's name, and the session of its service or why there is none."""

    organization: str
    session: Session | AssignError


@contextmanager
def service_sessions(path: Path, vault: Path) -> Iterator[list[Sweeper]]:
    """Give a session for each organisation of the store whose service identity is at hand.

    Each believes the root key that was pinned beside that identity. No profile is asked. Where one
    organisation of several cannot be swept, why that is stands in its place. Raises
    IdentityUnavailable `service_identity_missing` where there is none, or what is wrong with the
    only ones there are, StoreUnavailable.
    """
    from assigncli.store.engine import Store

    with Store.open(path) as store:
        found = list(_sweepers(store, vault))
        problems = [each.session for each in found if isinstance(each.session, AssignError)]
        if problems and len(problems) == len(found):
            raise problems[0]
        if not found:
            raise IdentityUnavailable(
                _("The identity that the sweep acts as is not on this machine."),
                _("Run the sweep on the machine where the organisation was set up."),
                code="service_identity_missing",
            )
        with saving_noted(store):
            yield found


def _sweepers(store: Store, vault: Path) -> Iterator[Sweeper]:
    from assigncli.store import organizations
    from assigncli.vault import Vault

    lent = environ().get("CREDENTIALS_DIRECTORY")
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
            session = _service_session(
                store, opened_vault, now, at_hand, name, zone_named(found[1])
            )
        except AssignError as problem:
            yield Sweeper(organization, problem)
        else:
            yield Sweeper(organization, session)


def _service_session(
    store: Store,
    vault: Vault,
    now: datetime,
    at_hand: ServiceFiles | ServiceCredentials,
    name: SecretName,
    zone: ZoneInfo,
) -> Session:
    from assigncli.actions.session import ServiceKey, Session
    from assigncli.crypto.identity import Identity

    identity, root = Identity.from_bytes(at_hand.load(name)), at_hand.pinned(name)
    return Session(
        store=store,
        now=now,
        organization_id=name.organization_id,
        member_id=name.member_id,
        root_public_key=root,
        zone=zone.key,
        open_vault=lambda: vault,
        load_identity=lambda: identity,
        load_service=lambda: ServiceKey(name.member_id, identity),
    )


def _lent_keychain(folder: Path) -> ServiceCredentials:
    from assigncli.keychain import ServiceCredentials

    return ServiceCredentials(folder)
