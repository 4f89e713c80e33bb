"""Record what is refused, in a transaction of its own (PROTOCOL.md section 8.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import log, record, service
from assigncli.actions.heads import node_in
from assigncli.actions.session import Session
from assigncli.domain.audit import Action
from assigncli.errors import AssignError
from assigncli.protocol import tree
from assigncli.protocol.codes import CODES, RECORDED
from assigncli.protocol.head import Head
from assigncli.protocol.seen import Seen
from assigncli.server import answer, attempts
from assigncli.server.attempts import Attempt, TooMany
from assigncli.server.refused import Refused
from assigncli.server.request import Request
from assigncli.store import assignments, audit, members, organizations


@contextmanager
def appending(session: Session) -> Iterator[Transaction]:
    """Write alone, with entries that the service states; `session.now` becomes their moment."""
    with session.store.write() as tx:
        end = audit.tail(tx, session.organization_id)
        session.now = log.moment_after(end.at, session.now)
        log.go_on(tx, session.organization_id, end, session.witness.kept)
        yield tx


def record_refused(session: Session, asked: Request, refused: Refused) -> int | None:
    """Keep a refused statement where its code says so; return the sequence of its entry, if any.

    What cannot be recorded is answered all the same: then None.
    """
    if CODES[refused.code].recorded != RECORDED:
        return None
    try:
        with appending(session) as tx:
            return _kept(session, tx, asked, refused)
    except (AssignError, TooMany):
        return None


def withdraw(session: Session, tx: Transaction, asked: Request) -> None:
    """Remember that a statement is unknown, so that it is not carried out any more.

    Raises Refused `store_busy` where too many of the device are remembered.
    """
    try:
        attempts.withdraw(tx, session.organization_id, asked.hash, asked.statement, session.now)
    except TooMany:
        raise Refused("store_busy") from None


def head_now(session: Session) -> Head:
    """Return the log's head as it stands, signed."""
    with session.store.read() as tx:
        end = audit.tail(tx, session.organization_id)
        root = tree.root(end.size, partial(node_in, end.nodes))
        ours = service.own(session, tx)
    return answer.signed_head(ours, session.organization_id, Seen(end.size, root))


def _kept(session: Session, tx: Transaction, asked: Request, refused: Refused) -> int | None:
    attempt = Attempt(
        asked.statement,
        asked.hash,
        asked.body,
        asked.signature,
        refused.code,
        refused.facts,
        _subject(tx, session.organization_id, asked.statement.about),
    )
    return attempts.record(
        tx, session.organization_id, attempt, session.now, partial(append, session, tx)
    )


def append(
    session: Session, tx: Transaction, act: str, subject: UUID, facts: Mapping[str, Any]
) -> int:
    """Append an entry that the service states, in this transaction; return its sequence."""
    ours = service.own(session, tx).certificate
    return record.record(session, tx, ours, Action(act), subject, **facts).sequence


def _subject(tx: Transaction, organization_id: UUID, about: UUID) -> UUID:
    """Return what an attempt was about, or the organisation, so that guessed ids are alike."""
    known = (
        assignments.by_id(tx, organization_id, about) is not None
        or assignments.is_archived(tx, organization_id, about)
        or members.by_id(tx, organization_id, about) is not None
        or organizations.cycle_by_id(tx, organization_id, about) is not None
    )
    return about if known else organization_id
