"""The first entry of a log, and the certificates it gives to the founder and the service.

As the rows say: signatures and certificates are verified elsewhere, without cryptography here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from assigncli.domain.actions import Action
from assigncli.server.store.statement_rows import StatementRow
from assigncli.server.store.tables import AuditEntry

_FOUND: Final = "assigncli_founding"


@dataclass(frozen=True)
class FoundingEntry:
    """The entry with its statement; `given` has the certificate of each of the two members."""

    entry: AuditEntry
    statement: StatementRow | None
    given: Mapping[UUID, UUID]

    @property
    def service(self) -> UUID | None:
        """The service's member id; None where the statement is unreadable."""
        ours = self.entry.service_certificate_id
        return next((member for member, held in self.given.items() if held == ours), None)


def founding(tx: Session, organization_id: UUID) -> FoundingEntry | None:
    """Return the founding of this organisation; None where the log does not begin with one.

    Read from the database once per transaction.
    """
    known: dict[UUID, FoundingEntry] = tx.info.setdefault(_FOUND, {})
    if organization_id not in known:
        row = tx.exec(
            select(AuditEntry, StatementRow)
            .outerjoin(StatementRow, col(StatementRow.hash) == col(AuditEntry.statement_hash))
            .where(AuditEntry.organization_id == organization_id, AuditEntry.sequence == 1)
        ).first()
        if row is None or row[0].action != Action.ORGANIZATION_FOUNDED:
            return None
        known[organization_id] = FoundingEntry(row[0], row[1], _given(row[0], row[1]))
    return known[organization_id]


def _given(entry: AuditEntry, statement: StatementRow | None) -> Mapping[UUID, UUID]:
    """Return the founder's and the service's certificate by member; empty where unreadable."""
    if statement is None:
        return {}
    try:
        said = json.loads(statement.body)["arguments"]
        founder, service = UUID(said["founder"]), UUID(said["service_member"])
        certificate = UUID(json.loads(entry.details)["certificate"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {founder: certificate, service: entry.service_certificate_id}
