"""A mentor's steps as the actions take them: what is asked first, and then done."""

from __future__ import annotations

from assigncli.cli.session.in_process import Session
from assigncli.client import ack, mentor_step
from assigncli.client import complete as completion
from assigncli.client import contact as contacting
from assigncli.client.mentor_step import StepTaken
from assigncli.domain.lifecycle import Status


def acknowledge(session: Session, reference: str) -> StepTaken:
    """Confirm a brief."""
    case = mentor_step.asked(session.client, reference, Status.ACKNOWLEDGED)
    return ack.acknowledge(session.client, case)


def contact(session: Session, reference: str) -> StepTaken:
    """Record that contact is made."""
    return contacting.contact(
        session.client, mentor_step.asked(session.client, reference, Status.CONTACT_MADE)
    )


def complete(session: Session, reference: str, *, in_person: bool | None = None) -> StepTaken:
    """Record that the follow-up is done."""
    case = mentor_step.asked(session.client, reference, Status.COMPLETED)
    return completion.complete(session.client, case, in_person=in_person)
