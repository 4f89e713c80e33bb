"""Assignments as lists, `show` and `status` show them; never their payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from assigncli.domain.availability import Unavailability
from assigncli.domain.declining import DeclineReason
from assigncli.domain.follow_up import FollowUp
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.tiers import Tier
from assigncli.errors import AssignError
from assigncli.lookups import Lookup


@dataclass(frozen=True)
class Summary:
    """One assignment in a list. Times are aware UTC.

    `since` is when it entered its status; `overdue` is whether contact is late. `declined_at` is
    when the mentor said that they cannot take it.
    """

    id: UUID
    number: int
    title: str
    subject_reference: str | None
    status: Status
    priority: Priority
    recipient_user_id: UUID
    recipient: str
    recipient_name: str
    dispatched_by_user_id: UUID
    dispatched_by: str
    created_at: datetime
    dispatched_at: datetime | None
    contact_due_at: datetime | None
    expires_at: datetime | None
    declined_at: datetime | None
    decline_reason: DeclineReason | None
    since: datetime
    overdue: bool
    expired: bool


@dataclass(frozen=True)
class WantedReaders:
    """Whose open assignments are asked for: a member's by handle, or one's own."""

    handle: str | None = None


@dataclass(frozen=True)
class Readers:
    """One open assignment, and the devices in force that can read it or should be able to.

    Devices are ids of certificates. `first_read_at` is aware UTC.
    """

    id: UUID
    number: int
    title: str
    status: Status
    priority: Priority
    first_read_at: datetime | None
    recipient_user_id: UUID
    recipient_name: str
    dispatched_by_user_id: UUID
    dispatched_by: str
    can_read: tuple[UUID, ...]
    cannot_read: tuple[UUID, ...]


@dataclass(frozen=True)
class OpenReaders:
    """What is open with a member, as recipient or as dispatcher, by number."""

    member_id: UUID
    handle: str
    display_name: str
    items: tuple[Readers, ...]


@dataclass(frozen=True)
class AssignmentPage:
    """Part of a list, newest number first.

    `before` is the argument for the next part; None at the end. `total` counts all parts, if it is
    known; otherwise there are more than `at_least`. `disagreeing` are the numbers of those that
    differ from the log.
    """

    items: tuple[Summary, ...]
    before: int | None
    total: int | None
    at_least: int
    disagreeing: tuple[int, ...]


@dataclass(frozen=True)
class AssignmentFilter:
    """Which assignments a list has."""

    statuses: tuple[Status, ...] = ()
    mentor: str | None = None
    priority: Priority | None = None
    overdue: bool = False
    unacknowledged: bool = False


class ReminderState(StrEnum):
    """The state of the reminder; the values appear in JSON."""

    DUE = "due"
    """The next sweep queues it."""
    WAITING = "waiting"
    SENT = "sent"
    NOT_NEEDED = "not_needed"
    UNREACHABLE = "unreachable"
    """There is no recipient, or no usable address."""
    GIVEN_UP = "given_up"
    UNKNOWN = "unknown"
    """It may have arrived or not."""


@dataclass(frozen=True)
class Reminder:
    """The reminder as far as this store knows.

    `at` is aware UTC: when it was sent or, while it waits, the earliest time of sending. `problem`
    is a code.
    """

    state: ReminderState
    at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True)
class TimelineStep:
    """One step of an assignment, by whom and when (aware UTC)."""

    from_status: Status | None
    to_status: Status
    actor: str
    at: datetime
    reason: str | None


@dataclass(frozen=True)
class Detail:
    """One assignment's metadata and timeline; never its payload.

    `contact_attempts` is when nobody answered, oldest first (aware UTC).
    `agrees` is whether all of it is as the log says.
    """

    summary: Summary
    contact_deadline_days: int
    delivered_at: datetime | None
    first_read_at: datetime | None
    acknowledged_at: datetime | None
    contact_made_at: datetime | None
    contact_attempts: tuple[datetime, ...]
    completed_at: datetime | None
    recalled_at: datetime | None
    recalled_by_user_id: UUID | None
    cancelled_at: datetime | None
    cancelled_by_user_id: UUID | None
    cancel_reason: str | None
    reminder_sent_at: datetime | None
    reminder: Reminder | None
    consent_required: bool
    consent_completed_at: datetime | None
    threshold_sequence_number: int | None
    honorarium_tier: Tier
    coordinator_notes: str | None
    internal_notes: str | None
    replaced_by: int | None
    timeline: tuple[TimelineStep, ...]
    agrees: bool


@dataclass(frozen=True)
class Open:
    """One assignment open with a mentor; it may be a draft."""

    number: int
    title: str
    status: Status


@dataclass(frozen=True)
class Reason:
    """Why a mentor takes no assignments, and the status of one that is open with them.

    `paused_until` is the last local day of a pause; None if it has no end.
    """

    why: Unavailability
    paused_until: date | None
    status: Status
    handle: str


@dataclass(frozen=True)
class Followed:
    """One assignment to follow up.

    `days` has each reason, with the number of local days it has lasted, 0 where that is not
    counted. `unavailable` is why the mentor takes no assignments, if that is one of the reasons.
    """

    summary: Summary
    days: Mapping[FollowUp, int]
    unavailable: Reason | None


@dataclass(frozen=True)
class Openings:
    """A member who opened unusually many briefs within a day, and how many (`total`)."""

    display_name: str
    total: int


@dataclass(frozen=True)
class Unauthenticated:
    """How many requests did not authenticate, by code, since the server began (aware UTC)."""

    since: datetime
    codes: Mapping[str, int]


@dataclass(frozen=True)
class UnprovenKey:
    """A key that nobody has compared, or that has to be compared again.

    `is_first` is whether its holder asks to become a member with it.
    """

    handle: str
    display_name: str
    device: str
    is_suspended: bool
    is_first: bool


@dataclass(frozen=True)
class Unreadable:
    """An open assignment that its mentor can read on no device in force.

    `by_nobody` is whether the dispatcher cannot either, so that it can be sealed to nobody again;
    `lacks_share` whether that is because the vault has no key for it since a restore.
    """

    number: int
    title: str
    recipient: str
    recipient_name: str
    dispatched_by: str
    by_nobody: bool
    lacks_share: bool


@dataclass(frozen=True)
class Attention:
    """One page of what has to be followed up, and counts of the whole.

    `counts` counts each assignment once, under its gravest reason. `more` is true if a kind had
    more than were read. `stopped` is why nothing can be sent today; None if something can.
    `disagreeing` are numbers of assignments on the page that differ from the log. `openings` are
    unusual numbers of briefs opened within a day. `unauthenticated` is for administrators alone,
    who can have the server looked after; None for others, and where there is nothing to say. `keys`
    wait for a comparison.
    """

    items: tuple[Followed, ...]
    page: int
    pages: int
    total: int
    urgent: int
    counts: Mapping[FollowUp, int]
    more: bool
    stopped: AssignError | None
    disagreeing: tuple[int, ...]
    openings: tuple[Openings, ...]
    unauthenticated: Unauthenticated | None
    keys: tuple[UnprovenKey, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class WantedPage:
    """Which part of a list is asked for: at most `limit`, with numbers below `before`."""

    wanted: AssignmentFilter
    before: int | None
    limit: int


@dataclass(frozen=True)
class WantedAssignment:
    """An assignment by number, UUID or unique start of a UUID, as it was typed."""

    reference: str


@dataclass(frozen=True)
class WantedAttention:
    """Which page is asked for, and how many are on one; all if `limit` is None."""

    page: int
    limit: int | None


@dataclass(frozen=True)
class Numbered:
    """An assignment's number; None if there is no such assignment."""

    number: int | None


@dataclass(frozen=True)
class ById:
    """An assignment by its id."""

    id: UUID


READERS = Lookup("show.readers", WantedReaders, OpenReaders)
LIST = Lookup("show.assignments", WantedPage, AssignmentPage)
SHOW = Lookup("show.assignment", WantedAssignment, Detail)
ATTENTION = Lookup("show.attention", WantedAttention, Attention)
NUMBER = Lookup("show.number", ById, Numbered)
