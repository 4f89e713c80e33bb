"""Put what is known to be lost into a restored store: endings, numbers, and where the log was cut.

The lists of deletions were verified before; what is written here only ever refuses.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.errors import AssignError, InvalidInput, StoreUnavailable
from assigncli.protocol.deletions import DeletionList, ids_in
from assigncli.protocol.signed_body import Signing
from assigncli.server.backup import signed_list
from assigncli.server.store import audit_log, keys, members, organizations, restores
from assigncli.server.store.check import contents
from assigncli.server.store.engine import Store
from assigncli.server.store.restores import LogRestore, LostKind
from assigncli.server.store.tables import Organization
from assigncli.server.vault.vault import Vault

_UNREADABLE: Final = frozenset({"store_damaged", "store_not_ours", "store_io", "store_unreachable"})
"""Why a store that is to be replaced cannot say what it has deleted."""


@dataclass(frozen=True)
class Deletions:
    """What all lists of an organisation say together; `newest` is that of the longest log.

    `is_newer` where that is not the backup's own alone, `is_live` where it is that of the store
    which is replaced, and so knows all.
    """

    newest: DeletionList
    endings: Mapping[LostKind, frozenset[UUID]] = field(repr=False)
    last_number: int
    is_newer: bool = False
    is_live: bool = False

    @classmethod
    def of(cls, said: DeletionList) -> Deletions:
        """Return what one list says."""
        ids = (said.keys, said.certificates, said.reminders)
        endings = {kind: frozenset(ids_in(each)) for kind, each in zip(LostKind, ids, strict=True)}
        return cls(said, endings, said.last_number)

    def and_also(self, other: DeletionList, *, is_live: bool = False) -> Deletions:
        """Return what both say; a list of another branch of the log is as good for endings."""
        also = Deletions.of(other)
        is_newer = other.size >= self.newest.size
        return Deletions(
            other if is_newer else self.newest,
            {kind: ids | also.endings[kind] for kind, ids in self.endings.items()},
            max(self.last_number, also.last_number),
            is_newer=self.is_newer or is_newer,
            is_live=self.is_live or (is_live and is_newer),
        )


@dataclass(frozen=True)
class RestoredOrganization:
    """What became of one organisation: entries lost, and what was ended in the lost part.

    `size` is that of its log now; `lost` is None where no list says how many entries there were.
    `numbers` are of assignments whose key is deleted though the restored log has it as live;
    `members` are the names of those with a device revoked since. `listed_at` is aware UTC;
    `is_listed` says whether a list newer than the backup's own was given, or none was needed.
    `has_old_key` says that the service's certificate in force here was replaced since.
    """

    name: str
    size: int
    lost: int | None
    listed_at: datetime
    is_listed: bool
    numbers: tuple[int, ...]
    members: tuple[str, ...]
    has_old_key: bool


@contextmanager
def held(store: Path) -> Iterator[Transaction | None]:
    """Hold the store that is to be replaced, so that nobody writes to it.

    None where there is none, or where it cannot be read any more.
    """
    with ExitStack() as kept:
        try:
            if not os.path.lexists(store):
                raise StoreUnavailable("store_not_ours")
            tx = kept.enter_context(kept.enter_context(Store.inspect(store)).write())
        except AssignError as problem:
            if problem.code not in _UNREADABLE:
                raise
            yield None
        else:
            yield tx


def with_live_lists(
    tx: Transaction, services: Mapping[UUID, Signing], known: Mapping[UUID, Deletions], at: datetime
) -> dict[UUID, Deletions]:
    """Return what is known, with what the store that is to be replaced says; `at` is aware UTC.

    Raises InvalidInput `store_of_another` for a store with an organisation that is not known.
    """
    found, (about, _counts) = dict(known), contents(tx)
    for each in organizations.everyone(tx):
        if each.id not in known:
            raise InvalidInput("store_of_another", name=each.name)
        signed = signed_list(tx, about.store_id, each.id, services[each.id], at)
        live = DeletionList.decode(signed.body)
        found[each.id] = found[each.id].and_also(live, is_live=True)
    return found


def put_back(
    opened: Store, lists: Mapping[UUID, Deletions], vault: Vault, now: datetime
) -> list[RestoredOrganization]:
    """Write what the lists and the vault say into a copy from a backup, in one transaction."""
    deleted = vault.deleted()
    with opened.write() as tx:
        restores.leave_unsent(tx)
        return [
            _organization(tx, each, lists[each.id], deleted, now)
            for each in organizations.everyone(tx)
        ]


def live_keys(tx: Transaction) -> set[UUID]:
    """Return the keys of the whole store that are live, as far as any list says."""
    found = keys.all_live(tx)
    return found - restores.lost_among(tx, LostKind.KEY, list(found))


def _organization(
    tx: Transaction, row: Organization, known: Deletions, deleted: set[UUID], now: datetime
) -> RestoredOrganization:
    said, size = known.newest, audit_log.tail(tx, row.id).size
    in_vault = keys.live_of(tx, row.id, deleted)
    endings = {**known.endings, LostKind.KEY: known.endings[LostKind.KEY] | in_vault}
    # A suspension may have ended again, so only the newest list counts for it.
    endings[LostKind.CERTIFICATE] |= frozenset(ids_in(said.suspended))
    is_all_here = known.is_live and said.size <= size
    if not is_all_here:
        restores.restore(tx, _row(row.id, size, known, now), endings)
    lost_keys = restores.lost(tx, row.id, LostKind.KEY)
    lost_devices = restores.lost(tx, row.id, LostKind.CERTIFICATE)
    services = members.certificates_of_service(tx, row.id)
    return RestoredOrganization(
        name=row.name,
        size=size,
        lost=max(0, said.size - size) if known.is_newer else None,
        listed_at=said.at,
        is_listed=known.is_newer,
        numbers=tuple(keys.numbers_of(tx, lost_keys)),
        members=tuple(members.names_of(tx, lost_devices - services)),
        has_old_key=bool(lost_devices & services),
    )


def _row(organization_id: UUID, size: int, known: Deletions, now: datetime) -> LogRestore:
    said = known.newest
    is_lost = said.size > size
    return LogRestore(
        organization_id=organization_id,
        size=size,
        lost_size=said.size if is_lost else None,
        lost_root=said.root if is_lost else None,
        last_number=known.last_number,
        listed_at=said.at,
        restored_at=now,
    )
