"""The end of the log in one write transaction, and the entries and tree nodes appended to it.

No rule is checked here, and no member's key or role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.crypto.identity import Identity
from assigncli.errors import AssignError, StoreUnavailable, Tampered
from assigncli.kept_heads import tree_differs
from assigncli.protocol import tree
from assigncli.protocol.canonical import encode
from assigncli.protocol.entry import Entry
from assigncli.protocol.seen import Seen
from assigncli.server.heads import continued, node_in, places, require_continued
from assigncli.server.store import audit_log, restores

_LOG: Final = "assigncli_log"
_END: Final = "assigncli_log_end"
_SLACK: Final = timedelta(minutes=5)
"""How far the server's clock may be behind the last entry (PROTOCOL.md section 7, step 6)."""


@dataclass
class Log:
    """The end of the log while it grows.

    `base` is the head it grew from, checked against the one the device keeps. `nodes` are those
    read and those that are new.
    """

    organization_id: UUID
    base: Seen
    nodes: dict[tuple[int, int], bytes]
    size: int
    appended: list[tuple[Entry, bytes, bytes]] = field(default_factory=list)
    """The entries appended: each with its body and the service's signature."""
    _carried_out: list[tuple[int, bytes]] = field(default_factory=list)
    _statements: list[dict[str, Any]] = field(default_factory=list)
    _nodes: list[dict[str, Any]] = field(default_factory=list)
    _entries: list[dict[str, Any]] = field(default_factory=list)

    def head(self) -> Seen:
        """Return the head now, after proving that the log has grown as it should.

        Proven is that it continues `base`, and that it includes each appended entry that carries
        out a statement. Raises Tampered `log_forked` or `tree_differs`.
        """
        node_at = partial(node_in, self.nodes)
        new = Seen(self.size, tree.root(self.size, node_at))
        require_continued(self.base, new, self.nodes)
        for index, leaf in self._carried_out:
            proof = tree.inclusion(index, new.size, node_at)
            if not tree.inclusion_holds(
                leaf=leaf, index=index, size=new.size, proof=proof, root=new.root
            ):
                raise tree_differs()
        return new

    def append(self, entry: Entry, actor_id: UUID, service: Identity) -> None:
        """Sign the next entry and add it to the tree; `write` writes it to the store."""
        body, signature = entry.signed_by(service)
        self.appended.append((entry, body, signature))
        leaf = tree.leaf(body)
        if entry.statement is not None:
            self._carried_out.append((self.size, leaf))
        for level, place, found in tree.appended(self.size, leaf, partial(node_in, self.nodes)):
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
                "signature": signature,
            }
        )
        self.size = entry.sequence

    def keep_statement(self, statement: Mapping[str, Any]) -> None:
        """Keep the statement that the next entry carries out, for `write`."""
        self._statements.append({"organization_id": self.organization_id, **statement})

    def write(self, tx: Transaction) -> None:
        """Write what was appended since the last call."""
        tx.info.pop(_END, None)
        audit_log.append(tx, statements=self._statements, nodes=self._nodes, entries=self._entries)
        self._statements, self._nodes, self._entries = [], [], []


def end(tx: Transaction, organization_id: UUID) -> audit_log.Tail:
    """Return where the log ends; read once, until this transaction writes to it."""
    found: audit_log.Tail | None = tx.info.get(_END)
    if found is None:
        found = tx.info[_END] = audit_log.tail(tx, organization_id)
    return found


def begin(tx: Transaction, organization_id: UUID, now: datetime, kept: Seen) -> datetime:
    """Begin appending; return the time of the new entries (aware UTC).

    It is `now`, but never before the last entry. Raises AssignError `clock_behind`, and as
    `heads.continued` if the log does not continue the kept head.
    """
    last = end(tx, organization_id)
    moment = moment_after(last.at, now)
    go_on(tx, organization_id, last, kept)
    return moment


def go_on(
    tx: Transaction,
    organization_id: UUID,
    last: audit_log.Tail,
    kept: Seen,
    *,
    confirms: bool = False,
) -> None:
    """Let this transaction append to the log that ends at `last`.

    Raises as `heads.continued`, and StoreUnavailable `restore_unconfirmed` for a log that was
    restored, unless the transaction `confirms` that.
    """
    base = continued(tx, organization_id, last, kept)
    if not confirms and restores.is_unconfirmed(tx, organization_id):
        raise StoreUnavailable("restore_unconfirmed")
    tx.info[_LOG] = Log(organization_id, base, dict(last.nodes), last.size)


def moment_after(last: datetime | None, now: datetime) -> datetime:
    """Return the time of the next entry: `now`, but never before `last` (aware UTC).

    Raises AssignError `clock_behind` if `now` is more than five minutes before `last`.
    """
    if last is None:
        return now
    if last - now > _SLACK:
        raise clock_behind()
    return max(now, last)


def of(tx: Transaction) -> Log:
    """Return the log of this write transaction."""
    found: Log = tx.info[_LOG]
    return found


def stands(tx: Transaction, organization_id: UUID, sequence: int, body: bytes) -> bool:
    """Return whether the entry with this body is in the tree, at its place.

    An entry of another branch of the log can be signed correctly and yet not have happened here.
    """
    last = end(tx, organization_id)
    index, size = sequence - 1, last.size
    if not 0 <= index < size:
        return False
    asked = places(partial(tree.inclusion, index, size))
    nodes = {**last.nodes, **audit_log.nodes(tx, organization_id, {(0, index), *asked})}
    node_at = partial(node_in, nodes)
    try:
        proof = tree.inclusion(index, size, node_at)
        root, leaf = tree.root(size, node_at), node_at(0, index)
    except Tampered:
        return False
    return leaf == tree.leaf(body) and tree.inclusion_holds(
        leaf=leaf, index=index, size=size, proof=proof, root=root
    )


def clock_behind() -> AssignError:
    """Return the error for a clock that would date an act before the last entry."""
    return AssignError("clock_behind")
