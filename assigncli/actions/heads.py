"""The newest head of the log that this device has verified, and whether the log continues it.

The client's half: it believes nothing of the store but what the tree's proofs bear out. So a store
that lost entries, or holds others than it once had, is found by each device that saw more. Where a
head is kept is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.errors import Tampered
from assigncli.kept_heads import KeptHead, KnownService
from assigncli.locale import _, ngettext
from assigncli.protocol import tree
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.store import audit

Nodes = Mapping[tuple[int, int], bytes]


def seen_before(kept: KeptHead | None) -> Seen:
    """Return the head that was kept; that of the empty log where none was."""
    return NOTHING_SEEN if kept is None else Seen(kept.size, kept.root)


class Witness:
    """The head that a device keeps; `NOTHING_SEEN` before its first command.

    `service` is the one that answered it and `certificate` its own, once it knows them. `save`
    keeps all for the next command and says whether it could; `unsaved` is called where it could not
    after an act, which is done all the same.
    """

    def __init__(
        self,
        kept: Seen = NOTHING_SEEN,
        service: KnownService | None = None,
        certificate: UUID | None = None,
        save: Callable[[Witness], bool] = lambda _kept: True,
        unsaved: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin with what was kept."""
        self.kept, self.service, self.certificate = kept, service, certificate
        self._save = save
        self._unsaved = unsaved

    def look(self, tx: Transaction, organization_id: UUID) -> None:
        """Keep the log's head as it stands, once the log continues the kept one.

        Raises Tampered `log_behind`, `log_forked` or `tree_differs`.
        """
        end = audit.tail(tx, organization_id)
        self._keep(continued(tx, organization_id, end, self.kept))

    def acted(self, head: Seen) -> None:
        """Keep the head that an act has led to, once that is committed."""
        if not self._keep(head):
            self._unsaved()

    def answered(self, head: Seen, service: KnownService) -> None:
        """Keep the verified head of an answer, and which service gave it."""
        if (head, service) != (self.kept, self.service):
            self.kept, self.service = head, service
            self._save(self)

    def signs_as(self, certificate: UUID) -> None:
        """Keep which certificate this device has."""
        if certificate != self.certificate:
            self.certificate = certificate
            self._save(self)

    def _keep(self, head: Seen) -> bool:
        if head == self.kept:
            return True
        self.kept = head
        return self._save(self)


def continued(tx: Transaction, organization_id: UUID, end: audit.Tail, kept: Seen) -> Seen:
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
        nodes |= audit.nodes(tx, organization_id, asked - nodes.keys())
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


def log_behind(missing: int) -> Tampered:
    """Return the error for a log that is shorter than this device has seen it."""
    return Tampered(
        ngettext(
            "The audit log lacks the last entry that this machine has seen.",
            "The audit log lacks the last {count} entries that this machine has seen.",
            missing,
        ).format(count=missing),
        _("Tell your administrator: the store is an older copy, or somebody removed entries."),
        code="log_behind",
    )


def log_forked(size: int) -> Tampered:
    """Return the error for a log that is another than this device has seen."""
    return Tampered(
        ngettext(
            "The audit log has another first entry than this machine has seen.",
            "The first {count} entries of the audit log are not those this machine has seen.",
            size,
        ).format(count=size),
        _("Keep a copy of the store as it is, and tell your administrator."),
        code="log_forked",
    )


def tree_differs() -> Tampered:
    """Return the error for a tree that is not over the entries, or not whole."""
    return Tampered(
        _("The tree over the audit log is not as it was written."),
        _("Run assign audit verify to see where, and tell your administrator."),
        code="tree_differs",
    )
