"""The composition root: profile to identity, store, vault and clock.

The only place that reads the clock. Keys are unlocked and the vault is opened when an action first
needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.words import Calendar
from assigncli.config import Keys, Profile, load_profile
from assigncli.errors import IdentityUnavailable, Interrupted, NotFound, Tampered
from assigncli.folders import folders
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.actions.deliver import Post
    from assigncli.actions.heads import Witness
    from assigncli.actions.session import ServiceKey, Session
    from assigncli.actions.waiting import Became, Waiting
    from assigncli.crypto.identity import Identity
    from assigncli.keychain import Keychain, SecretName
    from assigncli.store.engine import Store
    from assigncli.vault import Vault

Place = Literal["auto", "keyring", "file"]

_TRIES: Final = 3
STORE_NAME: Final = "assign.db"
VAULT_SUFFIX: Final = ".vault"

_unlocked: ContextVar[dict[SecretName, Identity] | None] = ContextVar("unlocked", default=None)


def utc_now() -> datetime:
    """Return the moment, aware UTC; every command asks once, and once more after a conversation."""
    return datetime.now(UTC)


@contextmanager
def opened(
    profile: Profile | None = None, *, keys: bool = False, look: bool = True, asks: bool = False
) -> Iterator[Session]:
    """Give the acting member's session for the chosen profile; the store is closed afterwards.

    What became of acts without an answer is said before anything else, so that it is known when the
    same command is given again. `keys` unlocks the private keys now, as `unlocked` does. A
    passphrase is not asked of who is no member (any more). `look` is False for what says itself
    whether the log continues the kept head, and for what says itself what became of acts. What
    `asks` the server needs no look of its own: each answer is held against the kept head.

    Raises NotFound `profile_missing`, StoreUnavailable and what else is wrong with the profile, and
    as `Witness.look`.
    """
    from assigncli.actions.session import Session
    from assigncli.store import organizations
    from assigncli.store.engine import Store

    profile = profile or load_profile(current_globals().profile, environ())
    witness = witness_of(profile)
    with Store.open(profile.store) as store:
        with store.read() as tx:
            found = organizations.name_and_zone(tx, profile.organization_id)
            if found is not None and look and not asks:
                witness.look(tx, profile.organization_id)
        if found is None:
            raise NotFound(
                _("The organisation of this profile is not in this store."),
                _("Check which store the profile names with assign store info."),
                code="organization_not_found",
            )
        now, zone = utc_now(), zone_named(found[1])
        out().calendar = Calendar.at(now, zone)
        session = Session(
            store=store,
            now=now,
            organization_id=profile.organization_id,
            member_id=profile.member_id,
            root_public_key=profile.root_public_key,
            zone=zone.key,
            open_vault=lambda: _vault(profile),
            load_identity=lambda: _identity(profile),
            load_service=lambda: _service(profile),
            witness=witness,
            waiting=waiting_of(profile),
        )
        if look:
            settle(session)
        if keys and profile.keys == "file":
            from assigncli.actions import trust

            with store.read() as tx:
                trust.own_certificate(session, tx)
        with saving_noted(store):
            yield unlocked(session) if keys else session


def witness_of(profile: Profile) -> Witness:
    """Return what holds the log against the head that the profile keeps.

    Raises InvalidInput `head_damaged`, StoreUnavailable.
    """
    from assigncli import kept_heads
    from assigncli.actions.heads import Witness, seen_before
    from assigncli.kept_heads import KeptHead

    organization_id = profile.organization_id
    path = folders(environ()).heads / f"{profile.name}.json"
    found = kept_heads.load(path, organization_id)
    return Witness(
        seen_before(found),
        None if found is None else found.service,
        None if found is None else found.certificate,
        lambda own: kept_heads.save(
            path,
            KeptHead(organization_id, own.kept.size, own.kept.root, own.service, own.certificate),
        ),
        out().head_unkept,
    )


def settle(session: Session) -> list[Became]:
    """Say what became of acts without an answer; cryptography is not imported where none is."""
    if session.waiting is None or not session.waiting.notes.count:
        return []
    from assigncli.actions import outstanding

    return outstanding.settle(session)


def waiting_of(profile: Profile) -> Waiting:
    """Return what notes the acts of a profile that got no answer, and says what became of them."""
    from assigncli.actions.waiting import waiting
    from assigncli.cli.outstanding import say

    return waiting(folders(environ()).outstanding / profile.name, say, out().outstanding_unkept)


@contextmanager
def saving_noted(store: Store) -> Iterator[None]:
    """Note whether something was saved in the block; raise Interrupted if that was cut short.

    Ctrl-C while a mentor is being notified would else be answered by advice to send it again.
    """
    try:
        yield
    except KeyboardInterrupt:
        if not store.has_saved:
            raise
        raise Interrupted(
            _("Stopped, but something was already saved."),
            _("Run assign list before you try again; as a mentor, run assign inbox."),
        ) from None
    finally:
        out().committed = out().committed or store.has_saved


def unlocked(session: Session) -> Session:
    """Return the session with its keys unlocked, at the moment it is after the questions.

    For outside a transaction, and once it is known that the act is possible: while a passphrase is
    typed, nobody else has to wait for the store. Raises IdentityUnavailable.
    """
    identity = session.identity
    return replace(session, now=utc_now(), load_identity=lambda: identity)


def zone_named(name: str) -> ZoneInfo:
    """Return the organisation's time zone; raises Tampered `time_zone_damaged`.

    It was known when the organisation was founded, and no command changes it.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        raise Tampered(
            _("The store has no valid time zone for the organisation."),
            _("Tell your administrator."),
            code="time_zone_damaged",
        ) from None


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
    from assigncli.cli import passphrase
    from assigncli.crypto.passphrase import lock, unlock

    chosen = None if new_for is None else passphrase.new(new_for)
    return PassphraseFiles(
        folders(environ()).keys, lambda: chosen or passphrase.known(), lock=lock, unlock=unlock
    )


