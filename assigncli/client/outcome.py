"""Find out what happened to statements that got no answer (PROTOCOL.md section 3.5).

A statement is noted before it is sent, and the next command asks about it. The answer is final:
once the server has said that it does not know a statement, it never carries it out. A share is
never released a second time, whatever the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
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
"""Errors with which a server in this process has saved nothing; no verification raises them."""
_UNKNOWN: Final = "statement_unknown"
_NOBODY_KNOWS: Final = ("store_outcome_unknown", "server_fault")


class Fate(Enum):
    """What happened to a statement; with NOT_KNOWN it stays outstanding."""

    DONE = auto()
    REFUSED = auto()
    NOTHING = auto()
    NOT_KNOWN = auto()
    ELSEWHERE = auto()
    """For another organisation or service, or for a server that does not know its signer."""
    DAMAGED = auto()


@dataclass(frozen=True)
class Became:
    """What happened to one statement; `statement` is None where the file cannot be read.

    `done` is the verified reply and `head` the one to keep after it. `error` is the reason for a
    refusal, or for not knowing. `number` is that of the assignment, if the statement is about one.
    """

    fate: Fate
    statement: Statement | None = None
    done: Done | None = None
    head: Seen | None = None
    error: AssignError | None = None
    number: int | None = None


@dataclass(frozen=True)
class AskedService:
    """The service that is asked now: its organisation, and what verifies its answers.

    `certificates` are those that a statement to it may name: the one in force, and earlier ones.
    """

    organization: UUID
    certificates: Collection[UUID]
    grounds: Grounds


@contextmanager
def noted(outstanding: Outstanding | None, sent: SignedStatement) -> Iterator[None]:
    """Keep a statement from before it is sent until its outcome is known."""
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
    """Say whether the error means that nothing was or will be carried out."""
    if isinstance(problem, RefusedByServer):
        return problem.refusal.code not in _NOBODY_KNOWS
    return isinstance(problem, _UNDONE) and not isinstance(problem, OutcomeUnknown)


def asked(note: Note, connection: Connection, service: AskedService, kept: Seen) -> Became:
    """Ask once what happened to one statement; `kept` is the head that this device keeps now.

    Where the answer does not verify, or the service cannot answer, `error` says why.
    """
    try:
        found = _asked(note, connection, service)
        if found.done is None or found.statement is None:
            return found
        return replace(found, head=_head_after(found.done, found.statement, kept))
    except IdentityUnavailable as problem:  # its own key is gone: nobody can be asked
        return Became(Fate.NOT_KNOWN, error=problem)
    except AssignError as problem:
        return Became(Fate.NOT_KNOWN, _statement(note), error=problem)


def end(note: Note, fate: Fate) -> None:
    """Remove a settled statement's file, set aside a hopeless one, or leave it for later."""
    if fate is Fate.NOT_KNOWN:
        note.leave()
    elif fate in (Fate.ELSEWHERE, Fate.DAMAGED):
        note.set_aside()
    else:
        note.remove()


def _head_after(done: Done, statement: Statement, kept: Seen) -> Seen:
    """Return the head to keep once an earlier reply is verified; raises Tampered.

    The reply's head is proven to continue the head that the statement had seen. Nothing proves how
    it relates to a newer head that this device keeps by now. So it may only be larger than that, or
    equal to it, and the kept head stays.
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
    is_to_it = statement.service in service.certificates
    if statement.organization != service.organization or not is_to_it:
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
    """Return what a refusal says about a statement that the server knows, or about the question."""
    if refusal.code == _UNKNOWN:
        return Became(Fate.NOTHING, statement)
    error = error_of(refusal)
    if refusal.known:
        return Became(Fate.REFUSED, statement, error=error)
    code = CODES.get(refusal.code)
    if code is not None and code.recorded == COUNTED:
        return Became(Fate.ELSEWHERE, statement, error=error)
    return Became(Fate.NOT_KNOWN, statement, error=error)
