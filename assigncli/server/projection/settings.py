"""What an entry of a changed setting writes to `organization_settings`: one more row."""

from __future__ import annotations

from typing import Any

from assigncli.server.projection.happening import Happening


def row(happened: Happening) -> dict[str, Any]:
    """Return the row; a value of free text comes with its salt."""
    text = happened.texts.get("value")
    return {
        "organization_id": happened.organization,
        "name": happened.arguments.get("name"),
        "value": happened.arguments.get("value") if text is None else text.text,
        "value_salt": None if text is None else text.salt,
        "set_by": happened.actor,
        "set_at": happened.at,
    }
