"""The composition root: profile to identity, store, vault and clock.

The only place that reads the clock. Keys are unlocked and the vault is opened when an action first
needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.sources import first_line, opened_source
from assigncli.config import Keys, Profile, load_profile
from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput, NotFound
from assigncli.folders import folders
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.actions.deliver import Post
    from assigncli.actions.session import Session
    from assigncli.crypto.identity import Identity
    from assigncli.keychain import Keychain, SecretName, ServiceCredentials, ServiceFiles
    from assigncli.store.engine import Store
    from assigncli.vault import Vault

Place = Literal["auto", "keyring", "file"]

_MAX_PASSPHRASE: Final = 4096
MIN_PASSPHRASE: Final = 12
STORE_NAME: Final = "assign.db"
VAULT_SUFFIX: Final = ".vault"

_unlocked: ContextVar[dict[SecretName, Identity] | None] = ContextVar("unlocked", default=None)


def utc_now() -> datetime:
    """Return the moment, aware UTC; every command asks once."""
    return datetime.now(UTC)


@contextmanager
def opened(profile: Profile | None = None, *, keys: bool = False) -> Iterator[Session]:
    """Give the acting member's session for the chosen profile; the store is closed afterwards.

    `keys` unlocks the private keys now, before any transaction: while a passphrase is typed,
    nobody else has to wait for the store.

    Raises NotFound `profile_missing`, StoreUnavailable and what else is wrong with the profile.
    """
    from assigncli.actions.session import Session
    from assigncli.store import organizations
    from assigncli.store.engine import Store

    profile = profile or load_profile(current_globals().profile, environ())
    with Store.open(profile.store) as store:
        with store.read() as tx:
            organization = organizations.by_id(tx, profile.organization_id)
        if organization is None:
            raise NotFound(
                _("The organisation of this profile is not in this store."),
                _("Check which store the profile names with assign store info."),
                code="organization_not_found",
            )
        out().zone = ZoneInfo(organization.time_zone)
        unlocked = _identity(profile) if keys else None
        with _commits_noted(store):
            yield Session(
                store=store,
                now=utc_now(),
                organization_id=profile.organization_id,
                member_id=profile.member_id,
                root_public_key=profile.root_public_key,
                zone=organization.time_zone,
                open_vault=lambda: _vault(profile),
                load_identity=lambda: unlocked or _identity(profile),
            )


@contextmanager
def _commits_noted(store: Store) -> Iterator[None]:
    """Note, however the block ends, whether something was written to the store in it."""
    try:
        yield
    finally:
        out().committed = out().committed or store.has_committed


@contextmanager
def unlocked_once() -> Iterator[None]:
    """Unlock each private key at most once inside the block, where one process runs many commands.

    The keys stay in memory until its end, and no longer.
    """
    token = _unlocked.set({})
    try:
        yield
    finally:
        _unlocked.reset(token)


def default_store() -> Path:
    """Return where this machine's own store is, unless another place is named."""
    return folders(environ()).data / STORE_NAME


def vault_beside(store: Path) -> Path:
    """Return where the vault of a store is: the same folder, a file of its own."""
    return store.with_name(store.name + VAULT_SUFFIX)


def keychain(keys: Keys, *, new_for: str | None = None) -> Keychain:
    """Return the place for private keys.

    `new_for` names whose new passphrase is asked, twice and at once: not later, when the store may
    be held for writing.
    """
    from assigncli.keychain import OsKeyring, PassphraseFiles

    if keys == "keyring":
        return OsKeyring()
    from assigncli.crypto.passphrase import lock, unlock

    chosen = None if new_for is None else _passphrase(new_for)
    return PassphraseFiles(
        folders(environ()).keys, lambda: chosen or _passphrase(None), lock=lock, unlock=unlock
    )


def service_keychain(store: Path) -> ServiceFiles:
    """Return the place for the sweep's own key: a file beside the store, for its owner alone."""
    from assigncli.keychain import ServiceFiles

    return ServiceFiles(store.with_name(store.name + ".service"))


def post() -> Post:
    """Return how notifications leave this machine."""
    from assigncli.actions.deliver import Post
    from assigncli.notify import AppriseNotifier

    return Post(AppriseNotifier(), utc_now)


@contextmanager
def service_sessions(path: Path, vault: Path) -> Iterator[list[Session | AssignError]]:
    """Give a session for each organisation of the store whose service identity is at hand.

    Each believes the root key that was pinned beside that identity. No profile is asked. Where one
    identity of several cannot be used, why that is stands in its place. Raises IdentityUnavailable
    `service_identity_missing` where there is none, or what is wrong with the only ones there are,
    StoreUnavailable.
    """
    from assigncli.store.engine import Store

    with Store.open(path) as store:
        found = list(_service_sessions(store, vault))
        problems = [each for each in found if isinstance(each, AssignError)]
        if problems and len(problems) == len(found):
            raise problems[0]
        if not found:
            raise IdentityUnavailable(
                _("The identity that the sweep acts as is not on this machine."),
                _("Run the sweep on the machine where the organisation was founded."),
                code="service_identity_missing",
            )
        with _commits_noted(store):
            yield found


