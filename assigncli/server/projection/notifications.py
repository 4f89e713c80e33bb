"""Which rows of `notifications` an entry causes: to whom, of which kind, and since when.

How far sending got is this machine's word, which no entry tells.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.notification import NotificationKind
from assigncli.server.projection.happening import Happening

RECIPIENT: Final = "recipient"
DISPATCHER: Final = "dispatcher"

_TOLD: Final[dict[str, tuple[tuple[NotificationKind, str], ...]]] = {
    Action.ASSIGNMENT_DISPATCHED: ((NotificationKind.DISPATCHED, RECIPIENT),),
    Action.ASSIGNMENT_ACKNOWLEDGED: ((NotificationKind.ACKNOWLEDGED, DISPATCHER),),
    Action.ASSIGNMENT_COMPLETED: ((NotificationKind.COMPLETED, DISPATCHER),),
    Action.ASSIGNMENT_RECALLED: ((NotificationKind.RECALLED, RECIPIENT),),
    Action.ASSIGNMENT_CANCELLED: ((NotificationKind.CANCELLED, RECIPIENT),),
    Action.ASSIGNMENT_EXPIRED: (
        (NotificationKind.EXPIRED, RECIPIENT),
        (NotificationKind.EXPIRED, DISPATCHER),
    ),
    Action.ASSIGNMENT_REMINDED: (
        (NotificationKind.REMINDER, RECIPIENT),
        (NotificationKind.REMINDED, DISPATCHER),
    ),
}


def owed(happened: Happening, recipient: UUID, dispatcher: UUID) -> list[dict[str, Any]]:
    """Return the notifications that an entry causes; a draft that is withdrawn causes none."""
    if happened.facts.get("from") == "pending" and happened.act != Action.ASSIGNMENT_DISPATCHED:
        return []
    whom = {RECIPIENT: recipient, DISPATCHER: dispatcher}
    found = dict.fromkeys((kind, whom[part]) for kind, part in _TOLD.get(happened.act, ()))
    return [
        {
            "organization_id": happened.organization,
            "assignment_id": happened.subject,
            "recipient_id": member,
            "kind": kind.value,
            "created_at": happened.at,
        }
        for kind, member in found
    ]
