"""Contact: the mentor has reached the person."""

from __future__ import annotations

from assigncli.client import mentor_step
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.mentor_step import StepTaken
from assigncli.domain.lifecycle import Status


def contact(client: Client, case: Case) -> StepTaken:
    """Record that contact with the person is established; it stops the reminder."""
    return mentor_step.advance(client, case, Status.CONTACT_MADE)
