"""Turn an entry of the log into a Happening, for `projection`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from assigncli.protocol.statement import Statement
from assigncli.server.projection.happening import Happening
from assigncli.server.record import details_of
from assigncli.server.store.tables import AuditEntry

if TYPE_CHECKING:  # showing a row must not load the comparison's modules
    from assigncli.server.store.comparing import SaidEntry


def happening_of(organization_id: UUID, said: SaidEntry, stated: Statement | None) -> Happening:
    """Return what a verified entry says happened; `stated` is its statement, if needed.

    It has no texts: a statement has only their digests, which are checked where the texts are kept.
    """
    return Happening(
        organization=organization_id,
        act=said.action,
        subject=UUID(said.subject_id),
        actor=UUID(said.actor_id),
        at=datetime.fromisoformat(said.at),
        facts=details_of(said.details),
        arguments={} if stated is None else stated.arguments,
        attachments=() if stated is None else stated.attachments,
        statement=said.statement_hash,
        sequence=said.sequence,
    )


def happening_in(row: AuditEntry) -> Happening:
    """Return what an entry's row says happened, without its statement."""
    return Happening(
        organization=row.organization_id,
        act=row.action,
        subject=row.subject_id,
        actor=row.actor_id,
        at=row.at,
        facts=details_of(row.details),
        sequence=row.sequence,
    )
