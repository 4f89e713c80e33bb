"""Verify a reply: the outcome of one's own statement (PROTOCOL.md section 3.4).

A reply counts if its entries are those that the statement makes, in a log that continues the one
the statement had seen. Until then the statement stays outstanding, and no head is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.protocol.entry import Entry
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.reply import Reply
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.trust.foreseen import is_whole
from assigncli.trust.log_proof import verified_entries, verify_actors, verify_growth, verify_head
from assigncli.trust.people import People, Services, Standing
from assigncli.trust.tampering import (
    answer_malformed,
    entry_invalid,
    entry_missing,
    head_invalid,
    read_or,
    require,
    share_mismatch,
    statement_not_ours,
)

Row = tuple[UUID, bytes]
"""An assignment and the hash of its manifest."""


@dataclass(frozen=True)
class Grounds:
    """What verifies a reply: the certificates and entries of the evidence before it.

    A new key has no evidence; it only knows the key of one service.
    """

    services: Services = field(repr=False)
    entries: Sequence[Entry] = field(default=(), repr=False)


@dataclass(frozen=True)
class Sent:
    """A statement as it was signed and sent, and what its sender knows besides.

    `rows` are those of its batch, in order; None where they are no longer known. `facts` are
    expected in the entry that has the act's own name, such as the digest of a certificate.
    `manifest` is the one in force, needed to verify a share.
    """

    body: bytes
    rows: Sequence[Row] | None = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    manifest: Manifest | None = None


@dataclass(frozen=True)
class Done:
    """A statement that was carried out: its entries, those the service added, and the new head.

    `share` is given only once. `deleted` says whether the share of a payload that has ended is
    deleted, None where the reply does not say. `known` means that the statement had been carried
    out before.
    """

    own: tuple[Entry, ...]
    added: tuple[Entry, ...]
    head: Seen
    share: bytes | None = field(repr=False)
    deleted: bool | None
    known: bool

    @property
    def at(self) -> datetime:
        """The time of the entries, by the server's clock (aware UTC)."""
        return self.own[0].at

    def fact(self, name: str) -> object:
        """Return a fact from the last of the entries that has it."""
        return next(entry.facts[name] for entry in reversed(self.own) if name in entry.facts)


def verify_reply(body: bytes, sent: Sent, grounds: Grounds) -> Done:
    """Return what the reply proves about the statement that was sent, or raise Tampered.

    The certificates in `grounds` are those of the evidence before it, and those that the statement
    itself introduces.
    """
    with read_or(answer_malformed):
        reply = Reply.decode(body)
    require(reply.statement == Statement.digest(sent.body), statement_not_ours)
    statement, services = Statement.decode(sent.body), grounds.services
    _verify_head(reply, statement, services)
    found = verified_entries(reply.entries, reply.head, statement.organization, services)
    own, added = _divided(found, reply.statement)
    if isinstance(services, People):
        _verify_standing(reply, services, [*grounds.entries, *found], found)
    _require_foreseen(statement, sent, own)
    # A first reply's head ends with its entries; the log may have grown since a known statement.
    require(reply.head.size == found[-1].sequence or reply.known, head_invalid)
    _require_share(reply, statement, sent.manifest)
    head = Seen(reply.head.size, reply.head.root)
    return Done(own, added, head, reply.share, reply.deleted, reply.known)


def _verify_standing(
    reply: Reply, people: People, shown: Sequence[Entry], found: Sequence[Entry]
) -> None:
    """Require that services and actors counted at each entry, and the head's service counts now."""
    standing = Standing(people, _in_order(shown))
    verify_actors(found, people, standing)
    standing.require(reply.head.service, reply.head.size + 1)


def _divided(
    found: tuple[Entry, ...], statement: bytes
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return the statement's entries and those that the service added before them; no others."""
    added = tuple(entry for entry in found if entry.statement is None)
    own = found[len(added) :]
    require(found[: len(added)] == added, entry_invalid)
    require(all(entry.statement == statement for entry in own), statement_not_ours)
    first = found[0].sequence
    is_one_run = [entry.sequence for entry in found] == list(range(first, first + len(found)))
    require(is_one_run, entry_missing)
    return own, added


def _in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Return verified entries by sequence, without duplicates."""
    by_sequence = {entry.sequence: entry for entry in entries}
    return [by_sequence[sequence] for sequence in sorted(by_sequence)]


def _require_foreseen(statement: Statement, sent: Sent, own: tuple[Entry, ...]) -> None:
    """Require that the entries are those of the act, with each fact that can be foreseen."""
    require(is_whole(statement, own), entry_invalid)
    if sent.rows is not None:
        pairs = ((each.subject, each.facts.get("manifest")) for each in own)
        named = list(dict.fromkeys(pair for pair in pairs if pair[1] is not None))
        expected = [(assignment, hashed.hex()) for assignment, hashed in sent.rows]
        require(named == expected, entry_invalid)
    for entry in own:
        if entry.act == statement.act:
            require(sent.facts.items() <= entry.facts.items(), entry_invalid)


def _verify_head(reply: Reply, statement: Statement, services: Services) -> None:
    """Require that a service signed the head, and that it continues what the statement had seen."""
    key = services.require_of_head(reply.head.service)
    verify_head(reply.head, statement.organization, key)
    verify_growth(statement.seen, reply.head, reply.consistency)


def _require_share(reply: Reply, statement: Statement, manifest: Manifest | None) -> None:
    """Require a share only in the first reply to an opening, and that it matches the manifest."""
    is_due = statement.act == Action.PAYLOAD_DECRYPTED and not reply.known
    require(is_due == (reply.share is not None), share_mismatch)
    if reply.share is None:
        return
    committed = None if manifest is None else manifest.context.commitment(reply.share)
    require(manifest is not None and committed == manifest.share_commitment, share_mismatch)
