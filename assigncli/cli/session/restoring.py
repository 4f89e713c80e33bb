"""Restore a store from a backup, with the newest list of deletions that can be had.

Deletions come first, since they are final whatever happens then; the new store takes its place
last, in one step. What is restored waits for an administrator's word before it takes any act.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from assigncli.cli.session import vault_beside
from assigncli.cli.session.backups import (
    Passphrase,
    ServiceIdentity,
    own_identities,
    read_list,
    unsealed,
    verified_list,
)
from assigncli.cli.session.service_turns import service_keychain, swept_head
from assigncli.cli.session.vault_copies import put_vault_back
from assigncli.errors import InvalidInput
from assigncli.private_files import make_folder
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.deletions import DeletionList
from assigncli.server.putting_back import (
    Deletions,
    RestoredOrganization,
    held,
    live_keys,
    put_back,
    with_live_lists,
)
from assigncli.server.store import backup_file, ballast, copying, members, swap
from assigncli.server.store.backup_file import Backup, SignedList
from assigncli.server.store.check import check_store
from assigncli.server.store.engine import APPLICATION_ID, Store
from assigncli.server.store.restores import LostKind
from assigncli.server.store.served import served
from assigncli.server.vault.vault import Vault


@dataclass(eq=False)
class Restoring:
    """One restore: the backup, the lists given, a copy of the vault, and where the store goes.

    `now` is aware UTC; `passphrase` opens the service's key where it is not beside the store.
    """

    backup: Backup
    lists: Sequence[Backup]
    store: Path
    now: datetime
    passphrase: Passphrase = field(repr=False)
    vault_copy: Path | None = None

    def run(self) -> list[RestoredOrganization]:
        """Restore, and return what became of each organisation.

        Raises InvalidInput `backup_without_store`, `backup_damaged`, `deletions_of_another`,
        `deletions_invalid`, `store_of_another`, `before_restore`; IdentityUnavailable
        `passphrase_wrong`; StoreUnavailable; and as `put_vault_back`.
        """
        if not self.backup.store_bytes:
            raise InvalidInput("backup_without_store", path=str(self.backup.path))
        make_folder(self.store.parent)
        swap.require_free(self.store)
        identities = self._identities()
        lists = self._lists(identities)
        with served(self.store), held(self.store) as tx, swap.beside(self.store) as new:
            if tx is not None:
                services = {id_: each.identity for id_, each in identities.items()}
                lists = with_live_lists(tx, services, lists, self.now)
            backup_file.unpack(self.backup, new)
            copying.mark(new, APPLICATION_ID)
            with Store.inspect(new) as opened:
                self._require_whole(opened)
                newer = self._newer(opened, identities)
                vault = self._vault(lists)
                restored = put_back(opened, lists, vault, self.now)
                if self.vault_copy is not None:
                    self._put_vault_back(self.vault_copy, opened, vault)
            self._keep_keys(identities.values(), newer)
            swap.swap(new, self.store)
        ballast.keep(ballast.beside(self.store))
        return restored

    def _identities(self) -> dict[UUID, ServiceIdentity]:
        """Return the service's keys of the backup: those beside the store, else the sealed ones."""
        own = self._own()
        public = {each.organization: each.signing_key for each in self.backup.contents.keys}
        here = {id_: each.identity.public.signing_key for id_, each in own.items()}
        if public.items() <= here.items():
            return own
        found = unsealed(self.backup, self.passphrase())
        return {each.name.organization_id: each for each in found}

    def _own(self) -> dict[UUID, ServiceIdentity]:
        return {each.name.organization_id: each for each in own_identities(self.store)}

    def _newer(
        self, opened: Store, identities: Mapping[UUID, ServiceIdentity]
    ) -> list[ServiceIdentity]:
        """Return keys beside the store that the backup does not know: its own were replaced since.

        They wait for an administrator again, since the restored log knows nothing of them.
        """
        found = []
        for organization, each in self._own().items():
            with opened.read() as tx:
                known = {
                    Certificate.decode(row.body).keys
                    for row in members.certificates_of(tx, organization)
                }
            if organization in identities and each.identity.public not in known:
                found.append(each)
        return found

    def _lists(self, identities: Mapping[UUID, ServiceIdentity]) -> dict[UUID, Deletions]:
        """Return what the backup's lists and those given say, by organisation."""
        found: dict[UUID, Deletions] = {}
        for each in self.backup.contents.lists:
            own = self._verified(each, self.backup, identities)
            if own is None:
                raise InvalidInput("deletions_invalid", path=str(self.backup.path))
            found[own.organization] = Deletions.of(own)
        for given in self.lists:
            lists = [self._verified(each, given, identities) for each in given.contents.lists]
            known = [each for each in lists if each is not None and each.organization in found]
            if not known:
                raise InvalidInput("deletions_of_another", path=str(given.path))
            for said in known:
                found[said.organization] = found[said.organization].and_also(said)
        return found

    def _verified(
        self, each: SignedList, source: Backup, identities: Mapping[UUID, ServiceIdentity]
    ) -> DeletionList | None:
        """Return a list of an organisation whose service is known; None for another's."""
        said = read_list(each, source.path)
        service = identities.get(said.organization)
        if service is None:
            return None
        newer = self._own().get(said.organization, service)
        key = newer.identity.public.signing_key
        if not DeletionList.is_signed(each.body, each.signature, key):
            key = service.identity.public.signing_key
        return verified_list(each, source.path, key)

    def _require_whole(self, opened: Store) -> None:
        if check_store(opened):
            raise InvalidInput("backup_damaged", path=str(self.backup.path))

    def _vault(self, lists: Mapping[UUID, Deletions]) -> Vault:
        """Return the vault, made where there is none, after deleting what the lists name."""
        place = vault_beside(self.store)
        vault = Vault.open(place) if os.path.lexists(place) else Vault.create(place)
        ended = {key for each in lists.values() for key in each.endings[LostKind.KEY]}
        left = vault.held_among(ended)
        if left:
            vault.revoke(left)
        return vault

    def _put_vault_back(self, copy: Path, opened: Store, vault: Vault) -> None:
        """Put back the shares of keys that are live after all that is known of deletions."""
        with opened.read() as tx:
            live = live_keys(tx)
        put_vault_back(copy, self.passphrase, self.backup.contents.store, vault, live)

    def _keep_keys(
        self, identities: Iterable[ServiceIdentity], newer: Iterable[ServiceIdentity]
    ) -> None:
        """Keep the service's keys beside the store; drop the head that its sweeps have kept.

        A newer key waits beside the one that it had replaced. It is written first: where a run is
        killed in between, the store that is there has its key all the same.
        """
        keychain, own = service_keychain(self.store), self._own()
        for each in newer:
            keychain.save_new(each.name, each.identity.to_bytes())
        for each in identities:
            there = own.get(each.name.organization_id)
            if there is None or there.identity != each.identity:
                keychain.pin(each.name, each.root)
                keychain.save(each.name, each.identity.to_bytes())
            with suppress(OSError):
                swept_head(self.store, each.name).unlink(missing_ok=True)
