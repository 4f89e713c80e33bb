"""Look at the store and this machine: what is there, what is wrong. Nothing is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlmodel import select

from assigncli.errors import AssignError
from assigncli.store.check import Problem, check_store
from assigncli.store.engine import Store
from assigncli.store.tables import Assignment, AuditEntry, Member, Organization, StoreInfo
from assigncli.vault import Vault


@dataclass(frozen=True)
class Info:
    """What a store holds, in numbers."""

    path: Path
    vault: Path
    schema_version: str
    store_id: str
    created_at: datetime
    size_bytes: int
    organizations: int
    members: int
    assignments: int
    audit_entries: int


def info(store: Store, vault: Path) -> Info:
    """Return what the store holds."""
    with store.read() as tx:
        about = tx.exec(select(StoreInfo)).one()
        counts = [
            int(tx.exec(select(func.count()).select_from(table)).one())
            for table in (Organization, Member, Assignment, AuditEntry)
        ]
    return Info(
        store.path,
        vault,
        store.schema_version(),
        str(about.store_id),
        about.created_at,
        store.path.stat().st_size,
        *counts,
    )


def problems(store: Store, vault: Path) -> tuple[Problem, ...]:
    """Return what is wrong with the store and its vault; an empty tuple where nothing is."""
    found = list(check_store(store))
    try:
        if not Vault.open(vault).check():
            raise_damaged()
    except AssignError as error:
        found.append(Problem(error.code, error.message))
    return tuple(found)


def raise_damaged() -> None:
    """Refuse a vault that SQLite does not find whole."""
    from assigncli.errors import StoreUnavailable
    from assigncli.locale import _

    raise StoreUnavailable(
        _("The vault file is damaged."),
        _("Restore it, or ask your operator."),
        code="vault_damaged",
    )
