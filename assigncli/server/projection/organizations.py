"""What the entry of a founding writes to `organizations`."""

from __future__ import annotations

from typing import Any

from assigncli.domain.member_names import name_key
from assigncli.server.projection.happening import Happening


def row(founded: Happening) -> dict[str, Any]:
    """Return the organisation's row; its local days are those of `time_zone`."""
    said, name = founded.arguments, founded.texts["name"]
    return {
        "id": founded.organization,
        "name": name.text,
        "name_salt": name.salt,
        "name_key": name_key(name.text),
        "time_zone": said["time_zone"],
        "root_public_key": bytes.fromhex(said["root_key"]),
        "created_at": founded.at,
    }
