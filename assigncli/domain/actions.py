"""The kinds of entry in the audit log, and groups of them.

An entry records who did what to which assignment or member, never anything about the person
visited. Who may be the actor of each act is decided in `trust.signers`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from assigncli.domain.lifecycle import ENDED_EARLY, Status


class Action(StrEnum):
    """The kinds of audit entry; the value is part of the signed bytes."""

    ORGANIZATION_FOUNDED = "organization.founded"
    SERVICE_REPLACED = "service.replaced"
    ORGANIZATION_KEY_SHARED = "organization_key.shared"
    SETTING_CHANGED = "setting.changed"
    MEMBER_INVITED = "member.invited"
    DEVICE_INVITED = "device.invited"
    DEVICE_JOINED = "device.joined"
    DEVICE_APPROVED = "device.approved"
    DEVICE_REVOKED = "device.revoked"
    DEVICE_SUSPENDED = "device.suspended"
    DEVICE_CONFIRMED = "device.confirmed"
    MEMBER_APPROVED = "member.approved"
    MEMBER_CERTIFIED = "member.certified"
    MEMBER_PAUSED = "member.paused"
    MEMBER_RESUMED = "member.resumed"
    MEMBER_REVOKED = "member.revoked"
    MEMBER_LAPSED = "member.lapsed"
    MEMBER_RESTORED = "member.restored"
    MEMBER_CHANNELS_CHANGED = "member.channels_changed"
    CYCLE_OPENED = "cycle.opened"
    CYCLE_CLOSED = "cycle.closed"
    CYCLE_REOPENED = "cycle.reopened"
    ASSIGNMENT_CREATED = "assignment.created"
    ASSIGNMENT_EDITED = "assignment.edited"
    ASSIGNMENT_DISPATCHED = "assignment.dispatched"
    ASSIGNMENT_DELIVERED = "assignment.delivered"
    ASSIGNMENT_READ = "assignment.read"
    ASSIGNMENT_ACKNOWLEDGED = "assignment.acknowledged"
    ASSIGNMENT_CONTACT_MADE = "assignment.contact_made"
    ASSIGNMENT_COMPLETED = "assignment.completed"
    ASSIGNMENT_DECLINED = "assignment.declined"
    ASSIGNMENT_RECALLED = "assignment.recalled"
    ASSIGNMENT_CANCELLED = "assignment.cancelled"
    ASSIGNMENT_EXPIRED = "assignment.expired"
    ASSIGNMENT_REMINDED = "assignment.reminded"
    ASSIGNMENT_ARCHIVED = "assignment.archived"
    ASSIGNMENT_ERASED = "assignment.erased"
    CONSENT_COMPLETED = "consent.completed"
    CONTACT_UNANSWERED = "contact.unanswered"
    PAYLOAD_DECRYPTED = "payload_decrypted"
    PAYLOAD_REFUSED = "payload.refused"
    PAYLOAD_SHREDDED = "payload.shredded"
    WRAP_ADDED = "wrap.added"
    NOTIFICATION_RETRIED = "notification.retried"
    HONORARIUM_EXPORTED = "honorarium.exported"
    PRIVACY_EXPORTED = "privacy.exported"
    LOG_RESTORED = "log.restored"
    ATTEMPT_REFUSED = "attempt.refused"
    ATTEMPTS_COUNTED = "attempts.counted"


_ABOUT: Final = {
    **dict.fromkeys(("assignment", "consent", "payload", "notification"), "assignment"),
    **dict.fromkeys(("payload_decrypted", "wrap", "contact"), "assignment"),
    **dict.fromkeys(("member", "device", "privacy"), "member"),
    **dict.fromkeys(("organization", "organization_key", "setting", "service"), "organization"),
    **dict.fromkeys(("batch", "log", "attempts", "honorarium"), "organization"),
    "cycle": "cycle",
}


def kind_of_subject(act: str) -> str:
    """Return what kind of thing an act is about; empty for an unknown act.

    Empty too if the act does not tell: a refused attempt is about whatever it asked for.
    """
    return _ABOUT.get(act.partition(".")[0], "")


ABOUT_MEMBER: Final = tuple(each for each in Action if kind_of_subject(each) == "member")
ABOUT_CYCLE: Final = tuple(each for each in Action if kind_of_subject(each) == "cycle")

REFUSED: Final = (Action.ATTEMPT_REFUSED, Action.ATTEMPTS_COUNTED)
"""The entries that the service makes about a member's device, named in their `certificate`."""

