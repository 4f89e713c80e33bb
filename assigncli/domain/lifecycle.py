"""Statuses, roles, and who may move what where (SPEC section 3).

One step at a time, never backwards; only the terminal statuses are entered by a jump. This module
knows the order, not the moment or the storage.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused
from assigncli.locale import _


class Role(StrEnum):
    """What a member may act as; a member holds a set of them."""

    COORDINATOR = "coordinator"
    PEER_MENTOR = "peer_mentor"
    ORG_ADMIN = "org_admin"
    SERVICE = "service"


class Status(StrEnum):
    """Where an assignment stands."""

    PENDING = "pending"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    CONTACT_MADE = "contact_made"
    COMPLETED = "completed"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Priority(StrEnum):
    """How soon; `urgent` goes through quiet hours."""

    NORMAL = "normal"
    URGENT = "urgent"


class MemberStatus(StrEnum):
    """Where a membership stands."""

    INVITED = "invited"
    REQUESTED = "requested"
    ACTIVE = "active"
    REVOKED = "revoked"


class ProfileStatus(StrEnum):
    """Whether a peer mentor takes assignments."""

    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"


PATH: Final = (
    Status.PENDING,
    Status.DISPATCHED,
    Status.DELIVERED,
    Status.READ,
    Status.ACKNOWLEDGED,
    Status.CONTACT_MADE,
    Status.COMPLETED,
)
"""The one way forward, step by step."""

TERMINAL: Final = frozenset({Status.COMPLETED, Status.RECALLED, Status.CANCELLED, Status.EXPIRED})
OPEN: Final = tuple(status for status in PATH if status not in TERMINAL)
UNREAD: Final = (Status.PENDING, Status.DISPATCHED, Status.DELIVERED)
AWAITING_CONTACT: Final = (Status.DISPATCHED, Status.DELIVERED, Status.READ, Status.ACKNOWLEDGED)
"""Sent, and the mentor has not yet said that contact is made."""

TRANSITIONS: Final[dict[Status, frozenset[Status]]] = {
    Status.PENDING: frozenset(
        {Status.DISPATCHED, Status.RECALLED, Status.CANCELLED, Status.EXPIRED}
    ),
    Status.DISPATCHED: frozenset(
        {Status.DELIVERED, Status.RECALLED, Status.CANCELLED, Status.EXPIRED}
    ),
    Status.DELIVERED: frozenset({Status.READ, Status.RECALLED, Status.CANCELLED, Status.EXPIRED}),
    Status.READ: frozenset({Status.ACKNOWLEDGED, Status.CANCELLED, Status.EXPIRED}),
    Status.ACKNOWLEDGED: frozenset({Status.CONTACT_MADE, Status.CANCELLED, Status.EXPIRED}),
    Status.CONTACT_MADE: frozenset({Status.COMPLETED, Status.CANCELLED, Status.EXPIRED}),
    Status.COMPLETED: frozenset(),
    Status.RECALLED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
"""Every step that `valid_status_transition` allows; the database's trigger is made from it."""

_NEXT_COMMAND: Final = {
    Status.PENDING: "assign dispatch",
    Status.DISPATCHED: "assign open",
    Status.DELIVERED: "assign open",
    Status.READ: "assign ack",
    Status.ACKNOWLEDGED: "assign contact",
    Status.CONTACT_MADE: "assign complete",
}


def may_move(current: Status, target: Status) -> bool:
    """Say whether one step leads from `current` to `target`."""
    return target in TRANSITIONS[current]


def require_move(current: Status, target: Status) -> None:
    """Refuse a step that the lifecycle does not have.

    Raises RuleRefused `recall_only_before_read` for a recall after reading, else
    `valid_status_transition`.
    """
    if may_move(current, target):
        return
    if target is Status.RECALLED and current not in TERMINAL:
        raise RuleRefused(
            Rule.RECALL_ONLY_BEFORE_READ,
            _("The mentor has already read this assignment, so it cannot be recalled."),
            _("Cancel it instead with assign cancel, and treat the brief as disclosed."),
        )
    raise RuleRefused(
        Rule.VALID_STATUS_TRANSITION,
        _("This assignment stands as {current} and cannot be set to {target}.").format(
            current=status_word(current), target=status_word(target)
        ),
        _next_step(current),
    )


def _next_step(current: Status) -> str:
    command = _NEXT_COMMAND.get(current)
    if command is None:
        return _("Nothing more can be done with it; assign show says how it ended.")
    return _("The next step from there is {command}, with its number.").format(command=command)


def status_word(status: Status) -> str:
    """Return the status in words, in the language in use."""
    return {
        Status.PENDING: _("pending"),
        Status.DISPATCHED: _("dispatched"),
        Status.DELIVERED: _("delivered"),
        Status.READ: _("read"),
        Status.ACKNOWLEDGED: _("acknowledged"),
        Status.CONTACT_MADE: _("contact made"),
        Status.COMPLETED: _("completed"),
        Status.RECALLED: _("recalled"),
        Status.CANCELLED: _("cancelled"),
        Status.EXPIRED: _("expired"),
    }[status]
