"""What happened, as an entry of the log says it: for `projection`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from assigncli.actions.record import details_of
from assigncli.projection.happening import Happening
from assigncli.protocol.statement import Statement
from assigncli.store.compare import Said


def happening_of(organization_id: UUID, said: Said, stated: Statement | None) -> Happening:
    """Return what a good entry says happened; `stated` is what it carries out, where that counts.

    Texts are not in a statement: they are held against its digests where they are kept.
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
