"""Check who asks a question, and answer it (PROTOCOL.md sections 3.2, 3.3 and 7).

A refused question is not an attempt: nothing of it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Status, is_staff
from assigncli.domain.rules import Rule
from assigncli.kept_heads import Witness
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.message import Message
from assigncli.protocol.question import (
    LOOKUPS,
    OF_A_NEW_KEY,
    Question,
    check_question,
    is_about_an_assignment,
)
from assigncli.server import (
    admission,
    gathering,
    inbox,
    lookup,
    new_keys,
    notify,
    office_rows,
    replace_service,
    restore,
    service,
    share,
)
from assigncli.server.asked import Answering, AskingMember
from assigncli.server.certified import chained
from assigncli.server.imported_rows import imports
from assigncli.server.member_rows import members as read_members
from assigncli.server.recipients import recipients
from assigncli.server.refused import Expires, Refused
from assigncli.server.request import refused_form
from assigncli.server.service import Service
from assigncli.server.step import is_due_to_expire
from assigncli.server.store import assignments, members
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.tables import Assignment, CertificateRow
from assigncli.server.turn import Turn
from assigncli.trust.tampering import manifest_invalid

_PREFIX: Final = range(4, 33)
"""The lengths that the start of an id may have."""


@dataclass(frozen=True)
class Inquiry:
    """A question of the right form; `signature` is empty if it is not signed."""

    question: Question
    body: bytes
    signature: bytes


@dataclass(frozen=True)
class Answered:
    """The evidence for a question, and who asked."""

    evidence: Evidence
    asker: AskingMember


def question_of(found: Message) -> Inquiry:
    """Return the question in a message; raises Refused if it is none of the protocol."""
    body, signature = found.parts
    with refused_form("statement_malformed"):
        question = Question.decode(body)
        check_question(question, is_signed=bool(signature))
    return Inquiry(question, body, signature)


def answered(
    turn: Turn,
    tx: Transaction,
    asked: Inquiry,
    member: UUID | None,
    *,
    is_settled: bool = False,
) -> Answered:
    """Return the answer to a question; `member` is the one whose connection it came by.

    Raises Refused. Unless `is_settled`, also raises Expires for a sent assignment that is past its
    date, and Delivers for an inbox page with something new.
    """
    if asked.question.organization != turn.organization_id:
        raise _elsewhere(turn, asked)
    named = asked.question.certificate
    askers = [turn.service.member_id, *([] if member is None or named else [member])]
    members.preload(tx, [named] if named else [], askers)
    in_use = service.in_use(turn, tx)
    if asked.question.service != in_use.id:
        raise Refused("service_differs", service=str(in_use.id))
    ours = _answering(turn, tx, asked.question.act)
    asker = _asker(turn, tx, asked, member, ours)
    answering = Answering(turn, tx, ours, asker, asked.question, is_settled)
    return Answered(_reader(asked.question.act)(answering), asker)


def _answering(turn: Turn, tx: Transaction, act: str) -> Service:
    """Return the service that signs the answer: for who certifies its new key, with that key."""
    new = service.waiting(turn, tx) if act == Action.SERVICE_REPLACED else None
    return service.own(turn, tx) if new is None else Service(service.in_use(turn, tx), new)


def _elsewhere(turn: Turn, asked: Inquiry) -> Refused:
    """Return the refusal of a question for another organisation than this one.

    Who holds the root key of this one, on paper, does not know its id and is told.
    """
    if is_signed_by_root(asked, turn.root_public_key):
        return Refused("organization_differs", organization=str(turn.organization_id))
    return Refused("organization_not_found")


def is_signed_by_root(asked: Inquiry, root_key: bytes) -> bool:
    """Return whether a question is one that this root key signed; `root_key` may be empty."""
    if asked.question.certificate is not None or not (asked.signature and root_key):
        return False
    return Question.is_signed(asked.body, asked.signature, root_key)


def with_what_is_shown(turn: Turn, asked: Inquiry, found: Answered) -> Evidence:
    """Return the evidence; for a lookup, with what the asker is shown.

    To be called outside a transaction. Raises Refused for arguments of another type.
    """
    said = asked.question
    if said.act not in LOOKUPS:
        return found.evidence
    asker = found.asker.certificate
    of_asker = Turn(turn.host, turn.now, asker.member, Witness(said.seen), counters=turn.counters)
    with refused_form("statement_malformed"):
        rows = lookup.told(of_asker, said.act, said.arguments, asker.roles)
    return replace(found.evidence, rows=rows)


def _reader(act: str) -> Callable[[Answering], Evidence]:
    """Return the function that answers a question; raises Refused `act_unknown`.

    An act about an assignment needs the same evidence as a read of that assignment.
    """
    read = _assignment if is_about_an_assignment(act) else _READS.get(act)
    if act in LOOKUPS:
        read = _head
    if read is None:
        raise Refused("act_unknown")
    return read


def _asker(
    turn: Turn, tx: Transaction, asked: Inquiry, member: UUID | None, ours: Service
) -> AskingMember:
    """Return the asking member: the signer, or the member whose connection it is.

    A new key is nobody's yet, and is given what the service could be given: nobody's texts.
    """
    if asked.question.act in OF_A_NEW_KEY:
        return AskingMember(ours.certificate, is_signed=False)
    if asked.signature and asked.question.certificate is None:
        admission.require_root(turn, partial(_is_signed, asked), turn.now)
        admission.moment_for(turn, tx, asked.question.at)
        return AskingMember(ours.certificate, is_signed=False, is_root=True)
    if not asked.signature:
        return AskingMember(chained(turn, tx, _newest(turn, tx, member)), is_signed=False)
    certificate, row = admission.signer(
        turn,
        tx,
        asked.question.certificate,
        partial(_is_signed, asked),
    )
    admission.moment_for(turn, tx, asked.question.at)
    admission.require_in_force(turn, tx, row)
    return AskingMember(certificate, is_signed=True)


def _is_signed(asked: Inquiry, key: bytes) -> bool:
    return Question.is_signed(asked.body, asked.signature, key)


def _newest(turn: Turn, tx: Transaction, member: UUID | None) -> CertificateRow:
    """Return a member's newest certificate in force; Refused if it has ended or there is none."""
    rows = [] if member is None else members.preloaded(tx, member)
    if not rows or rows[0].organization_id != turn.organization_id:
        raise Refused("certificate_unknown")
    counting = (row for row in rows if row.revoked_at is None and row.suspended_at is None)
    newest = next(counting, rows[0])
    admission.require_in_force(turn, tx, newest)
    return newest


