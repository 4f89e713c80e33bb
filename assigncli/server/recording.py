"""Record refusals and withdrawals, outside the refused transaction (PROTOCOL.md section 8.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.errors import AssignError
from assigncli.protocol import tree
from assigncli.protocol.codes import CODES, RECORDED
from assigncli.protocol.head import Head
from assigncli.protocol.seen import Seen
from assigncli.server import answer, attempt_log, log_end, record, service
from assigncli.server.attempt_log import Attempt, TooMany
from assigncli.server.heads import node_in
from assigncli.server.refused import Refused
from assigncli.server.request import Request
from assigncli.server.store import assignments, audit_log, members, organizations, restores
from assigncli.server.turn import Turn


@contextmanager
def appending(turn: Turn) -> Iterator[Transaction]:
    """Open a write transaction for entries of the service; `turn.now` becomes their time.

    Raises Refused `restore_unconfirmed` or `service_uncertified`.
    """
    with turn.store.write() as tx:
        if restores.is_unconfirmed(tx, turn.organization_id):
            raise Refused("restore_unconfirmed")
        end = audit_log.tail(tx, turn.organization_id)
        turn.now = log_end.moment_after(end.at, turn.now)
        log_end.go_on(tx, turn.organization_id, end, turn.witness.kept)
        if service.waiting(turn, tx) is not None:
            raise Refused("service_uncertified")
        yield tx


def record_refused(turn: Turn, asked: Request, refused: Refused) -> int | None:
    """Record a refused statement if its code asks for it; return the sequence of its entry.

    None if it has no entry. A refusal that cannot be recorded is answered all the same.
    """
    if CODES[refused.code].recorded != RECORDED:
        return None
    try:
        with appending(turn) as tx:
            return _kept(turn, tx, asked, refused)
    except (AssignError, TooMany, Refused):
        return None


def withdraw(turn: Turn, tx: Transaction, asked: Request) -> None:
    """Remember an unknown statement, so that it is not carried out later.

    Raises Refused `store_busy` if too many of the device's are remembered.
    """
    try:
        attempt_log.withdraw(tx, turn.organization_id, asked.hash, asked.statement, turn.now)
    except TooMany:
        raise Refused("store_busy") from None


def head_now(turn: Turn) -> Head:
    """Return the log's head now, signed."""
    with turn.store.read() as tx:
        end = audit_log.tail(tx, turn.organization_id)
        root = tree.root(end.size, partial(node_in, end.nodes))
        ours = service.own(turn, tx)
    return answer.signed_head(ours, turn.organization_id, Seen(end.size, root))


def _kept(turn: Turn, tx: Transaction, asked: Request, refused: Refused) -> int | None:
    attempt = Attempt(
        asked.statement,
        asked.hash,
        asked.body,
        asked.signature,
        refused.code,
        refused.facts,
        _subject(tx, turn.organization_id, asked.statement.about),
    )
    return attempt_log.record(
        tx, turn.organization_id, attempt, turn.now, partial(append, turn, tx)
    )


def append(turn: Turn, tx: Transaction, act: str, subject: UUID, facts: Mapping[str, Any]) -> int:
    """Append an entry that the service states, in this transaction; return its sequence."""
    ours = service.own(turn, tx).certificate
    return record.record(turn, tx, ours, Action(act), subject, **facts).sequence


def _subject(tx: Transaction, organization_id: UUID, about: UUID) -> UUID:
    """Return the subject of an attempt's entry; the organisation for an id that names nothing.

    This makes attempts with guessed ids equal, so that they are counted together.
    """
    known = (
        assignments.by_id(tx, organization_id, about) is not None
        or assignments.is_archived(tx, organization_id, about)
        or members.by_id(tx, organization_id, about) is not None
        or organizations.cycle_by_id(tx, organization_id, about) is not None
    )
    return about if known else organization_id
