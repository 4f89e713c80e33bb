"""Make and open backups of a store: its copy, the lists of deletions, the service's sealed key.

The key is sealed by a passphrase once and kept sealed beside the store, so that a nightly backup
asks nothing. Restoring is in `restoring`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NoReturn

from assigncli.cli.session.new_service_keys import settle
from assigncli.cli.session.service_turns import service_keychain
from assigncli.client.keys import SecretName, ServiceFiles
from assigncli.crypto.identity import Identity, lock, unlock
from assigncli.errors import IdentityUnavailable, InvalidInput
from assigncli.lookups import Nothing
from assigncli.lookups.about_log import LogFault
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.deletions import DeletionList
from assigncli.server.backup import signed_list
from assigncli.server.host import Host
from assigncli.server.store import backup_file, copying, organizations
from assigncli.server.store.backup_file import Backup, Contents, SealedKey, SignedList
from assigncli.server.store.check import StoreProblem, check_store, contents
from assigncli.server.store.engine import APPLICATION_ID, Store
from assigncli.server.turn import Turn
from assigncli.server.verify.whole import check

_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class ServiceIdentity:
    """A service's private keys, their name, and the root key pinned beside them."""

    name: SecretName
    identity: Identity
    root: bytes


Passphrase = Callable[[], bytes]


def back_up(
    store: Path, target: Path, at: datetime, *, seals: Passphrase, anew: bool, lists_only: bool
) -> Contents:
    """Write a backup of the store at `at` (aware UTC) to `target`, and return what is in it.

    `seals` asks for the passphrase where the service's key is not sealed yet, or with `anew`.
    Raises StoreUnavailable, IdentityUnavailable `service_identity_missing`, and as
    `backup_file.writing`.
    """
    with Store.inspect(store) as opened:
        settle(opened)  # so that the key is the one that signs, even if a run was killed
    sealed = [] if lists_only else list(_sealed_keys(store, seals, anew=anew))
    with backup_file.writing(target) as unnamed:
        if lists_only:
            with Store.inspect(store) as opened:
                made = _contents(opened, store, at, sealed)
        else:
            copying.copy(store, unnamed)
            with Store.inspect(unnamed) as copied:
                made = _contents(copied, store, at, sealed)
            copying.mark(unnamed, copying.BACKUP_ID)
        backup_file.finish(unnamed, made)
    return made


def read_backup(path: Path) -> Backup:
    """Return a backup; raises as `backup_file.read`."""
    return backup_file.read(path)


def own_identities(store: Path) -> Iterator[ServiceIdentity]:
    """Yield the service's identities from the files beside the store."""
    keys = service_keychain(store)
    for name in keys.identities():
        yield ServiceIdentity(name, Identity.from_bytes(keys.load(name)), keys.pinned(name))


def unsealed(backup: Backup, passphrase: bytes) -> list[ServiceIdentity]:
    """Return the service's identities in a backup.

    Raises IdentityUnavailable `passphrase_wrong`, and InvalidInput `backup_damaged` for a key that
    is another than the backup says.
    """
    found = []
    for each in backup.contents.keys:
        identity = Identity.from_bytes(unlock(each.sealed, passphrase))
        if identity.public.signing_key != each.signing_key:
            raise InvalidInput("backup_damaged", path=str(backup.path))
        name = SecretName(each.organization, each.member, "identity")
        found.append(ServiceIdentity(name, identity, each.root))
    return found


def verified_list(each: SignedList, path: Path, key: bytes) -> DeletionList:
    """Return a list that the service with this signing key made.

    Raises InvalidInput `deletions_invalid`.
    """
    if not DeletionList.is_signed(each.body, each.signature, key):
        raise InvalidInput("deletions_invalid", path=str(path))
    return read_list(each, path)


def read_list(each: SignedList, path: Path) -> DeletionList:
    """Return what a list says, unverified; raises InvalidInput `deletions_invalid`."""
    try:
        return DeletionList.decode(each.body)
    except Malformed:
        raise InvalidInput("deletions_invalid", path=str(path)) from None


@dataclass(frozen=True)
class TriedBackup:
    """What trying a backup found; `entries` are those of the logs that it holds."""

    entries: int
    problems: tuple[StoreProblem, ...]
    faults: tuple[LogFault, ...]


def tried(backup: Backup) -> TriedBackup:
    """Check the store in a backup, and verify its logs and the service's signatures on its lists.

    Raises InvalidInput `deletions_invalid`, StoreUnavailable.
    """
    for said in backup.contents.lists:
        read_list(said, backup.path)
    public = {each.organization: each.signing_key for each in backup.contents.keys}
    for said in backup.contents.lists if public else ():
        organization = read_list(said, backup.path).organization
        verified_list(said, backup.path, public.get(organization, b""))
    if not backup.store_bytes:
        return TriedBackup(0, (), ())
    with unpacked(backup) as place, Store.inspect(place) as opened:
        problems = check_store(opened)
        if problems:
            return TriedBackup(0, problems, ())
        checks = [
            check(_turn(opened, each, backup.contents.at), Nothing())
            for each in backup.contents.keys
        ]
    faults = tuple(fault for each in checks for fault in each.faults)
    return TriedBackup(sum(each.entries for each in checks), (), faults)


def _turn(opened: Store, key: SealedKey, at: datetime) -> Turn:
    """Return a turn that verifies an organisation's log; it has neither vault nor private key."""
    host = Host(
        store=opened,
        organization_id=key.organization,
        root_public_key=key.root,
        zone="UTC",
        open_vault=_nothing_private,
        load_service=_nothing_private,
    )
    return Turn(host, at)


def _nothing_private() -> NoReturn:
    raise AssertionError("Verifying needs neither the vault nor a private key.")


@contextmanager
def unpacked(backup: Backup) -> Iterator[Path]:
    """Yield the backup's copy as a store of its own in a temporary folder, removed afterwards."""
    with TemporaryDirectory(prefix="assign-backup-") as folder:
        place = Path(folder) / "assign.db"
        backup_file.unpack(backup, place)
        copying.mark(place, APPLICATION_ID)
        yield place


def _contents(opened: Store, store: Path, at: datetime, sealed: list[SealedKey]) -> Contents:
    identities = {each.name.organization_id: each.identity for each in own_identities(store)}
    with opened.read() as tx:
        about, _counts = contents(tx)
        lists = []
        for each in organizations.everyone(tx):
            if each.id not in identities:
                raise IdentityUnavailable("service_identity_missing")
            lists.append(signed_list(tx, about.store_id, each.id, identities[each.id], at))
    return Contents(about.store_id, at, tuple(lists), tuple(sealed))


def _sealed_keys(store: Path, seals: Passphrase, *, anew: bool) -> Iterator[SealedKey]:
    keys, passphrase = service_keychain(store), b""
    for each in own_identities(store):
        public = each.identity.public.signing_key
        blob = None if anew else _sealed_before(keys, each.name, public)
        if blob is None:
            passphrase = passphrase or seals()
            blob = lock(each.identity.to_bytes(), passphrase)
            keys.seal(each.name, public + blob)
        yield SealedKey(each.name.organization_id, each.name.member_id, each.root, public, blob)


def _sealed_before(keys: ServiceFiles, name: SecretName, public: bytes) -> bytes | None:
    """Return the sealed key that an earlier backup left; None for none, or of an older key."""
    try:
        kept = keys.sealed(name)
    except IdentityUnavailable as missing:
        if missing.code != "key_missing":
            raise
        return None
    return kept[_KEY_BYTES:] if kept[:_KEY_BYTES] == public else None
