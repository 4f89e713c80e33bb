"""Refuse a step that the lifecycle does not have, with both statuses and the assignment's number.

The allowed steps are the table in `lifecycle`; the wording of the refusals is in `words.steps`.
"""

from __future__ import annotations

from assigncli.domain.lifecycle import PATH, TERMINAL, Status, may_move
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused


def require_move(current: Status, target: Status, number: int) -> None:
    """Refuse a step of assignment `number` that the lifecycle does not have.

    Raises RuleRefused `recall_only_before_read` for a recall after reading, else
    `valid_status_transition`.
    """
    if may_move(current, target):
        return
    if target is Status.RECALLED and current not in TERMINAL:
        raise RuleRefused(Rule.RECALL_ONLY_BEFORE_READ, number=number)
    is_done = current is target or _is_later(current, target)
    raise RuleRefused(
        Rule.VALID_STATUS_TRANSITION,
        "done" if is_done else "step",
        current=current,
        target=target,
        number=number,
    )


def _is_later(current: Status, target: Status) -> bool:
    """Say whether an open assignment has taken the step to `target` before."""
    is_open = current in PATH and current not in TERMINAL
    return is_open and target in PATH and PATH.index(current) > PATH.index(target)


def changed_meanwhile() -> AssignError:
    """Return the refusal of an act whose facts changed after the person confirmed it."""
    return AssignError("changed_meanwhile")
