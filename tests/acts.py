"""Members' acts in this process, through the client and not the command line, by their verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assigncli.cli.session.in_process import Session
from assigncli.client import (
    ack,
    cancel,
    config,
    create,
    decline,
    dispatch,
    mentor_step,
    open,
    privacy,
    reassign,
    recall,
    reseal,
)
from assigncli.client import complete as completion
from assigncli.client import contact as contacting
from assigncli.client.mentor_step import StepTaken
from assigncli.domain.declining import DeclineReason
from assigncli.domain.lifecycle import Status
from assigncli.domain.payload import Payload
from tests.acting import acting, identity_of
from tests.office import PERSON, Office
from tests.refusals import rows


def _create(session: Session, recipient: str) -> object:
    return create.create(session.client, create.Draft(recipient, "Home visit"), _payload())


def _send(session: Session, recipient: str) -> object:
    return create.create_and_dispatch(
        session.client, create.Draft(recipient, "Home visit"), _payload()
    )


def _payload() -> Payload:
    return Payload.from_fields(PERSON)


def acknowledge(session: Session, reference: str) -> StepTaken:
    """Confirm a brief."""
    case = mentor_step.asked(session.client, reference, Status.ACKNOWLEDGED)
    return ack.acknowledge(session.client, case)


def contact(session: Session, reference: str) -> StepTaken:
    """Record that contact is made."""
    return contacting.contact(
        session.client, mentor_step.asked(session.client, reference, Status.CONTACT_MADE)
    )


def no_answer(session: Session, reference: str) -> object:
    """Record that nobody answered."""
    case = mentor_step.asked(session.client, reference, Status.CONTACT_MADE)
    return contacting.no_answer(session.client, case)


def _decline(session: Session, reference: str) -> object:
    case = decline.asked(session.client, reference)
    return decline.decline(session.client, case, DeclineReason.NO_TIME)


def complete(session: Session, reference: str, *, in_person: bool | None = None) -> StepTaken:
    """Record that the follow-up is done."""
    case = mentor_step.asked(session.client, reference, Status.COMPLETED)
    return completion.complete(session.client, case, in_person=in_person)


def _reseal(session: Session, number: str) -> object:
    """Seal one of the member's open assignments again."""
    theirs = reseal.open_with(session.client, None)
    (found,) = (each for each in theirs if str(each.number) == number)
    return reseal.reseal(session.client, found)


VERBS: dict[str, Callable[[Session, str], object]] = {
    "create": _create,
    "send": _send,
    "dispatch": lambda session, number: dispatch.dispatch(session.client, number),
    "recall": lambda session, number: recall.recall(session.client, number),
    "cancel": lambda session, number: cancel.cancel(session.client, number, "No longer needed."),
    "open": lambda session, number: open.open_brief(session.client, number),
    "ack": acknowledge,
    "contact": contact,
    "no answer": no_answer,
    "decline": _decline,
    "reassign": lambda session, number: reassign.reassign(session.client, number, "ola"),
    "complete": complete,
    "reseal": _reseal,
    "erase": lambda session, reference: privacy.erase(session.client, reference),
    "set": lambda session, value: config.change(session.client, "contact_deadline_days", value),
}


def make(office: Office, profile: str, verb: str, references: Sequence[str]) -> None:
    """Do an act for each reference, one after the other, in this process."""
    identity = identity_of(office, profile)
    with acting(office, profile, identity=identity) as session:
        for reference in references:
            VERBS[verb](session, reference)


def drafts(office: Office, count: int, *, to: str = "kari") -> tuple[str, ...]:
    """Create drafts and return their numbers."""
    return _numbered(office, "create", count, to)


def sent(office: Office, count: int, *, to: str = "kari") -> tuple[str, ...]:
    """Create and dispatch assignments and return their numbers."""
    return _numbered(office, "send", count, to)


def _numbered(office: Office, verb: str, count: int, to: str) -> tuple[str, ...]:
    (before,) = rows(office, "SELECT coalesce(max(number), 0) FROM assignments")[0]
    make(office, "anne", verb, [to] * count)
    return tuple(str(before + step) for step in range(1, count + 1))
