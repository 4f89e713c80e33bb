"""Refuse a step that the lifecycle does not have, in a sentence of its own for each act and status.

Which steps there are is `lifecycle`'s table. Here is what is said of the others: the assignment's
number, why the act cannot be done now, and the whole next command.
"""

from __future__ import annotations

from typing import Final

from assigncli.domain.lifecycle import PATH, TERMINAL, Status, may_move
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused
from assigncli.locale import N_, _

_SO: Final = {
    Status.PENDING: N_("{state}, so it cannot be a draft again."),
    Status.DISPATCHED: N_("{state}, so it cannot be sent."),
    Status.DELIVERED: N_("{state}, so it cannot be delivered."),
    Status.READ: N_("{state}, so it cannot be read."),
    Status.ACKNOWLEDGED: N_("{state}, so it cannot be confirmed."),
    Status.CONTACT_MADE: N_("{state}, so contact cannot be recorded."),
    Status.COMPLETED: N_("{state}, so it cannot be completed."),
    Status.RECALLED: N_("{state}, so it cannot be recalled."),
    Status.CANCELLED: N_("{state}, so it cannot be cancelled."),
    Status.EXPIRED: N_("{state}, so it cannot expire."),
}
"""By the act: what cannot be done, after a clause on where the assignment is."""

_ALREADY: Final = {
    Status.PENDING: N_("Assignment {number} is already a draft."),
    Status.DISPATCHED: N_("Assignment {number} is already sent."),
    Status.DELIVERED: N_("Assignment {number} is already delivered."),
    Status.READ: N_("Assignment {number} is already read."),
    Status.ACKNOWLEDGED: N_("Assignment {number} is already confirmed."),
    Status.CONTACT_MADE: N_("Contact is already recorded for assignment {number}."),
    Status.COMPLETED: N_("Assignment {number} is already completed."),
    Status.RECALLED: N_("Assignment {number} is already recalled."),
    Status.CANCELLED: N_("Assignment {number} is already cancelled."),
    Status.EXPIRED: N_("Assignment {number} has already expired."),
}
"""By the act: what is said where it is done, and the assignment still open or ended by it."""

_STATE: Final = {
    Status.PENDING: N_("Assignment {number} is not sent yet"),
    Status.DISPATCHED: N_("Assignment {number} is not opened yet"),
    Status.DELIVERED: N_("Assignment {number} is not opened yet"),
    Status.READ: N_("Assignment {number} is not confirmed yet"),
    Status.ACKNOWLEDGED: N_("No contact is recorded for assignment {number} yet"),
    Status.CONTACT_MADE: N_("Contact is recorded for assignment {number}"),
    Status.COMPLETED: N_("Assignment {number} is completed"),
    Status.RECALLED: N_("Assignment {number} is recalled"),
    Status.CANCELLED: N_("Assignment {number} is cancelled"),
    Status.EXPIRED: N_("Assignment {number} has expired"),
}
"""By the status: why something else cannot be done. Of an open one it is what comes first."""

_NEXT_COMMAND: Final = {
    Status.DISPATCHED: "assign open {number}",
    Status.DELIVERED: "assign open {number}",
    Status.READ: "assign ack {number}",
    Status.ACKNOWLEDGED: "assign contact {number}",
    Status.CONTACT_MADE: "assign complete {number}",
}
"""The mentor's next step."""


def require_move(current: Status, target: Status, number: int) -> None:
    """Refuse a step of assignment `number` that the lifecycle does not have.

    Raises RuleRefused `recall_only_before_read` for a recall after reading, else
    `valid_status_transition`.
    """
    if may_move(current, target):
        return
    if target is Status.RECALLED and current not in TERMINAL:
        raise RuleRefused(
            Rule.RECALL_ONLY_BEFORE_READ,
            _("The mentor has read assignment {number}, so it cannot be recalled.").format(
                number=number
            ),
            _("Cancel it with assign cancel {number}, and treat the brief as disclosed.").format(
                number=number
            ),
        )
    raise RuleRefused(
        Rule.VALID_STATUS_TRANSITION,
        _why_not(current, target, number),
        _what_next(current, target, number),
    )


def _why_not(current: Status, target: Status, number: int) -> str:
    is_done = current is target or _is_later(current, target)
    if is_done:
        return _(_ALREADY[target]).format(number=number)
    return _(_SO[target]).format(state=_(_STATE[current]).format(number=number))


def _is_later(current: Status, target: Status) -> bool:
    """Say whether an open assignment has taken the step to `target` before."""
    is_open = current in PATH and current not in TERMINAL
    return is_open and target in PATH and PATH.index(current) > PATH.index(target)


def _what_next(current: Status, target: Status, number: int) -> str:
    if current in TERMINAL:
        hint = _("It has ended. Run assign show {number} to see how.")
    elif target in (Status.PENDING, Status.DISPATCHED):
        hint = _("Run assign show {number} to see how far it has come.")
    elif current is Status.PENDING:
        hint = _("Its coordinator sends it with assign dispatch {number}.")
    else:
        command = _NEXT_COMMAND[current].format(number=number)
        return _("The next step is {command}.").format(command=command)
    return hint.format(number=number)


def changed_meanwhile() -> AssignError:
    """Return the refusal of an act on what is no longer as a person was told before their yes."""
    return AssignError(
        _("What you were asked about was changed while you answered. Nothing was done."),
        _("Run the command again to be told how it is now."),
        code="changed_meanwhile",
    )
