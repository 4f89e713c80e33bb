"""What became of statements that were sent and got no answer (PROTOCOL.md section 3.5).

A statement is noted before it is sent. It is asked about by the next command, and for good: one
that the server does not know is never carried out after it has said so. A share is never given
again, whatever the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final
from uuid import UUID

from assigncli.client.exchange import Connection, RefusedByServer, SignedStatement, answered
from assigncli.client.outstanding import Note, Outstanding
from assigncli.client.refusals import error_of
from assigncli.errors import (
    AssignError,
    IdentityUnavailable,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutcomeUnknown,
    RuleRefused,
    StoreUnavailable,
)
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codes import CODES, COUNTED
from assigncli.protocol.message import Message, MessageKind
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.trust.replies import Done, Grounds, Sent
from assigncli.trust.tampering import head_inconsistent, require

_UNDONE: Final = (StoreUnavailable, RuleRefused, NotAllowed, NotFound, InvalidInput)
"""What a server in this process raises where it has saved nothing; no verification raises it."""
_UNKNOWN: Final = "statement_unknown"
_NOBODY_KNOWS: Final = "store_outcome_unknown"


class Fate(Enum):
    """What became of a statement. It stays outstanding where that is not known yet."""

    DONE = auto()
    REFUSED = auto()
    NOTHING = auto()
    NOT_KNOWN = auto()
    ELSEWHERE = auto()
    """It is for another organisation or service, or a server that does not know its signer."""
    DAMAGED = auto()


@dataclass(frozen=True)
class Became:
    """What became of one statement, which is None where the file cannot be read.

    `done` is the verified reply and `head` the one to keep after it; `error` is why it was refused,
    or why nobody knows. `number` is the assignment's, where it is about one.
    """

    fate: Fate
    statement: Statement | None = None
    done: Done | None = None
    head: Seen | None = None
    error: AssignError | None = None
    number: int | None = None


@dataclass(frozen=True)
class AskedService:
    """The service that is asked now: whose it is, its certificate, and what verifies it."""

    organization: UUID
    certificate: UUID
    grounds: Grounds


@contextmanager
def noted(outstanding: Outstanding | None, sent: SignedStatement) -> Iterator[None]:
    """Keep a statement from before it is sent until it is known what became of it."""
    note = None
    if outstanding is not None:
        note = outstanding.keep(Statement.digest(sent.body).hex(), sent.body, sent.signature)
    try:
        yield
    except BaseException as problem:
        if note is not None:
            note.remove() if _is_undone(problem) else note.leave()
        raise
    if note is not None:
        note.remove()


def _is_undone(problem: BaseException) -> bool:
    """Say whether the error says that nothing was carried out, nor will be."""
    if isinstance(problem, RefusedByServer):
        return problem.refusal.code != _NOBODY_KNOWS
    return isinstance(problem, _UNDONE) and not isinstance(problem, OutcomeUnknown)


def asked(note: Note, connection: Connection, service: AskedService, kept: Seen) -> Became:
    """Ask what became of one statement, once; `kept` is the head that this device keeps now.

    For an answer that does not verify, and for a service that cannot answer, `error` says why.
    """
    try:
        found = _asked(note, connection, service)
        if found.done is None or found.statement is None:
            return found
        return replace(found, head=_head_after(found.done, found.statement, kept))
    except IdentityUnavailable as problem:  # the service's own key is gone: nobody can be asked
        return Became(Fate.NOT_KNOWN, error=problem)
    except AssignError as problem:
        return Became(Fate.NOT_KNOWN, _statement(note), error=problem)


def end(note: Note, fate: Fate) -> None:
    """Remove the file of what is settled, set aside what cannot be, and leave what is not yet."""
    if fate is Fate.NOT_KNOWN:
        note.leave()
    elif fate in (Fate.ELSEWHERE, Fate.DAMAGED):
        note.set_aside()
    else:
        note.remove()


def _head_after(done: Done, statement: Statement, kept: Seen) -> Seen:
    """Return the head to keep once a reply of earlier is verified; raises Tampered.

    The reply's is proven to continue what the statement had seen. Where a newer one is kept that
    proves nothing but for the same size, and the kept one stays.
    """
    if kept.size <= statement.seen.size:
        return done.head
    require(done.head.size >= kept.size, head_inconsistent)
    require(done.head.size > kept.size or done.head == kept, head_inconsistent)
    return kept


def _asked(note: Note, connection: Connection, service: AskedService) -> Became:
    statement = _statement(note)
    if statement is None or note.body is None or note.signature is None:
        return Became(Fate.DAMAGED)
    if (statement.organization, statement.service) != (service.organization, service.certificate):
        return Became(Fate.ELSEWHERE, statement)
    try:
        message = Message(MessageKind.OUTCOME, (note.body, note.signature)).encode()
    except Malformed:
        return Became(Fate.DAMAGED)
    try:
        sent = Sent(note.body, rows=None)
        return Became(Fate.DONE, statement, answered(connection(message), sent, service.grounds))
    except RefusedByServer as refused:
        return _refused(statement, refused.refusal)


def _statement(note: Note) -> Statement | None:
    if note.body is None or Statement.digest(note.body).hex() != note.name:
        return None
    try:
        return Statement.decode(note.body)
    except Malformed:
        return None


def _refused(statement: Statement, refusal: Refusal) -> Became:
    """Return what a refusal says: of the statement, where it is known, or of the question."""
    if refusal.code == _UNKNOWN:
        return Became(Fate.NOTHING, statement)
    error = error_of(refusal)
    if refusal.known:
        return Became(Fate.REFUSED, statement, error=error)
    code = CODES.get(refusal.code)
    if code is not None and code.recorded == COUNTED:
        return Became(Fate.ELSEWHERE, statement, error=error)
    return Became(Fate.NOT_KNOWN, statement, error=error)
