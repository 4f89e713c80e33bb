"""Report what the store and the vault hold and what is wrong with them. Repairs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from assigncli.domain.access import SHARE_MISSING
from assigncli.errors import AssignError, Fact
from assigncli.server.reads.shares import PAGE, bad_shares
from assigncli.server.store import keys, organizations
from assigncli.server.store.check import StoreProblem, check_store, contents
from assigncli.server.store.engine import Store
from assigncli.server.vault.vault import Vault


@dataclass(frozen=True)
class Info:
    """What a store holds, in numbers.

    `time_zone` is that of the organisation asked for; None if the store does not have it.
    """

    path: Path
    vault: Path
    schema_version: str
    store_id: str
    created_at: datetime
    time_zone: str | None
    size_bytes: int
    organizations: int
    members: int
    assignments: int
    audit_entries: int


def info(store: Store, vault: Path, organization_id: UUID) -> Info:
    """Return what the store holds; times will be shown in the time zone of `organization_id`."""
    with store.read() as tx:
        about, counts = contents(tx)
        named = organizations.name_and_zone(tx, organization_id)
    return Info(
        store.path,
        vault,
        store.schema_version(),
        str(about.store_id),
        about.created_at,
        named[1] if named else None,
        store.path.stat().st_size,
        *counts,
    )


def problems(store: Store, vault: Path) -> tuple[StoreProblem, ...]:
    """Return what is wrong with the store and its vault; empty if nothing is."""
    found = list(check_store(store))
    try:
        opened = Vault.open(vault)
        found += _slots(opened)
        found += _shares(store, opened)
        found += _left_behind(store, opened)
    except AssignError as error:
        problem = StoreProblem(error.code, error.why, error.facts)
        if problem not in found:
            found.append(problem)
    return tuple(found)


def bad_share_count(store: Store, vault: Path) -> int:
    """Return how many live keys have no share or a wrong one; raises as `Vault.open`."""
    return sum(1 for _each in bad_shares(store, Vault.open(vault)))


def _shares(store: Store, vault: Vault) -> Iterator[StoreProblem]:
    with store.read() as tx:
        several = len(organizations.names(tx)) > 1
    for each in bad_shares(store, vault):
        code = "share_mismatch" if each.altered else SHARE_MISSING
        facts: dict[str, Fact] = {"organization": each.organization} if several else {}
        if each.number is None:
            yield StoreProblem(code, "no_assignment", facts)
        else:
            yield StoreProblem(code, "of_assignment", {"number": each.number, **facts})


def _slots(vault: Vault) -> Iterator[StoreProblem]:
    count = vault.damaged()
    if count:
        yield StoreProblem("vault_damaged", "places", {"count": count})


def _left_behind(store: Store, vault: Vault) -> Iterator[StoreProblem]:
    """Yield one problem if deleted shares are back, as with an old copy of the vault."""
    _top, held = vault.unchecked(every=True)
    count = 0
    for start in range(0, len(held), PAGE):  # so that no writer waits for long
        with store.read() as tx:
            count += len(keys.shredded_among(tx, held[start : start + PAGE]))
    if count:
        yield StoreProblem("share_left_behind", None, {"count": count})