def post() -> Post:
    """Return how notifications leave this machine."""
    from assigncli.actions.deliver import Post
    from assigncli.notify import AppriseNotifier

    return Post(AppriseNotifier(), utc_now)


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


def joining_session(store: Store, profile: Profile, identity: Identity, zone: str) -> Session:
    """Return the session of who has just made their keys and joins with them."""
    from assigncli.actions.session import Session

    return Session(
        store=store,
        now=utc_now(),
        organization_id=profile.organization_id,
        member_id=profile.member_id,
        root_public_key=profile.root_public_key,
        zone=zone,
        open_vault=lambda: _vault(profile),
        load_identity=lambda: identity,
        load_service=lambda: _service(profile),
        witness=witness_of(profile),
        waiting=waiting_of(profile),
    )


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
        return Identity.from_bytes(_loaded(profile.keys, name))
    if name not in kept:
        kept[name] = Identity.from_bytes(_loaded(profile.keys, name))
    return kept[name]


def _service(profile: Profile) -> ServiceKey:
    from assigncli.cli.service import service_key

    return service_key(profile.store, profile.organization_id)


def _loaded(keys: Keys, name: SecretName) -> bytes:
    """Load a secret; a wrong passphrase is asked for again, where it was typed."""
    from assigncli.cli.output import said
    from assigncli.cli.prompts import say, somebody_there

    typed = current_globals().passphrase_file is None and somebody_there()
    for left in range(_TRIES - 1 if typed else 0, 0, -1):
        try:
            return keychain(keys).load(name)
        except IdentityUnavailable as wrong:
            if wrong.code != "passphrase_wrong":
                raise
            again = ngettext(
                "You can try {count} more time.", "You can try {count} more times.", left
            )
            say(said(wrong)[0], again.format(count=left))
    return keychain(keys).load(name)
