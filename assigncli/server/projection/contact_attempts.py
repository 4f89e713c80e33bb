"""What the entry of an attempt that got no answer writes to `contact_attempts`."""

from __future__ import annotations

from typing import Any

from assigncli.server.projection.happening import Happening


def row(happened: Happening) -> dict[str, Any]:
    """Return the row of the attempt."""
    return {
        "organization_id": happened.organization,
        "assignment_id": happened.subject,
        "member_id": happened.actor,
        "attempt": happened.facts.get("attempt"),
        "at": happened.at,
    }
