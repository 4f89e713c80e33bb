"""Declining: a mentor says that they cannot take an assignment (SPEC section 3).

A mark beside the status, set once and never taken back. The assignment stays open until it is
recalled, cancelled, reassigned or expired, but is no longer the mentor's to carry out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from assigncli.domain.lifecycle import AWAITING_CONTACT, TERMINAL, Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused

DECLINABLE: Final = AWAITING_CONTACT
"""The statuses in which a mentor may decline: sent, and no contact recorded."""


class DeclineReason(StrEnum):
    """Why a mentor declines; the values are part of the signed bytes."""

    NO_TIME = "no_time"
    KNOWS_THE_PERSON = "knows_the_person"
    TOO_FAR = "too_far"
    ILL = "ill"
    NOT_SUITED = "not_suited"
    OTHER = "other"


def require_declinable(status: Status, number: int) -> None:
    """Refuse to decline what is not sent, has contact or has ended: `valid_status_transition`."""
    if status in DECLINABLE:
        return
    if status is Status.CONTACT_MADE:
        raise RuleRefused(Rule.VALID_STATUS_TRANSITION, "decline_contact", number=number)
    if status is Status.PENDING:
        require_move(status, Status.READ, number)
    raise RuleRefused(Rule.VALID_STATUS_TRANSITION, "decline_ended", number=number)


def require_not_declined(status: Status, number: int, *, declined: bool) -> None:
    """Refuse an act of a mentor who has declined it; what has ended is refused for that."""
    if declined and status not in TERMINAL:
        raise assignment_declined(number)


def assignment_declined(number: int) -> RuleRefused:
    """Return the refusal of an act by the mentor who declined the assignment."""
    return RuleRefused("assignment_declined", number=number)
