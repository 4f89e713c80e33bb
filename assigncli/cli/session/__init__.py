"""The composition root: put identity, store, vault and clock together for a profile.

The only module that reads the clock. Keys are unlocked and the vault is opened when first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.output.words import Calendar
from assigncli.cli.session.private_keys import identity
from assigncli.errors import Interrupted, NotFound, Tampered
from assigncli.folders import folders
from assigncli.profiles import Profile, load_profile

if TYPE_CHECKING:
    from uuid import UUID

    from assigncli.cli.session.at_server import Noting
    from assigncli.cli.session.in_process import Session
    from assigncli.client.client import Client
    from assigncli.client.waiting import Became, NumberOf, Waiting
    from assigncli.crypto.identity import Identity
    from assigncli.kept_heads import Witness
    from assigncli.server.host import ServiceKey
    from assigncli.server.notifications.deliver import Post
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault
    from assigncli.trust.replies import Done
STORE_NAME: Final = "assign.db"
VAULT_SUFFIX: Final = ".vault"


def utc_now() -> datetime:
    """Return the current moment, aware UTC; a command asks once, and again after a conversation."""
    return datetime.now(UTC)


@contextmanager
def opened(
    profile: Profile | None = None,
    *,
    keys: bool = False,
    look: bool = True,
    asks: bool = False,
    aside: bool = False,
) -> Iterator[Session]:
    """Yield the acting member's session for the chosen profile; the store is closed afterwards.

    Acts without an answer are resolved and reported first, before the same command can repeat them.
    `keys` unlocks the private keys now, as `unlocked` does, but asks no passphrase of somebody who
    is not, or no longer, a member. Set `look` to False for a command that itself reports whether
    the log continues the kept head and what became of acts. A command that `asks` the server needs
    no look of its own: each answer is verified against the kept head. With `aside` the kept head is
    set aside, because the log was restored; see `Witness.set_aside`.

    Raises NotFound `profile_missing` or `organization_not_found`, StoreUnavailable, the profile's
    other errors, and Tampered as `server.heads.look`.
    """
    profile = profile or load_profile(current_globals().profile, environ())
    if profile.server is not None:
        from assigncli.cli.session.at_server import opened_at

        with opened_at(profile.server, profile, keys=keys, looks=look, aside=aside) as session:
            yield session
        return
    from assigncli.server.store import organizations
    from assigncli.server.store.engine import Store

    witness = witness_of(profile)
    if aside:
        witness.set_aside()
    with Store.open(profile.store) as store:
        with store.read() as tx:
            found = organizations.name_and_zone(tx, profile.organization_id)
            if found is not None and look and not asks:
                from assigncli.server import heads

                heads.look(tx, profile.organization_id, witness)
        if found is None:
            raise NotFound("organization_not_found", "profile")
        now, zone = utc_now(), zone_named(found[1])
        out().calendar = Calendar.at(now, zone)
        session = session_on(store, profile, zone.key, lambda: identity(profile), witness)
        session.client.now = now
        if look:
            settle(session.client)
        if keys and profile.keys == "file":
            from assigncli.server import certification

            with store.read() as tx:
                certification.own_certificate(session.turn, tx)
        with saving_noted(store):
            yield unlocked(session) if keys else session


def session_on(
    store: Store,
    profile: Profile,
    zone: str,
    load_identity: Callable[[], Identity],
    witness: Witness | None = None,
) -> Session:
    """Return client and server for a profile on its open store; `zone` is an IANA name."""
    from assigncli.cli.session.in_process import connected
    from assigncli.client.client import Client
    from assigncli.server.host import Host

    def number_of(about: UUID) -> int | None:
        from assigncli.lookups.about_assignments import NUMBER, ById

        return client.look(NUMBER, ById(about)).number

    host = Host(
        store=store,
        organization_id=profile.organization_id,
        root_public_key=profile.root_public_key,
        zone=zone,
        open_vault=lambda: _vault(profile),
        load_service=lambda: _service(profile),
        settle_service=lambda: _settle_service(store),
    )
    client = Client(
        address=str(profile.store),
        now=utc_now(),
        organization_id=profile.organization_id,
        member_id=profile.member_id,
        root_public_key=profile.root_public_key,
        zone=zone,
        load_identity=load_identity,
        witness=witness or witness_of(profile),
        waiting=waiting_of(profile, number_of),
        note_done=noting(profile),
    )
    return connected(client, host)


def noting(profile: Profile) -> Callable[[Done], None]:
    """Return what notes the profile's own acts, for a restore that loses some of them."""

    def note(done: Done) -> None:
        from assigncli import kept_acts
        from assigncli.kept_acts import KeptAct

        entry = done.own[-1]
        number = entry.facts.get("number")
        about = number if isinstance(number, int) else None
        kept_acts.add(acts_file(profile), KeptAct(entry.sequence, entry.at, entry.act, about))

    return note


