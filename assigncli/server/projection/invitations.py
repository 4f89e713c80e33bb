"""What each entry about a member changes in their `invitations`.

An approval deletes the rows that it answers, so that only open requests keep one: the hash of a
token, and the device that joined with it. Row ids are local and are not projected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from assigncli.domain.actions import Action
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import moment
from assigncli.server.projection.happening import Happening

Columns = dict[str, Any]

_SPENT: Final = ("spent_at", "signing_key", "encryption_key", "device", "device_salt")


@dataclass(frozen=True)
class InvitedRows:
    """An invitation, and the entry that wrote it last."""

    columns: Columns
    by: Happening


def new(happened: Happening) -> Columns | None:
    """Return the invitation that an entry adds, or None."""
    if happened.act not in (Action.MEMBER_INVITED, Action.DEVICE_INVITED):
        return None
    return {
        "organization_id": happened.organization,
        "member_id": happened.subject,
        "token_hash": bytes.fromhex(happened.arguments["token_sha256"]),
        "expires_at": moment(happened.arguments["expires_at"]),
        "created_at": happened.at,
        **dict.fromkeys(_SPENT),
    }


def spent(happened: Happening) -> Columns:
    """Return what a joining device writes to its invitation; its name only if that is kept."""
    said, device = happened.arguments, happened.texts.get("device")
    named = {} if device is None else {"device": device.text, "device_salt": device.salt}
    return {
        "spent_at": happened.at,
        "signing_key": bytes.fromhex(said["signing_key"]),
        "encryption_key": bytes.fromhex(said["encryption_key"]),
        **named,
    }


def token_hash(happened: Happening) -> bytes:
    """Return the hash that identifies the invitation with which a device joins."""
    return hashlib.sha256(bytes.fromhex(happened.arguments["token"])).digest()


def after(
    rows: Sequence[InvitedRows], happened: Happening, given: Certificate | None = None
) -> list[InvitedRows]:
    """Return a member's invitations after an entry, oldest first.

    `given` is the certificate that an approval gives. Approving one more device ends only that
    device's request, approving the member ends all.
    """
    added = new(happened)
    if added is not None:
        return [*rows, InvitedRows(added, happened)]
    if happened.act in (Action.MEMBER_APPROVED, Action.ORGANIZATION_FOUNDED):
        return []
    if happened.act == Action.DEVICE_APPROVED and given is not None:
        key = given.keys.signing_key
        return [each for each in rows if each.columns["signing_key"] != key]
    if happened.act == Action.DEVICE_JOINED:
        return _joined(rows, happened)
    return list(rows)


def _joined(rows: Sequence[InvitedRows], happened: Happening) -> list[InvitedRows]:
    hashed = token_hash(happened)
    own = next((each for each in rows if _admits(each.columns, hashed, happened.at)), None)
    if own is None:
        return list(rows)
    left = {name: own.columns[name] for name in own.columns.keys() - set(_SPENT)}
    joined = InvitedRows(left | spent(happened), happened)
    return [joined if each is own else each for each in rows]


def _admits(invited: Columns, hashed: bytes, at: datetime) -> bool:
    is_open = invited["spent_at"] is None and at <= invited["expires_at"]
    return is_open and invited["token_hash"] == hashed
