"""What the entry of a consent writes to `consent_records`."""

from __future__ import annotations

from typing import Any

from assigncli.server.projection.happening import Happening


def row(happened: Happening) -> dict[str, Any]:
    """Return the row of the consent that the recipient's statement gives."""
    return {
        "organization_id": happened.organization,
        "assignment_id": happened.subject,
        "member_id": happened.actor,
        "text_version": happened.arguments.get("text"),
        "statement_hash": happened.statement,
        "completed_at": happened.at,
    }