AT_ONCE: Final = (Action.ORGANIZATION_FOUNDED, Action.SERVICE_REPLACED)
"""The entries that give a certificate to the service that signs them, which counts at once."""

ISSUING: Final = (Action.MEMBER_APPROVED, Action.DEVICE_APPROVED)
DOUBTING: Final = (Action.DEVICE_SUSPENDED, Action.DEVICE_CONFIRMED)
"""The entries that suspend a certificate that is held, and let it count again."""

STANDING: Final = (*ISSUING, Action.DEVICE_REVOKED, Action.MEMBER_REVOKED, *DOUBTING)
"""The entries that decide which certificates a member holds, at most one for each device."""

CERTIFYING: Final = (Action.MEMBER_APPROVED, Action.MEMBER_CERTIFIED)
"""The entries that set until when a mentor is certified; the last one counts."""

STEP_ACTION: Final[dict[Status, Action]] = {
    Status.PENDING: Action.ASSIGNMENT_CREATED,
    Status.DISPATCHED: Action.ASSIGNMENT_DISPATCHED,
    Status.DELIVERED: Action.ASSIGNMENT_DELIVERED,
    Status.READ: Action.ASSIGNMENT_READ,
    Status.ACKNOWLEDGED: Action.ASSIGNMENT_ACKNOWLEDGED,
    Status.CONTACT_MADE: Action.ASSIGNMENT_CONTACT_MADE,
    Status.COMPLETED: Action.ASSIGNMENT_COMPLETED,
    Status.RECALLED: Action.ASSIGNMENT_RECALLED,
    Status.CANCELLED: Action.ASSIGNMENT_CANCELLED,
    Status.EXPIRED: Action.ASSIGNMENT_EXPIRED,
}
"""The entry for each step of an assignment."""

STEP_OF: Final[dict[str, Status]] = {action: status for status, action in STEP_ACTION.items()}
"""The status that each of these entries leads to."""

SEALING: Final = (Action.ASSIGNMENT_CREATED, Action.ASSIGNMENT_EDITED)
"""The entries that name a new key and a new manifest."""

NAMING: Final = (*SEALING, Action.ASSIGNMENT_DISPATCHED)
"""The entries that name a manifest; the last one's manifest is in force."""

ARCHIVING: Final = (Action.ASSIGNMENT_ARCHIVED, Action.ASSIGNMENT_ERASED)
"""The entries that move an ended assignment to the archive; the first one does."""

EMPTYING: Final = (Action.PAYLOAD_SHREDDED, *ARCHIVING)
"""The entries that end the key of an assignment that had already ended."""

ABOUT_ASSIGNMENT: Final = (
    *STEP_ACTION.values(),
    Action.ASSIGNMENT_DECLINED,
    Action.ASSIGNMENT_EDITED,
    Action.ASSIGNMENT_REMINDED,
    Action.CONSENT_COMPLETED,
    Action.CONTACT_UNANSWERED,
    Action.WRAP_ADDED,
    *EMPTYING,
)
"""The entries that write to an assignment's row or to rows that belong to it."""

ENDING_A_KEY: Final = (
    Action.ASSIGNMENT_EDITED,
    *(action for status, action in STEP_ACTION.items() if status in ENDED_EARLY),
    *EMPTYING,
)
"""The entries that end a key at once: the replaced key of a draft, or the assignment's own."""