def acts_file(profile: Profile) -> Path:
    """Return the file with what the profile has done lately."""
    return folders(environ()).heads / f"{profile.name}.acts"


def witness_of(profile: Profile) -> Witness:
    """Return the witness with the head that the profile keeps.

    Raises InvalidInput `head_damaged`, StoreUnavailable.
    """
    from assigncli import kept_heads
    from assigncli.kept_heads import KeptHead, Witness, seen_before

    organization_id = profile.organization_id
    path = folders(environ()).heads / f"{profile.name}.json"
    found = kept_heads.load(path, organization_id)
    return Witness(
        seen_before(found),
        None if found is None else found.service,
        None if found is None else found.certificate,
        lambda own: kept_heads.save(
            path,
            KeptHead(
                organization_id,
                own.kept.size,
                own.kept.root,
                own.service,
                own.certificate,
                own.restored,
            ),
            own.lost,
        ),
        out().head_unkept,
        0 if found is None else found.restored,
    )


def settle(client: Client) -> list[Became]:
    """Report what became of acts without an answer; imports no cryptography if there are none."""
    if client.waiting is None or not client.waiting.notes.count:
        return []
    from assigncli.client.settle import settle as ask_about_all

    return ask_about_all(client)


def waiting_of(profile: Profile, number_of: NumberOf = lambda _about: None) -> Waiting:
    """Return the record of a profile's acts without an answer; it reports what became of them."""
    from assigncli.cli.output.outstanding_words import say
    from assigncli.client.waiting import waiting

    folder = folders(environ()).outstanding / profile.name
    return waiting(folder, say, out().outstanding_unkept, number_of)


@contextmanager
def saving_noted(store: Store | Noting) -> Iterator[None]:
    """Record whether something was saved in the block; raise Interrupted if Ctrl-C came after that.

    Otherwise Ctrl-C while a mentor is being notified would be answered by advice to send it again.
    """
    try:
        yield
    except KeyboardInterrupt:
        if not store.has_saved:
            raise
        raise Interrupted("interrupted", "saved") from None
    finally:
        out().committed = out().committed or store.has_saved


def unlocked(session: Session) -> Session:
    """Unlock the keys, and set the session's moment to the time after the questions.

    Call it outside a transaction, once the act is known to be possible: while a passphrase is
    typed, nobody else has to wait for the store. Raises IdentityUnavailable.
    """
    _held = session.client.identity
    session.client.now = utc_now()
    return session


def zone_named(name: str) -> ZoneInfo:
    """Return the organisation's time zone; raise Tampered `time_zone_damaged`.

    The zone was valid when the organisation was founded, and no command changes it.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        raise Tampered("time_zone_damaged") from None


def default_store() -> Path:
    """Return the place of this machine's own store, unless another is named."""
    return folders(environ()).data / STORE_NAME


def vault_beside(store: Path) -> Path:
    """Return the place of a store's vault: a file of its own in the same folder."""
    return store.with_name(store.name + VAULT_SUFFIX)


def post() -> Post:
    """Return the way notifications leave this machine."""
    from assigncli.server.notifications.deliver import Post
    from assigncli.server.notifications.notifier import AppriseNotifier

    return Post(AppriseNotifier(), utc_now)


def open_store(path: Path) -> Store:
    """Open a store outside any profile, as for joining."""
    from assigncli.server.store.engine import Store

    return Store.open(path)


def _vault(profile: Profile) -> Vault:
    from assigncli.server.vault.vault import Vault

    return Vault.open(profile.vault)


def _service(profile: Profile) -> ServiceKey:
    from assigncli.cli.session.service_turns import service_key

    return service_key(profile.store, profile.organization_id)


def _settle_service(store: Store) -> None:
    from assigncli.cli.session.new_service_keys import settle

    settle(store)
