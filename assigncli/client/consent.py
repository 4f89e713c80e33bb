"""A mentor's consent: accept, sign and record the steps of the consent text.

The signed record decides; the column in the database is only derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from assigncli.client import asking, references
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.mentor_step import refused_step
from assigncli.domain.access import not_your_assignment, require_not_expired
from assigncli.domain.actions import Action
from assigncli.domain.consent_text import CURRENT, ConsentText, consent_invalid
from assigncli.domain.declining import require_not_declined
from assigncli.domain.lifecycle import TERMINAL, Status
from assigncli.domain.moves import require_move
from assigncli.domain.naming import INBOX, no_assignment
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, InvalidInput
from assigncli.locale import language
from assigncli.protocol.refusal import Refusal


@dataclass(frozen=True)
class ConsentAsked:
    """What a mentor is asked to accept."""

    case: Case
    text: ConsentText

    @property
    def completed_at(self) -> datetime | None:
        """When the consent was given (aware UTC); None where it was not."""
        return self.case.consent_given_at


@dataclass(frozen=True)
class Consented:
    """A recorded consent; `consent_completed_at` is aware UTC."""

    id: UUID
    number: int
    title: str
    text_version: str
    consent_completed_at: datetime


def asked(client: Client, reference: str) -> ConsentAsked:
    """Return what the acting mentor must accept for this assignment.

    Raises RuleRefused `expired_payload_inaccessible`, NotAllowed `not_your_assignment`,
    InvalidInput `consent_not_asked`, Tampered `consent_invalid` and others.
    """
    case = asking.case(client, reference, meaning=_not_here(reference))
    if case.recipient != client.member_id:
        raise not_your_assignment(case.number)
    if case.status is Status.PENDING:
        raise no_assignment(reference, INBOX)
    _require_asked_for(client, case)
    return ConsentAsked(case, CURRENT)


def give(client: Client, reference: str, accepted: Sequence[str]) -> Consented:
    """Record the consent; `accepted` names each step of the current text, in order.

    A consent that is already recorded is returned unchanged. The assignment is asked for again,
    because answering takes time. Raises InvalidInput `consent_incomplete` unless every step was
    accepted, otherwise as `asked`.
    """
    if tuple(accepted) != tuple(each.name for each in CURRENT.steps):
        raise InvalidInput("consent_incomplete")
    case = asked(client, reference).case
    if case.consent_given_at is not None:
        return Consented(case.id, case.number, case.title, CURRENT.version, case.consent_given_at)
    signer = asking.this_device(client, case.verified)
    arguments = {
        "text": CURRENT.version,
        "language": language(),
        "steps": CURRENT.names,
        "text_sha256": CURRENT.digest(language()).hex(),
    }
    intent = Intent(Action.CONSENT_COMPLETED.value, case.id, arguments)
    try:
        at = asking.act(client, signer, intent, partial(refused_step, case.number, Status.READ)).at
    except AssignError as refused:
        if refused.code != "consent_given":
            raise
        at = _given_at(client, case)  # given on another device meanwhile
    return Consented(case.id, case.number, case.title, CURRENT.version, at)


def _given_at(client: Client, case: Case) -> datetime:
    given = asking.case(client, str(case.id)).consent_given_at
    if given is None:
        raise consent_invalid()
    return given


def _not_here(reference: str) -> asking.Explain:
    """Return what a refusal means; a draft is reported as not found, even to its recipient."""
    meaning = references.meaning(reference)

    def explained(refusal: Refusal) -> AssignError | None:
        if refusal.code == Rule.VALID_STATUS_TRANSITION:
            return no_assignment(reference, INBOX)
        return meaning(refusal)

    return explained


def _require_asked_for(client: Client, case: Case) -> None:
    """Refuse an assignment that has ended or that asks for no consent."""
    require_not_expired(case.number, case.status, case.manifest.expires_at, client.now)
    require_not_declined(case.status, case.number, declined=case.declined is not None)
    if case.status in TERMINAL:
        require_move(case.status, Status.READ, case.number)
    if not case.manifest.consent_required:
        raise InvalidInput("consent_not_asked", number=case.number)
