"""What the last entry about a member's channels makes of `notification_channels`.

The whole list is replaced, so each row has the time of the entry that wrote it. The addresses are
not known here: the statement has the hash of the sealed list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from assigncli.protocol.attachments import Channel, encode_channels
from assigncli.server.projection.happening import Happening


def rows(happened: Happening, channels: Sequence[Channel]) -> list[dict[str, Any]]:
    """Return the member's channels after the entry that keeps these, in the order of the list."""
    return [
        {
            "id": each.id,
            "organization_id": happened.organization,
            "member_id": happened.subject,
            "sealed": each.sealed,
            "created_at": happened.at,
        }
        for each in channels
    ]


def is_list_of(happened: Happening, channels: Sequence[Channel]) -> bool:
    """Say whether the entry's statement has this list; raises Malformed for an invalid list."""
    return (hashlib.sha256(encode_channels(channels)).digest(),) == happened.attachments
