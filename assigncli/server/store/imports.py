"""What earlier sheets have created: assignments by the import key of their row, archived ones too.

A row is recognised for as long as anything is kept of it, so that a sheet that is sent again after
years sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from assigncli.domain.imported import Imported
from assigncli.domain.lifecycle import Status
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.tables import Assignment

# Built once, because building it costs more than running it.
_MADE: Final = tuple(
    select(
        col(table.import_key),
        col(table.number),
        col(table.id),
        col(table.status),
        col(table.import_digest),
    ).where(
        col(table.organization_id) == bindparam("organization_id"),
        col(table.import_key).in_(bindparam("keys", expanding=True)),
    )
    for table in (Assignment, ArchivedAssignment)
)


def by_import_key(
    tx: Session, organization_id: UUID, keys: Sequence[bytes]
) -> dict[bytes, Imported]:
    """Return what was created under these import keys in the organisation."""
    found: dict[bytes, Imported] = {}
    asked = {"organization_id": organization_id, "keys": list(keys)}
    for query in _MADE:
        rows = tx.connection().execute(query, asked)
        for key, number, id_, status, digest in rows:
            if key is not None and digest is not None:  # the database keeps both or neither
                found[key] = Imported(number, id_, Status(status), digest)
    return found