def _service_sessions(store: Store, vault: Path) -> Iterator[Session | AssignError]:
    from assigncli.actions.session import Session
    from assigncli.crypto.identity import Identity
    from assigncli.store import organizations
    from assigncli.vault import Vault

    lent = environ().get("CREDENTIALS_DIRECTORY")
    at_hand = _lent_keychain(Path(lent)) if lent else service_keychain(store.path)
    opened_vault = Vault.open(vault)
    now = utc_now()
    for name in at_hand.identities():
        with store.read() as tx:
            organization = organizations.by_id(tx, name.organization_id)
        if organization is None:
            continue
        try:
            identity, root = Identity.from_bytes(at_hand.load(name)), at_hand.pinned(name)
        except AssignError as problem:
            yield problem
            continue
        yield Session(
            store=store,
            now=now,
            organization_id=name.organization_id,
            member_id=name.member_id,
            root_public_key=root,
            zone=organization.time_zone,
            open_vault=lambda: opened_vault,
            load_identity=lambda identity=identity: identity,  # type: ignore[misc]
        )


def _lent_keychain(folder: Path) -> ServiceCredentials:
    from assigncli.keychain import ServiceCredentials

    return ServiceCredentials(folder)


def choose_place(wanted: Place) -> Keys:
    """Decide where new private keys go, and say so.

    Raises IdentityUnavailable `keyring_absent` where a key store was asked for and there is none.
    """
    from assigncli.keychain import real_keyring_available

    if wanted == "file":
        out().note(_("The private keys will be kept in a file protected by a passphrase."))
        return "file"
    if real_keyring_available():
        out().note(_("The private keys will be kept in the key store of this machine."))
        return "keyring"
    if wanted == "keyring":
        raise IdentityUnavailable(
            _("This machine has no key store that keeps what it is given."),
            _("Use --keys file, and choose a passphrase."),
            code="keyring_absent",
        )
    out().note(
        _(
            "This machine has no key store, so the private keys will be kept in a file protected "
            "by a passphrase."
        )
    )
    return "file"


def place_words(place: Keys) -> str:
    """Return where private keys are kept, in words."""
    return {
        "keyring": _("the key store of this machine"),
        "file": _("a file protected by a passphrase"),
    }[place]


def open_store(path: Path) -> Store:
    """Open a store outside any profile, as for joining."""
    from assigncli.store.engine import Store

    return Store.open(path)


def _vault(profile: Profile) -> Vault:
    from assigncli.vault import Vault

    return Vault.open(profile.vault)


def _identity(profile: Profile) -> Identity:
    from assigncli.crypto.identity import Identity
    from assigncli.keychain import SecretName

    name = SecretName(profile.organization_id, profile.member_id, "identity")
    kept = _unlocked.get()
    if kept is None:
        return Identity.from_bytes(keychain(profile.keys).load(name))
    if name not in kept:
        kept[name] = Identity.from_bytes(keychain(profile.keys).load(name))
    return kept[name]


def _passphrase(new_for: str | None) -> bytes:
    """Return the passphrase in one spelling (Unicode NFC); a new one is long enough."""
    from unicodedata import normalize

    said = normalize("NFC", _said_passphrase(new_for))
    if new_for is not None and len(said) < MIN_PASSPHRASE:
        raise InvalidInput(
            _("The passphrase is too short."),
            _("Use at least {count} characters, such as four or five words.").format(
                count=MIN_PASSPHRASE
            ),
            code="passphrase_short",
        )
    return said.encode()


def _said_passphrase(new_for: str | None) -> str:
    from assigncli.cli.prompts import ask_secret

    path = current_globals().passphrase_file
    if path is not None:
        return _first_line(path)
    if new_for is None:
        return ask_secret(_("Passphrase"), option="--passphrase-file")
    label = _("New passphrase for the private keys of {name}").format(name=new_for)
    return ask_secret(label, twice=True, option="--passphrase-file")


def _first_line(path: Path) -> str:
    try:
        with opened_source(path) as file:
            line = first_line(file, _MAX_PASSPHRASE).decode().rstrip("\r\n")
    except (OSError, ValueError):
        raise InvalidInput(
            _("The passphrase file cannot be read."),
            _("Check the path given with --passphrase-file, and that the file is UTF-8 text."),
            code="passphrase_file_unreadable",
        ) from None
    if not line:
        raise InvalidInput(
            _("The passphrase file is empty."),
            _("Put the passphrase on its first line."),
            code="passphrase_file_empty",
        )
    return line
