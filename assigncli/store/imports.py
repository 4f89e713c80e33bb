"""What earlier sheets have made: assignments by the import key of their row, archived ones too.

A row that was sent stays known for as long as anything is kept of it, so that a sheet which turns
up again after years sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from assigncli.domain.imported import Imported
from assigncli.domain.lifecycle import Status
from assigncli.store.tables import ArchivedAssignment, Assignment


def by_import_key(
    tx: Session, organization_id: UUID, keys: Sequence[bytes]
) -> dict[bytes, Imported]:
    """Return what was made under these import keys in the organisation."""
    found: dict[bytes, Imported] = {}
    for table in (Assignment, ArchivedAssignment):
        rows = tx.connection().execute(
            select(
                col(table.import_key),
                col(table.number),
                col(table.id),
                col(table.status),
                col(table.import_digest),
            ).where(
                col(table.organization_id) == organization_id,
                col(table.import_key).in_(keys),
            )
        )
        for key, number, id_, status, digest in rows:
            if key is not None and digest is not None:  # the database keeps both or neither
                found[key] = Imported(number, id_, Status(status), digest)
    return found
