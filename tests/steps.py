"""A mentor's steps as the actions take them: what is asked first, and then done."""

from __future__ import annotations

from assigncli.cli.in_process import Session
from assigncli.client import progress
from assigncli.client.progress import StepTaken
from assigncli.domain.lifecycle import Status


def acknowledge(session: Session, reference: str) -> StepTaken:
    """Confirm a brief."""
    case = progress.asked(session.client, reference, Status.ACKNOWLEDGED)
    return progress.acknowledge(session.client, case)


def contact(session: Session, reference: str) -> StepTaken:
    """Record that contact is made."""
    return progress.contact(
        session.client, progress.asked(session.client, reference, Status.CONTACT_MADE)
    )


def complete(session: Session, reference: str, *, in_person: bool | None = None) -> StepTaken:
    """Record that the follow-up is done."""
    case = progress.asked(session.client, reference, Status.COMPLETED)
    return progress.complete(session.client, case, in_person=in_person)
