"""Ask for an assignment by the reference that a person typed, and explain a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from assigncli.client.inquiry import Wanted
from assigncli.domain.access import not_your_assignment
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.domain.naming import (
    INBOX,
    LIST,
    ambiguous,
    archived,
    no_assignment,
    number_in,
    prefix_in,
    spoken_in,
)
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused
from assigncli.protocol.refusal import Refusal

READ: Final = "read.assignment"

_ID_DIGITS: Final = 32


def wanted(reference: str, hint: str = INBOX) -> Wanted:
    """Return the question for the assignment that `reference` names; raises NotFound."""
    number, prefix = number_in(reference), prefix_in(reference)
    if prefix is not None and len(prefix) == _ID_DIGITS and UUID(prefix).int:
        return Wanted(READ, UUID(prefix), {"number": None, "prefix": None})
    if number is None and prefix is None:
        raise no_assignment(reference, hint)
    return Wanted(READ, None, {"number": number, "prefix": prefix})


def meaning(
    reference: str, hint: str = INBOX, target: Status | None = None
) -> Callable[[Refusal], AssignError | None]:
    """Return a function that explains a refusal of that question, or returns None.

    `target` is the step that was to be taken, if any.
    """

    def explained(refusal: Refusal) -> AssignError | None:
        if refusal.code == "assignment_not_found":
            return no_assignment(reference, hint)
        if refusal.code == "assignment_ambiguous":
            return ambiguous()
        number = spoken_in(reference)
        return None if number is None else _of_number(number, refusal, hint, target)

    return explained


def _of_number(
    number: int, refusal: Refusal, hint: str, target: Status | None
) -> AssignError | None:
    """Return what a refusal means for an assignment whose number was typed."""
    if refusal.code == "not_your_assignment":
        return not_your_assignment(number)
    if refusal.code == "assignment_archived":
        return archived(number, sees_log=hint == LIST)
    if refusal.code == Rule.VALID_STATUS_TRANSITION and target is not None:
        return no_step(number, target, refusal)
    return None


def no_step(number: int, target: Status, refusal: Refusal) -> AssignError | None:
    """Return why assignment `number` cannot take a step; None where the server does not say."""
    try:
        require_move(Status(refusal.facts["status"]), target, number)
    except RuleRefused as error:
        return error
    except (KeyError, ValueError):
        pass
    return None
