"""What a reply proves about the statement that was sent (PROTOCOL.md section 3.4).

It counts once its entries are all those of the statement, signed by the service and in a log that
continues the one that the statement had seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from assigncli.crypto.statement import signature_holds
from assigncli.protocol.entry import PURPOSE, Entry
from assigncli.protocol.reply import Reply
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed import Logged
from assigncli.protocol.statement import Statement, statement_hash
from assigncli.protocol.tree import inclusion_holds, leaf
from assigncli.trust.foreseen import is_whole
from assigncli.trust.log import verify_growth, verify_head
from assigncli.trust.tampering import (
    answer_malformed,
    entry_invalid,
    entry_missing,
    entry_not_in_log,
    head_invalid,
    read_or,
    require,
    share_mismatch,
    statement_not_ours,
)

OPENING: Final = "payload_decrypted"


@dataclass(frozen=True)
class Done:
    """A statement that was carried out: its entries, those the service added, and the new head.

    `share` is given once; `deleted` says whether the share of a payload that has ended is gone.
    """

    own: tuple[Entry, ...]
    added: tuple[Entry, ...]
    head: Seen
    share: bytes | None = field(repr=False)
    deleted: bool | None
    known: bool

    @property
    def at(self) -> datetime:
        """The moment of the entries, by the server's clock (aware UTC)."""
        return self.own[0].at

    def fact(self, name: str) -> object:
        """Return a fact that one of the entries gives."""
        return next(entry.facts[name] for entry in reversed(self.own) if name in entry.facts)


def verified(body: bytes, sent: bytes, service_key: bytes) -> Done:
    """Return what the reply proves of the statement that was sent; raises Tampered."""
    with read_or(answer_malformed):
        reply = Reply.decode(body)
    require(reply.statement == statement_hash(sent), statement_not_ours)
    statement = Statement.decode(sent)
    verify_head(reply.head, statement.organization, service_key)
    require(reply.head.service == statement.service, head_invalid)
    verify_growth(statement.seen, reply.head, reply.consistency)
    entries = tuple(_entry(each, reply, statement, service_key) for each in reply.entries)
    _require_in_a_row(entries)
    own = tuple(entry for entry in entries if entry.statement == reply.statement)
    require(is_whole(statement, own) and entries[-1:] == own[-1:], entry_invalid)
    require(reply.known or reply.head.size == own[-1].sequence, head_invalid)
    is_due = statement.act == OPENING and not reply.known
    require((reply.share is not None) == is_due, share_mismatch)
    return Done(
        own=own,
        added=tuple(entry for entry in entries if entry.statement is None),
        head=Seen(reply.head.size, reply.head.root),
        share=reply.share,
        deleted=reply.deleted,
        known=reply.known,
    )


def _entry(logged: Logged, reply: Reply, statement: Statement, service_key: bytes) -> Entry:
    """Return one entry, once the service signed it and it is in the tree."""
    with read_or(entry_invalid):
        entry = Entry.decode(logged.body)
    said = (entry.organization, entry.service)
    require(said == (statement.organization, statement.service), entry_invalid)
    require(entry.statement in (None, reply.statement), entry_invalid)
    holds = signature_holds(service_key, PURPOSE, logged.body, logged.signature)
    require(holds, entry_invalid)
    is_there = inclusion_holds(
        leaf=leaf(logged.body),
        index=entry.sequence - 1,
        size=reply.head.size,
        proof=logged.proof,
        root=reply.head.root,
    )
    require(is_there, entry_not_in_log)
    return entry


def _require_in_a_row(entries: Sequence[Entry]) -> None:
    first = entries[0].sequence
    in_a_row = [entry.sequence for entry in entries] == list(range(first, first + len(entries)))
    require(in_a_row, entry_missing)
