"""What a backup says of an organisation besides its rows: the signed list of deletions."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.protocol import tree
from assigncli.protocol.deletions import DeletionList, joined
from assigncli.protocol.signed_body import Signing
from assigncli.server.heads import node_in
from assigncli.server.store import audit_log, restores
from assigncli.server.store.backup_file import SignedList


def signed_list(
    tx: Transaction, store_id: UUID, organization_id: UUID, service: Signing, at: datetime
) -> SignedList:
    """Return the organisation's list of deletions at `at` (aware UTC), signed by its service.

    Raises Tampered `tree_differs` for a log whose tree is not whole.
    """
    end, ended = (
        audit_log.tail(tx, organization_id),
        restores.ended(tx, organization_id),
    )
    found = DeletionList(
        organization=organization_id,
        store=store_id,
        at=at,
        size=end.size,
        root=tree.root(end.size, partial(node_in, end.nodes)),
        last_number=ended.last_number,
        keys=joined(ended.keys),
        certificates=joined(ended.certificates),
        suspended=joined(ended.suspended),
        reminders=joined(ended.reminders),
    )
    return SignedList(*found.signed_by(service))
