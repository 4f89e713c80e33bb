"""Complete: the follow-up is done."""

from __future__ import annotations

from assigncli.client import mentor_step
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.mentor_step import StepTaken
from assigncli.domain.lifecycle import Status


def complete(client: Client, case: Case, *, in_person: bool | None = None) -> StepTaken:
    """Record that the follow-up is done; it counts for the honorarium in today's cycle.

    `in_person` is for the yearly report of visits; None where it is not known.
    """
    return mentor_step.advance(client, case, Status.COMPLETED, {"in_person": in_person})
