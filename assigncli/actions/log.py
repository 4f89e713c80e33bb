"""The log in one write transaction: where it ends, and the next entries with the tree over them.

The server's half: nothing is asked of the acting member's keys here, and no rule is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.crypto.identity import Identity
from assigncli.errors import Tampered
from assigncli.locale import _
from assigncli.protocol import tree
from assigncli.protocol.canonical import encode
from assigncli.protocol.entry import PURPOSE, Entry
from assigncli.store import audit

_LOG: Final = "assigncli_log"
_END: Final = "assigncli_log_end"


@dataclass
class Log:
    """The end of the log, as it grows; `nodes` are those that were read and those that are new."""

    organization_id: UUID
    size: int
    at: datetime | None
    nodes: dict[tuple[int, int], bytes]
    _statements: list[dict[str, Any]] = field(default_factory=list)
    _nodes: list[dict[str, Any]] = field(default_factory=list)
    _entries: list[dict[str, Any]] = field(default_factory=list)

    def root(self) -> bytes:
        """Return the root of all entries; raises Tampered `tree_differs`."""
        return tree.root(self.size, self.node_at)

    def node_at(self, level: int, place: int) -> bytes:
        """Return a node; raises Tampered `tree_differs` for one that the store does not hold."""
        found = self.nodes.get((level, place))
        if not isinstance(found, bytes) or len(found) != tree.HASH_SIZE:
            raise tree_differs()
        return found

    def append(self, entry: Entry, actor_id: UUID, service: Identity) -> None:
        """Sign the next entry and put it into the tree; `write` keeps it."""
        body = entry.encode()
        for level, place, found in tree.appended(self.size, tree.leaf(body), self.node_at):
            self.nodes[level, place] = found
            self._nodes.append(
                {
                    "organization_id": self.organization_id,
                    "level": level,
                    "place": place,
                    "hash": found,
                }
            )
        self._entries.append(
            {
                "organization_id": entry.organization,
                "sequence": entry.sequence,
                "at": entry.at,
                "actor_id": actor_id,
                "actor_certificate_id": entry.actor,
                "action": entry.act,
                "subject_id": entry.subject,
                "details": encode(entry.facts).decode(),
                "statement_hash": entry.statement,
                "service_certificate_id": entry.service,
                "signature": service.sign(PURPOSE, body),
            }
        )
        self.size, self.at = entry.sequence, entry.at

    def keep_statement(self, statement: Mapping[str, Any]) -> None:
        """Keep the statement that the next entry carries out."""
        self._statements.append({"organization_id": self.organization_id, **statement})

    def write(self, tx: Transaction) -> None:
        """Write what was appended since the last time."""
        audit.append(tx, statements=self._statements, nodes=self._nodes, entries=self._entries)
        self._statements, self._nodes, self._entries = [], [], []


def begin(tx: Transaction, organization_id: UUID, now: datetime) -> datetime:
    """Read where the log ends; return the moment that what is written now has (aware UTC).

    It is `now`, but never before the last entry.
    """
    end = audit.tail(tx, organization_id)
    tx.info[_LOG] = Log(organization_id, end.size, end.at, dict(end.nodes))
    return now if end.at is None else max(now, end.at)


def of(tx: Transaction) -> Log:
    """Return the log of this write transaction."""
    found: Log = tx.info[_LOG]
    return found


def stands(tx: Transaction, organization_id: UUID, sequence: int, body: bytes) -> bool:
    """Say whether the entry with this body is in the tree, at its place.

    An entry of another branch of the log, signed well enough, has not happened here.
    """
    end: audit.Tail = tx.info.setdefault(_END, None) or audit.tail(tx, organization_id)
    tx.info[_END] = end
    index, size = sequence - 1, end.size
    if not 0 <= index < size:
        return False
    asked = _asked(partial(tree.inclusion, index, size))
    nodes = {**end.nodes, **audit.nodes(tx, organization_id, [(0, index), *asked])}
    found = Log(organization_id, size, end.at, nodes)
    try:
        proof = tree.inclusion(index, size, found.node_at)
        root, leaf = found.root(), found.node_at(0, index)
    except Tampered:
        return False
    return leaf == tree.leaf(body) and tree.inclusion_holds(
        leaf=leaf, index=index, size=size, proof=proof, root=root
    )


def _asked(prove: Callable[[tree.NodeAt], object]) -> list[tuple[int, int]]:
    """Return which nodes `prove` will ask for, so that they are read in one query."""
    wanted: list[tuple[int, int]] = []

    def noted(level: int, place: int) -> bytes:
        wanted.append((level, place))
        return tree.EMPTY_ROOT

    prove(noted)
    return wanted


def tree_differs() -> Tampered:
    """Return the error for a tree that is not over the entries, or not whole."""
    return Tampered(
        _("The tree over the audit log is not as it was written."),
        _("Run assign audit verify to see where, and tell your administrator."),
        code="tree_differs",
    )
