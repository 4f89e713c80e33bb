"""Which rows of `notifications` an entry causes: to whom, of which kind, and since when.

The progress of sending is known only to this machine; no entry records it.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.notification import NotificationKind
from assigncli.protocol.acts import ACTS, DISPATCHER, RECIPIENT, SERVICE_ENTRIES
from assigncli.server.projection.happening import Happening

_TOLD: Final = {
    act.name: tuple(
        (NotificationKind(kind), part) for kind, parts in act.told.items() for part in parts
    )
    for act in (*ACTS.values(), *SERVICE_ENTRIES.values())
    if act.name in set(Action)
}
"""By entry: the kinds and recipients of notifications, from the table of acts."""


def owed(happened: Happening, recipient: UUID, dispatcher: UUID) -> list[dict[str, Any]]:
    """Return the notifications that an entry causes; the end of a draft causes none."""
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
