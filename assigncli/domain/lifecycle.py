"""Statuses and roles, and which step may follow which (SPEC section 3).

Steps go forward one at a time; only terminal statuses are entered by a jump. This module knows the
order only, not when a step is taken or how it is stored.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from assigncli.locale import _


class Role(StrEnum):
    """What a member may act as; a member has a set of them."""

    COORDINATOR = "coordinator"
    PEER_MENTOR = "peer_mentor"
    ORG_ADMIN = "org_admin"
    SERVICE = "service"


STAFF: Final = (Role.COORDINATOR, Role.ORG_ADMIN)
"""The roles of the office, who see every member and assignment."""
FOUNDER: Final = frozenset(role.value for role in STAFF)
"""The roles of the first member."""


def is_staff(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles belongs to the office."""
    return any(role in roles for role in STAFF)


class Status(StrEnum):
    """The status of an assignment."""

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


BY_MENTOR: Final = frozenset(
    {Status.READ, Status.ACKNOWLEDGED, Status.CONTACT_MADE, Status.COMPLETED}
)
"""The steps that the assignment's own mentor takes."""

STEP_MOMENTS: Final = {
    Status.DISPATCHED: "dispatched_at",
    Status.DELIVERED: "delivered_at",
    Status.READ: "first_read_at",
    Status.ACKNOWLEDGED: "acknowledged_at",
    Status.CONTACT_MADE: "contact_made_at",
    Status.COMPLETED: "completed_at",
    Status.RECALLED: "recalled_at",
    Status.CANCELLED: "cancelled_at",
}
"""The column that is written with the step into each status, and never again."""


class Priority(StrEnum):
    """How soon; `urgent` is not held back by quiet hours."""

    NORMAL = "normal"
    URGENT = "urgent"


class MemberStatus(StrEnum):
    """The status of a membership."""

    INVITED = "invited"
    REQUESTED = "requested"
    ACTIVE = "active"
    REVOKED = "revoked"


NOT_YET_MEMBER: Final = (MemberStatus.INVITED, MemberStatus.REQUESTED)


class ProfileStatus(StrEnum):
    """Whether a peer mentor takes assignments."""

    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"


class CycleStatus(StrEnum):
    """Whether a reporting cycle still takes dispatches."""

    OPEN = "open"
    CLOSED = "closed"


PATH: Final = (
    Status.PENDING,
    Status.DISPATCHED,
    Status.DELIVERED,
    Status.READ,
    Status.ACKNOWLEDGED,
    Status.CONTACT_MADE,
    Status.COMPLETED,
)
"""The only way forward, step by step."""

WITHDRAWN: Final = frozenset({Status.RECALLED, Status.CANCELLED})
ENDED_EARLY: Final = WITHDRAWN | {Status.EXPIRED}
TERMINAL: Final = ENDED_EARLY | {Status.COMPLETED}
OPEN: Final = tuple(status for status in PATH if status not in TERMINAL)
IN_INBOX: Final = tuple(status for status in OPEN if status is not Status.PENDING)
NEW: Final = (Status.DISPATCHED, Status.DELIVERED)
"""In the mentor's inbox, not yet opened."""
UNREAD: Final = (Status.PENDING, *NEW)
UNACKNOWLEDGED: Final = (*NEW, Status.READ)
AWAITING_CONTACT: Final = (*UNACKNOWLEDGED, Status.ACKNOWLEDGED)
"""Sent, and the mentor has not yet recorded contact."""

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
"""Every step that `valid_status_transition` allows; a test compares the database with it."""


def may_move(current: Status, target: Status) -> bool:
    """Say whether one step leads from `current` to `target`."""
    return target in TRANSITIONS[current]


def status_word(status: Status) -> str:
    """Return the status in words, used in lists, in the audit log and after an act."""
    return {
        Status.PENDING: _("draft, not sent"),
        Status.DISPATCHED: _("sent"),
        Status.DELIVERED: _("delivered"),
        Status.READ: _("read"),
        Status.ACKNOWLEDGED: _("confirmed"),
        Status.CONTACT_MADE: _("contact made"),
        Status.COMPLETED: _("completed"),
        Status.RECALLED: _("recalled"),
        Status.CANCELLED: _("cancelled"),
        Status.EXPIRED: _("expired"),
    }[status]
