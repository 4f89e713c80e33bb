"""Check that the log continues a head that somebody kept, by the tree's proofs alone.

A store that lost entries, or whose entries were replaced, is found by every device that saw more.
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
    """Check that the log continues the kept head, and keep the new one; raises as `continued`."""
    end = audit_log.tail(tx, organization_id)
    witness.looked(continued(tx, organization_id, end, witness.kept))


def continued(tx: Transaction, organization_id: UUID, end: audit_log.Tail, kept: Seen) -> Seen:
    """Check that the log begins with the kept head, and return its head now.

    The log ends at `end`. Raises Tampered `log_behind` if it is shorter than the kept head,
    `log_forked` if its beginning is another, and `tree_differs` if nodes needed for the proof are
    missing.
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
    """Refuse a head whose log does not begin with the old one; raises Tampered `log_forked`."""
    proof = tree.consistency(old.size, new.size, partial(node_in, nodes))
    if not tree.consistency_holds(
        old=old.size, old_root=old.root, new=new.size, new_root=new.root, proof=proof
    ):
        raise log_forked(old.size)


def places(prove: Callable[[tree.NodeAt], object]) -> set[tuple[int, int]]:
    """Return the nodes that `prove` asks for, so that they can be read in one query."""
    wanted: set[tuple[int, int]] = set()

    def noted(level: int, place: int) -> bytes:
        wanted.add((level, place))
        return tree.EMPTY_ROOT

    prove(noted)
    return wanted


def node_in(nodes: Nodes, level: int, place: int) -> bytes:
    """Return a node; raises Tampered `tree_differs` if it is missing."""
    found = nodes.get((level, place))
    if not isinstance(found, bytes) or len(found) != tree.HASH_SIZE:
        raise tree_differs()
    return found
