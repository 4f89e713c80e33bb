"""Make the server's replies, with the proofs in them.

Proofs are made inside the transaction. The head is signed after the commit, so that no signed head
covers an entry that was rolled back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.errors import Tampered
from assigncli.protocol import tree
from assigncli.protocol.head import Head, head_text
from assigncli.protocol.reply import Reply
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed import Logged
from assigncli.server.heads import node_in, places
from assigncli.server.host import ServiceKey
from assigncli.server.record import entry_of
from assigncli.server.service import Service
from assigncli.server.store import audit_log
from assigncli.server.store.tables import AuditEntry

Nodes = Mapping[tuple[int, int], bytes]
Place = tuple[int, bytes, bytes]
"""An entry's sequence, body and signature."""


@dataclass(frozen=True)
class Proven:
    """Entries of a log with their proofs, and the log's head, not signed yet."""

    entries: tuple[Logged, ...]
    consistency: tuple[bytes, ...]
    head: Seen


def stored(rows: Iterable[AuditEntry]) -> list[Place]:
    """Return entries as they are kept: sequence, body and signature."""
    return [(row.sequence, entry_of(row).encode(), row.signature) for row in rows]


def prove(
    tx: Transaction, organization_id: UUID, size: int, nodes: Nodes, seen: Seen, of: Sequence[Place]
) -> Proven:
    """Prove that these entries are in the log of this size, and that `seen` is its beginning.

    `nodes` are those read already; any others are read in one query. Raises Tampered
    `tree_differs`.
    """
    with suppress(Tampered):  # usually all nodes are read already
        return _proven(size, partial(node_in, nodes), seen, of)
    proofs = [partial(tree.inclusion, sequence - 1, size) for sequence, _body, _signature in of]
    growth = partial(tree.consistency, min(seen.size, size), size)
    asked = (*map(places, proofs), places(growth), places(partial(tree.root, size)))
    wanted = set().union(*asked)
    read = audit_log.nodes(tx, organization_id, wanted - nodes.keys())
    return _proven(size, partial(node_in, {**nodes, **read}), seen, of)


def _proven(size: int, node_at: tree.NodeAt, seen: Seen, of: Sequence[Place]) -> Proven:
    return Proven(
        tuple(
            Logged(body, signature, tuple(tree.inclusion(sequence - 1, size, node_at)))
            for sequence, body, signature in of
        ),
        tuple(tree.consistency(min(seen.size, size), size, node_at)),
        Seen(size, tree.root(size, node_at)),
    )


def signed_head(ours: Service, organization_id: UUID, head: Seen) -> Head:
    """Return the head, signed by the service."""
    return head_by(ours, ours.certificate.id, organization_id, head)


def head_by(
    keys: Service | ServiceKey, certificate: UUID, organization_id: UUID, head: Seen
) -> Head:
    """Return the head, signed by the service's keys under the id of a certificate."""
    text = head_text(organization_id, head.size, head.root)
    return Head(head.size, head.root, certificate, keys.identity.sign_head(text))


def reply(
    ours: Service,
    organization_id: UUID,
    statement: bytes,
    proven: Proven,
    *,
    share: bytes | None = None,
    known: bool = False,
    deleted: bool | None = None,
) -> bytes:
    """Return the reply to the statement with this hash; `deleted`: whether its share is gone."""
    head = signed_head(ours, organization_id, proven.head)
    return Reply(
        statement, proven.entries, head, proven.consistency, share, known, deleted
    ).encode()
