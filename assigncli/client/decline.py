"""Decline: the mentor says that they cannot take an assignment, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from assigncli.client import asking, references
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.refusals import of_one
from assigncli.domain.access import not_your_assignment, require_not_expired
from assigncli.domain.actions import Action
from assigncli.domain.declining import DeclineReason, require_declinable
from assigncli.domain.lifecycle import Status
from assigncli.errors import AssignError
from assigncli.protocol.refusal import Refusal


@dataclass(frozen=True)
class DeclinedAssignment:
    """An assignment that its mentor has declined; `declined_at` is aware UTC.

    `disclosed` is whether they had read the brief. `told` is whether the server queues a message
    to the coordinator. `decline_reason` is None where the server does not show it.
    """

    id: UUID
    number: int
    title: str
    status: Status
    declined_at: datetime
    decline_reason: DeclineReason | None
    disclosed: bool
    coordinator: str
    told: bool


def asked(client: Client, reference: str) -> Case:
    """Return the acting mentor's assignment, declined before or to be declined; needs no key.

    Raises RuleRefused `valid_status_transition` or `expired_payload_inaccessible`, NotAllowed
    `not_your_assignment`, Tampered for what does not verify, and as `asking.case`.
    """
    meaning = references.meaning(reference, target=Status.READ)
    case = asking.case(client, reference, meaning=meaning)
    if case.recipient != client.member_id:
        raise not_your_assignment(case.number)
    require_not_expired(case.number, case.status, case.manifest.expires_at, client.now)
    require_declinable(case.status, case.number)
    return case


def decline(client: Client, case: Case, reason: DeclineReason) -> DeclinedAssignment:
    """Decline the assignment; one that was declined on another device meanwhile stays as it is.

    Raises as `asked` where that has changed meanwhile.
    """
    signer = asking.this_device(client, case.verified)
    intent = Intent(Action.ASSIGNMENT_DECLINED.value, case.id, {"reason": reason.value})
    try:
        at = asking.act(client, signer, intent, partial(_refused, case.number)).at
    except AssignError as refused:
        again = asked(client, str(case.id)) if refused.code == "assignment_declined" else case
        if again.declined is None:
            raise
        return declined(again)
    return _declined(case, at, reason)


def declined(case: Case) -> DeclinedAssignment:
    """Return an assignment that was declined before."""
    found = case.declined
    if found is None:
        raise AssertionError("It was not declined.")
    return _declined(case, found.at, found.reason)


def _declined(case: Case, at: datetime, reason: DeclineReason | None) -> DeclinedAssignment:
    return DeclinedAssignment(
        id=case.id,
        number=case.number,
        title=case.title,
        status=case.status,
        declined_at=at,
        decline_reason=reason,
        disclosed=case.at(Status.READ) is not None,
        coordinator=case.display_name(case.dispatcher),
        told=case.has_channel(case.dispatcher),
    )


def _refused(number: int, refusal: Refusal) -> AssignError | None:
    """Return what the server's refusal means; None where only its code is known."""
    try:
        require_declinable(Status(refusal.facts["status"]), number)
    except AssignError as error:
        return error
    except (KeyError, ValueError):
        pass
    return of_one(number, refusal)
