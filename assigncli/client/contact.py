"""Contact: the mentor has reached the person, or has tried and got no answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from assigncli.client import asking, mentor_step
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.mentor_step import StepTaken, refused_step
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Status


@dataclass(frozen=True)
class Unanswered:
    """An attempt without an answer: which one it is of the assignment, and when (aware UTC)."""

    id: UUID
    number: int
    title: str
    status: Status
    attempt: int
    at: datetime


def contact(client: Client, case: Case) -> StepTaken:
    """Record that contact with the person is established; it stops the reminder."""
    return mentor_step.advance(client, case, Status.CONTACT_MADE)


def no_answer(client: Client, case: Case) -> Unanswered:
    """Record that the person did not answer; possible where contact is, and takes no step."""
    signer = asking.this_device(client, case.verified)
    explain = partial(refused_step, case.number, Status.CONTACT_MADE)
    done = asking.act(client, signer, Intent(Action.CONTACT_UNANSWERED.value, case.id), explain)
    attempt = int(str(done.fact("attempt")))
    return Unanswered(case.id, case.number, case.title, case.status, attempt, done.at)