def _assignment(asked: Answering) -> Evidence:
    """Answer with everything about one assignment, if the asker may see it."""
    archived = _archived(asked)
    if archived is not None:
        return gathering.about_archived(asked, archived)
    try:
        row = _row(asked)
    except (ValueError, TypeError, LookupError):  # a column holds a value of another type
        raise manifest_invalid() from None
    roles, member = asked.asker.certificate.roles, asked.asker.certificate.member
    if not is_staff(roles) and row.recipient_user_id != member:
        raise Refused("not_your_assignment", assignment=str(row.id))
    if not is_staff(roles) and row.status is Status.PENDING:
        raise Refused(Rule.VALID_STATUS_TRANSITION, status=row.status.value)  # it is not sent yet
    is_past = row.status is not Status.PENDING and is_due_to_expire(row, asked.turn)
    if is_past and row.recipient_user_id == member and not asked.is_settled:
        raise Expires(row.id)
    return gathering.about_assignments(asked, [row])


def _archived(asked: Answering) -> ArchivedAssignment | None:
    """Return the archived assignment that staff ask about in order to erase it, or None."""
    said = asked.question
    if said.act != Action.ASSIGNMENT_ERASED or said.about is None:
        return None
    if not is_staff(asked.asker.certificate.roles):
        return None
    return assignments.archived(asked.tx, asked.turn.organization_id, said.about)


def _row(asked: Answering) -> Assignment:
    """Return the assignment that is named: by id, by number, or by the start of its id."""
    tx, organization, said = asked.tx, asked.turn.organization_id, asked.question.arguments
    if asked.question.about is not None:
        row = assignments.by_id(tx, organization, asked.question.about)
        is_archived = row is None and assignments.is_archived(
            tx, organization, asked.question.about
        )
        return _found([] if row is None else [row], is_archived=is_archived)
    if said.get("number") is not None:
        row = assignments.by_number(tx, organization, said["number"])
        if row is not None:
            return row
        if assignments.archived_id(tx, organization, said["number"]) is not None:
            raise Refused("assignment_archived")
    prefix = said.get("prefix") or ""
    rows = assignments.by_prefix(tx, organization, prefix) if len(prefix) in _PREFIX else []
    return _found(rows)


def _found(rows: list[Assignment], *, is_archived: bool = False) -> Assignment:
    if is_archived:
        raise Refused("assignment_archived")
    if len(rows) > 1:
        raise Refused("assignment_ambiguous")
    if not rows:
        raise Refused("assignment_not_found")
    return rows[0]


def _head(asked: Answering) -> Evidence:
    """Answer with the head, the asker's certificates and the service's."""
    return gathering.about_assignments(asked, [])


_READS: Final[Mapping[str, Callable[[Answering], Evidence]]] = {
    "device.joined": new_keys.invited,
    "read.assignment": _assignment,
    "read.channels": notify.answer,
    "read.cycles": office_rows.cycles,
    "read.head": _head,
    "read.imports": imports,
    "read.inbox": inbox.page,
    "read.members": read_members,
    "read.recipients": recipients,
    "read.organization_keys": share.lacking,
    "read.restores": restore.restores,
    "read.settings": office_rows.settings,
    "service.replaced": replace_service.offered,
}
"""The function that answers each read."""
