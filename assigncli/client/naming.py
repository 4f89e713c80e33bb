"""How a person names an assignment, and what is said where none is meant by it.

A number, an id, or how an id begins. What was typed is said again only where it is a short number:
anything longer may be personal data in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from uuid import UUID

from assigncli.client.asking import Wanted
from assigncli.domain.access import not_your_assignment
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, InvalidInput, NotFound, RuleRefused
from assigncli.locale import N_, _
from assigncli.protocol.refusal import Refusal

INBOX: Final = N_("Run assign inbox to see your assignments.")
LIST: Final = N_("Run assign list to see the numbers.")
READ: Final = "read.assignment"

_SPOKEN: Final = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
# With a letter in it, or longer than any number, so that a mistyped number is taken for no id.
_PREFIX: Final = re.compile(r"(?=.*[a-f]|.{8})[0-9a-f]{4,32}", re.ASCII)
_ID_DIGITS: Final = 32


def wanted(reference: str) -> Wanted:
    """Return the question for the assignment that `reference` names."""
    text = reference.strip().lower()
    digits = text.replace("-", "")
    number = int(text) if _NUMBER.fullmatch(text) else None
    prefix = digits if _PREFIX.fullmatch(digits) else None
    if prefix is not None and len(prefix) == _ID_DIGITS and UUID(prefix).int:
        return Wanted(READ, UUID(prefix), {"number": None, "prefix": None})
    if number is None and prefix is None:
        raise no_assignment(reference)
    return Wanted(READ, None, {"number": number, "prefix": prefix})


def meaning(
    reference: str, hint: str = INBOX, target: Status | None = None
) -> Callable[[Refusal], AssignError | None]:
    """Return what a refusal of that question means; it returns None where its code says enough.

    `target` is the step that was to be taken, where one was.
    """

    def explained(refusal: Refusal) -> AssignError | None:
        text = reference.strip()
        is_spoken = _SPOKEN.fullmatch(text) is not None
        if refusal.code == "assignment_not_found":
            return no_assignment(reference, hint)
        if refusal.code == "not_your_assignment" and is_spoken:
            return not_your_assignment(int(text))
        if refusal.code == "assignment_archived" and is_spoken:
            return _archived(int(text), hint)
        if refusal.code == Rule.VALID_STATUS_TRANSITION and is_spoken and target is not None:
            return no_step(int(text), target, refusal)
        return _ambiguous() if refusal.code == "assignment_ambiguous" else None

    return explained


def no_step(number: int, target: Status, refusal: Refusal) -> AssignError | None:
    """Return why a step of assignment `number` cannot be taken; None where that is not said."""
    try:
        require_move(Status(refusal.facts["status"]), target, number)
    except RuleRefused as error:
        return error
    except (KeyError, ValueError):
        pass
    return None


def no_assignment(reference: str, hint: str = INBOX) -> NotFound:
    """Return the error for an assignment that the organisation, or this mentor, does not have."""
    text = reference.strip()
    if _SPOKEN.fullmatch(text):
        message = _("There is no assignment {number}.").format(number=text)
    else:
        message = _("There is no such assignment.")
    return NotFound(message, _(hint), code="assignment_not_found")


def _archived(number: int, hint: str) -> NotFound:
    message = _("Assignment {number} is archived, since it ended more than a year ago.")
    next_step = _("Its content is gone. Run assign inbox to see your assignments.")
    if hint == LIST:
        next_step = _(
            "Its content is gone. Run assign audit log --assignment {number} to see the acts."
        )
    return NotFound(
        message.format(number=number), next_step.format(number=number), code="assignment_archived"
    )


def _ambiguous() -> InvalidInput:
    return InvalidInput(
        _("More than one assignment has an id that begins like that."),
        _("Give more of the id, or the assignment's number."),
        code="assignment_ambiguous",
    )
