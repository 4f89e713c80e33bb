"""Whether the log continues a head that somebody kept: nothing is believed but the tree's proofs.

So a store that lost entries, or holds others than it once had, is found by each device that saw
more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.kept_heads import Witness, log_behind, log_forked, tree_differs
from assigncli.protocol import tree
from assigncli.protocol.seen import Seen
from assigncli.server.store import audit_log

Nodes = Mapping[tuple[int, int], bytes]


def look(tx: Transaction, organization_id: UUID, witness: Witness) -> None:
    """Keep the log's head as it stands, once the log continues the kept one.

    Raises as `continued`.
    """
    end = audit_log.tail(tx, organization_id)
    witness.looked(continued(tx, organization_id, end, witness.kept))


def continued(tx: Transaction, organization_id: UUID, end: audit_log.Tail, kept: Seen) -> Seen:
    """Return the head of the log that ends so, once the kept head is its beginning.

    Raises Tampered `log_behind` for one that is shorter, `log_forked` where another log was kept,
    and `tree_differs` where the nodes to tell by are not there.
    """
    if end.size < kept.size:
        raise log_behind(kept.size - end.size)
    head = Seen(end.size, tree.root(end.size, partial(node_in, end.nodes)))
    nodes = dict(end.nodes)
    if 0 < kept.size < end.size:
        asked = places(partial(tree.consistency, kept.size, end.size))
        nodes |= audit_log.nodes(tx, organization_id, asked - nodes.keys())
    require_continued(kept, head, nodes)
    return head


def require_continued(old: Seen, new: Seen, nodes: Nodes) -> None:
    """Refuse a head that is not the old one's log grown; raises Tampered `log_forked`."""
    proof = tree.consistency(old.size, new.size, partial(node_in, nodes))
    if not tree.consistency_holds(
        old=old.size, old_root=old.root, new=new.size, new_root=new.root, proof=proof
    ):
        raise log_forked(old.size)


def places(prove: Callable[[tree.NodeAt], object]) -> set[tuple[int, int]]:
    """Return which nodes `prove` asks for, so that they are read in one query."""
    wanted: set[tuple[int, int]] = set()

    def noted(level: int, place: int) -> bytes:
        wanted.add((level, place))
        return tree.EMPTY_ROOT

    prove(noted)
    return wanted


def node_in(nodes: Nodes, level: int, place: int) -> bytes:
    """Return a node; raises Tampered `tree_differs` for one that is not there."""
    found = nodes.get((level, place))
    if not isinstance(found, bytes) or len(found) != tree.HASH_SIZE:
        raise tree_differs()
    return found
