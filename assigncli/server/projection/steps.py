"""What each entry that is a step writes to `assignment_status_logs`, and what archiving empties."""

from __future__ import annotations

from typing import Any, Final

from assigncli.domain.actions import STEP_OF
from assigncli.domain.lifecycle import Status
from assigncli.server.projection.happening import Happening

ARCHIVED: Final[dict[str, Any]] = {"reason": None, "reason_salt": None}
"""What is left of a reason once its assignment is archived."""


def row(happened: Happening) -> dict[str, Any] | None:
    """Return the row of a step; None for an entry that is no step."""
    if happened.act not in STEP_OF:
        return None
    source, reason = happened.facts.get("from"), happened.texts.get("reason")
    return {
        "organization_id": happened.organization,
        "assignment_id": happened.subject,
        "from_status": None if source is None else Status(source),
        "to_status": STEP_OF[happened.act],
        "actor_id": happened.actor,
        "at": happened.at,
        "reason": None if reason is None else reason.text,
        "reason_salt": None if reason is None else reason.salt,
    }
