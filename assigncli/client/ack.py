"""Acknowledge: the mentor confirms that they have read the brief."""

from __future__ import annotations

from assigncli.client import mentor_step
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.mentor_step import StepTaken
from assigncli.domain.lifecycle import Status


def acknowledge(client: Client, case: Case) -> StepTaken:
    """Confirm having read the brief, which notifies the coordinator."""
    return mentor_step.advance(client, case, Status.ACKNOWLEDGED)
