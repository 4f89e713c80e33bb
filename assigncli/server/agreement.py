"""Check that the rows to be shown agree with the log's entries about them.

The service's signature is checked on every entry about a row, and the last entry's place in the
log's tree; the columns that the entries make are compared. `audit verify` checks the rest: whether
entries are missing, and who was allowed to act.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import ABOUT_ASSIGNMENT, NAMING, STEP_ACTION, Action
from assigncli.domain.tiers import LedgerKind
from assigncli.errors import Tampered
from assigncli.protocol.certificate import SERVICE_ROLES
from assigncli.protocol.entry import Entry
from assigncli.protocol.manifest import TEXTS, Manifest
from assigncli.protocol.texts import Text
from assigncli.server import certification, log_end, names
from assigncli.server.certified import chained
from assigncli.server.happened import happening_in
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import contact_attempts as attempted
from assigncli.server.projection import notifications
from assigncli.server.projection import steps as logged
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.sealed import SealedColumns
from assigncli.server.record import entry_of, told_by
from assigncli.server.store import audit_log, ledger, members
from assigncli.server.store.tables import (
    Assignment,
    AssignmentStatusLog,
    AssignmentThresholdLog,
    AuditEntry,
)
from assigncli.server.turn import Turn

if TYPE_CHECKING:  # showing assignments must not load the outbox's modules
    from assigncli.server.store.contact_attempts import ContactAttempt
    from assigncli.server.store.scheduled import Notification


def disagreeing(turn: Turn, tx: Transaction, rows: Sequence[Assignment]) -> list[int]:
    """Return the numbers of the assignments that differ from the log, in the order given."""
    ids = [row.id for row in rows]
    about = audit_log.about_all(tx, turn.organization_id, ids, ABOUT_ASSIGNMENT)
    people = {row.recipient_user_id for row in rows} | {row.dispatched_by_user_id for row in rows}
    named = _named(turn, tx, people)
    return [
        row.number
        for row in rows
        if not {row.recipient_user_id, row.dispatched_by_user_id} <= named
        or not _agrees(turn, tx, row, about.get(row.id, ()))
    ]


def timeline_agrees(
    turn: Turn, tx: Transaction, row: Assignment, steps: Sequence[AssignmentStatusLog]
) -> bool:
    """Return whether the status log has exactly the steps that the log has, with equal content."""
    about = audit_log.about_all(tx, turn.organization_id, [row.id], tuple(STEP_ACTION.values()))
    told = about.get(row.id, [])
    return len(told) == len(steps) and all(
        _is_step(tx, entry, step) for entry, step in zip(told, steps, strict=True)
    )


def attempts_agree(
    turn: Turn, tx: Transaction, row: Assignment, attempts: Sequence[ContactAttempt]
) -> bool:
    """Return whether the attempts without an answer are exactly those that the log has."""
    acts = (Action.CONTACT_UNANSWERED,)
    told = audit_log.about_all(tx, turn.organization_id, [row.id], acts).get(row.id, [])
    wanted = [attempted.row(happening_in(each)) for each in told]
    return len(wanted) == len(attempts) and all(
        getattr(attempt, name) == value
        for attempt, values in zip(attempts, wanted, strict=True)
        for name, value in values.items()
    )


def require_owed(turn: Turn, tx: Transaction, row: Notification, assignment: Assignment) -> None:
    """Raise Tampered `notification_unrecorded` unless a signed entry causes this notification.

    The caller has verified that `assignment` is as its dispatcher signed it.
    """
    about = audit_log.about_all(tx, turn.organization_id, [assignment.id], ABOUT_ASSIGNMENT)
    whom = assignment.recipient_user_id, assignment.dispatched_by_user_id
    for entry in about.get(assignment.id, ()):
        owed = notifications.owed(happening_in(entry), *whom)
        caused = [(each["kind"], each["recipient_id"]) for each in owed]
        if (row.kind, row.recipient_id) in caused and _is_signed(turn, tx, entry):
            return
    raise Tampered("notification_unrecorded", number=assignment.number)


def lines_disagreeing(turn: Turn, tx: Transaction, line_ids: Collection[int]) -> set[int]:
    """Return the ids of those ledger lines that differ from the entries that made them.

    A line also differs if its mentor's names are not those of their certificate.
    """
    lines = ledger.lines(tx, line_ids)
    kinds = [Action(f"assignment.{kind}") for kind in LedgerKind]
    subjects = {line.assignment_id for line in lines}
    about = audit_log.about_all(tx, turn.organization_id, subjects, kinds)
    named = _named(turn, tx, {line.member_id for line in lines})
    return {
        line.id or 0
        for line in lines
        if line.member_id not in named
        or not _is_counted(turn, tx, line, about.get(line.assignment_id, ()))
    }


def _is_counted(
    turn: Turn,
    tx: Transaction,
    line: AssignmentThresholdLog,
    entries: Sequence[AuditEntry],
) -> bool:
    try:
        made = next(each for each in entries if each.action == f"assignment.{line.kind}")
        sent = next(each for each in entries if each.action == Action.ASSIGNMENT_DISPATCHED)
        if not (_is_signed(turn, tx, made) and _is_signed(turn, tx, sent)):
            return False
        completed = line.kind is LedgerKind.COMPLETED
        facts, to = happening_in(made).facts, happening_in(sent).id("recipient")
        count = line.completed_count if completed else line.dispatched_count
        return (line.member_id, str(line.reporting_cycle_id), count, line.at) == (
            made.actor_id if completed else to,
            facts.get("cycle"),
            facts.get("count"),
            made.at,
        ) and log_end.stands(tx, line.organization_id, made.sequence, entry_of(made).encode())
    except (StopIteration, Tampered, ValueError, TypeError, AttributeError, LookupError):
        return False


def _is_step(tx: Transaction, entry: AuditEntry, step: AssignmentStatusLog) -> bool:
    try:
        happened = happening_in(entry)
        if step.reason is not None or step.reason_salt is not None:
            reason = Text(step.reason_salt or b"", step.reason or "")
            if told_by(tx, entry).texts.get("reason") != reason.digest():
                return False
            happened = replace(happened, texts={"reason": reason})
        wanted = logged.row(happened) or {}
    except (ValueError, TypeError):
        return False
    return all(getattr(step, name) == value for name, value in wanted.items())


def _named(turn: Turn, tx: Transaction, people: Collection[UUID]) -> set[UUID]:
    """Return those members whose names are as in their newest certificate."""
    found: dict[UUID, bool] = {}
    for member, row in members.with_certificates(tx, people):
        if member.id not in found:
            try:
                found[member.id] = names.are_of(chained(turn, tx, row), member)
            except (Tampered, ValueError, TypeError):
                found[member.id] = False
    return {member_id for member_id, is_so in found.items() if is_so}


def _agrees(turn: Turn, tx: Transaction, row: Assignment, entries: Sequence[AuditEntry]) -> bool:
    try:
        if not entries or not all(_is_signed(turn, tx, each) for each in entries):
            return False
        last = entries[-1]
        stands = log_end.stands(tx, row.organization_id, last.sequence, entry_of(last).encode())
        return stands and all(
            getattr(row, name) == value for name, value in _expected(tx, row, entries).items()
        )
    except (Tampered, ValueError, TypeError, AttributeError, LookupError):
        return False


def _is_signed(turn: Turn, tx: Transaction, row: AuditEntry) -> bool:
    """Return whether the service signed the entry, and the device it names belongs to its actor.

    An entry's body names the device only. The actor's id is a column, for fast reading.
    """
    if row.actor_certificate_id is None:
        return False
    host = certification.verified_by_id(turn, tx, row.service_certificate_id)
    actor = certification.verified_by_id(turn, tx, row.actor_certificate_id)
    return (
        actor.member == row.actor_id
        and host.roles == SERVICE_ROLES
        and Entry.is_signed(entry_of(row).encode(), row.signature, host.keys.signing_key)
    )


def _happened(tx: Transaction, entry: AuditEntry) -> Happening:
    """Return what an entry says happened; of a decline also the reason, which its statement has."""
    happened = happening_in(entry)
    if entry.action != Action.ASSIGNMENT_DECLINED:
        return happened
    return replace(happened, arguments=told_by(tx, entry).arguments)


def _expected(tx: Transaction, row: Assignment, entries: Sequence[AuditEntry]) -> Mapping[str, Any]:
    """Return the values that the columns should have; texts only if their digests are signed.

    Raises ValueError for another manifest than the log names, or for altered texts.
    """
    happened = [_happened(tx, each) for each in entries]
    sealed = _sealed(row)
    named = [each.facts.get("manifest") for each in happened if each.act in NAMING]
    if not named or named[-1] != sealed.hash:
        raise ValueError("manifest")
    if {name: text.digest() for name, text in sealed.texts.items()} != dict(sealed.manifest.texts):
        raise ValueError("texts")
    nothing = dict.fromkeys(Assignment.model_fields.keys() - projected.SEALED)
    return {**nothing, **projected.row(happened, sealed)}


def _sealed(row: Assignment) -> SealedColumns:
    texts = {name: Text(getattr(row, f"{name}_salt"), getattr(row, name) or "") for name in TEXTS}
    body, signature = row.manifest_body, row.manifest_signature
    return SealedColumns(Manifest.decode(body), body, signature, None, texts)
