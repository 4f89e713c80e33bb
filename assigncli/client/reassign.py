"""Reassign: send an open assignment to another mentor, with nothing typed again.

The dispatching coordinator's device opens the brief, which is recorded as an access, and seals it
again for the new mentor. The old assignment ends in the same statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assigncli.client import asking, directory
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.create import (
    Draft,
    Order,
    attachments,
    refused_row,
    sealed,
    sealed_to_send,
)
from assigncli.client.dispatch import Dispatched, dispatched, not_shown
from assigncli.client.ending import Ending, as_proven
from assigncli.client.exchange import Intent
from assigncli.client.mentor_step import refused_step
from assigncli.client.office import require_covered
from assigncli.client.open import open_own
from assigncli.client.roll import Roll
from assigncli.client.withdraw import Withdrawn, require_deleted
from assigncli.domain.access import require_not_expired
from assigncli.domain.deadlines import is_midnight, local_day
from assigncli.domain.lifecycle import TERMINAL, Status
from assigncli.domain.moves import changed_meanwhile
from assigncli.domain.naming import LIST
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, InvalidInput, NotAllowed, RuleRefused
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.refusal import Refusal


@dataclass(frozen=True)
class Reassigned:
    """The assignment that was sent in place of another, and the one that ended."""

    sent: Dispatched
    ended: Withdrawn


def to_reassign(client: Client, reference: str, handle: str) -> tuple[Ending, str]:
    """Return what `reassign` would end, and the new mentor's name; raises as it does, needs no key.

    Who may be sent an assignment is checked too, so that nothing is asked for in vain.
    """
    case = _own_and_open(client, reference)
    sender, (recipient,) = Roll().call(client, [handle])
    require_covered(sender.shown, local_day(client.now, client.zone))
    _require_another(case, recipient.handle)
    return as_proven(case), recipient.display_name


def reassign(client: Client, reference: str, handle: str, told: Ending | None = None) -> Reassigned:
    """Send the assignment to the mentor with this handle, and end the old one.

    `told` is what a person agreed to; if that has changed, nothing is done. Raises RuleRefused
    `valid_status_transition`, `expired_payload_inaccessible` and each rule of a dispatch,
    NotAllowed `not_your_assignment`, InvalidInput `same_mentor`, AssignError `changed_meanwhile`,
    Tampered for what does not verify, PartlyDone where the old share remains.
    """
    case = _own_and_open(client, reference)
    ending = as_proven(case)
    if told is not None and told != ending:
        raise changed_meanwhile()
    roll = Roll()
    sender, (recipient,) = roll.call(client, [handle])
    require_covered(sender.shown, local_day(client.now, client.zone))
    _require_another(case, recipient.handle)
    payload = open_own(client, reference)
    draft = _again(client, case, recipient.handle)
    sender, (new,) = sealed(client, [Order(draft, payload)], roll)
    said, row = sealed_to_send(client, sender, new)
    target = Status.CANCELLED if ending.disclosed else Status.RECALLED
    intent = Intent(
        "assignment.reassigned",
        case.id,
        {"number": case.number, "new": str(new.id), "read": ending.disclosed},
        attachments=attachments([row], [new]),
        rows=[(new.id, Manifest.digest(row.manifest))],
    )
    done = asking.act(client, sender.device, intent, partial(_refused, case.number, target))
    require_deleted(done.deleted, target, case.number)
    facts = next(entry.facts for entry in done.own if "tier" in entry.facts)
    sent = dispatched(client, done.at, facts, said, new.recipient, draft.title)
    return Reassigned(sent, Withdrawn(ending, target, done.at, client.member_id, None))


def _own_and_open(client: Client, reference: str) -> Case:
    """Return an assignment that the acting coordinator sent, and that has not ended."""
    case = asking.case(client, reference, meaning=not_shown(client, reference), hint=LIST)
    directory.require_coordinator(case.verified, client.member_id)
    if case.status is Status.PENDING:
        raise RuleRefused(Rule.VALID_STATUS_TRANSITION, "reassign_draft", number=case.number)
    if case.dispatcher != client.member_id:
        name = case.display_name(case.dispatcher)
        raise NotAllowed("not_your_assignment", "dispatcher", number=case.number, name=name)
    require_not_expired(case.number, case.status, case.manifest.expires_at, client.now)
    if case.status in TERMINAL:
        raise RuleRefused(Rule.VALID_STATUS_TRANSITION, "reassign_ended", number=case.number)
    return case


def _require_another(case: Case, handle: str) -> None:
    """Refuse the mentor who has it; one who declined it may say that they can take it after all."""
    if case.handle(case.recipient) == handle and case.declined is None:
        raise InvalidInput("same_mentor", name=case.display_name(case.recipient))


def _again(client: Client, case: Case, handle: str) -> Draft:
    """Return the same assignment for another mentor.

    Its days begin again, unless the coordinator had given it a last day: that one stays.
    """
    held = case.manifest
    return Draft(
        recipient=handle,
        title=case.title,
        subject_reference=case.text("subject_reference"),
        priority=case.priority,
        contact_deadline_days=held.contact_deadline_days,
        expires_at=held.expires_at if _has_last_day(client, held) else None,
        consent_required=held.consent_required,
        coordinator_notes=case.text("coordinator_notes"),
        internal_notes=case.text("internal_notes"),
    )


def _has_last_day(client: Client, held: Manifest) -> bool:
    """Say whether it expires at midnight: one without a last day keeps the hour of its dispatch."""
    return held.expires_at is not None and is_midnight(held.expires_at, client.zone)


def _refused(number: int, target: Status, refusal: Refusal) -> AssignError | None:
    """Return what the server's refusal means; its batch has one row."""
    if refusal.facts.get("rows"):
        return refused_row(refusal)
    return refused_step(number, target, refusal)
