"""What the mentor's steps after reading have in common: `ack`, `contact`, `complete`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from assigncli.client import asking, references
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.refusals import of_one
from assigncli.domain.access import not_your_assignment, require_not_expired
from assigncli.domain.actions import STEP_ACTION
from assigncli.domain.declining import require_not_declined
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.errors import AssignError
from assigncli.protocol.refusal import Refusal

_NOTHING: Final[Mapping[str, bool | None]] = {}
_TELLING: Final = (Status.ACKNOWLEDGED, Status.COMPLETED)


@dataclass(frozen=True)
class StepTaken:
    """The assignment after the step; `at` is when it was taken (aware UTC).

    `told` is the coordinator's name where the server queues a message to one of their channels,
    else None.
    """

    id: UUID
    number: int
    title: str
    status: Status
    at: datetime
    told: str | None = None


def asked(client: Client, reference: str, target: Status) -> Case:
    """Return the acting mentor's assignment, if it may take this step; needs no key.

    Raises RuleRefused `valid_status_transition`, `expired_payload_inaccessible` or
    `assignment_declined`, NotAllowed `not_your_assignment`, Tampered for what does not verify, and
    as `asking.case`.
    """
    meaning = references.meaning(reference, target=target)
    case = asking.case(client, reference, meaning=meaning)
    if case.recipient != client.member_id:
        raise not_your_assignment(case.number)
    require_not_expired(case.number, case.status, case.manifest.expires_at, client.now)
    require_not_declined(case.status, case.number, declined=case.declined is not None)
    require_move(case.status, target, case.number)
    return case


def advance(
    client: Client,
    case: Case,
    target: Status,
    arguments: Mapping[str, bool | None] = _NOTHING,
) -> StepTaken:
    """Have one of the mentor's steps taken.

    Raises RuleRefused `valid_status_transition` or `expired_payload_inaccessible` where that has
    changed meanwhile, Tampered for an answer that does not verify.
    """
    signer = asking.this_device(client, case.verified)
    intent = Intent(STEP_ACTION[target].value, case.id, arguments)
    done = asking.act(client, signer, intent, partial(refused_step, case.number, target))
    told = None
    if target in _TELLING and case.has_channel(case.dispatcher):
        told = case.display_name(case.dispatcher)
    return StepTaken(case.id, case.number, case.title, target, done.at, told)


def refused_step(number: int, target: Status, refusal: Refusal) -> AssignError | None:
    """Return what the server's refusal of a step means; None where only its code is known."""
    return references.no_step(number, target, refusal) or of_one(number, refusal)
