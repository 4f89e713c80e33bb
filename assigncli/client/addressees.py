"""How a member is reached: their sealed channels, opened and sealed with the organisation's key.

An address is an Apprise URL, or an e-mail address alone, which goes through the organisation's own
mail server: the channel of its service member. Whether one can be sent to is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assigncli.client import directory
from assigncli.client.exchange import Intent
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF
from assigncli.domain.member_names import is_handle
from assigncli.errors import InvalidInput
from assigncli.notify.book import Book
from assigncli.protocol.attachments import Channel, encode_channels
from assigncli.protocol.forms import RecordForm, from_base64
from assigncli.trust.tampering import answer_malformed, read_or
from assigncli.trust.verification import Verified

MAX_CHANNELS: Final = 5
_CHANNEL: Final = RecordForm({"id": "id", "member": "id", "sealed": "base64"})


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_WAITING: Final = RecordForm(
    {"id": "id", "handle": _is_text, "display_name": _is_text, "status": _is_text}
)


@dataclass(frozen=True)
class Addressee:
    """A member who is to be notified, approved or not."""

    id: UUID
    handle: str
    display_name: str


def asked_for(handle: str) -> str | None:
    """Return what may be asked of what was typed for a handle; None where it cannot be one."""
    text = handle.strip().lower()
    return text if is_handle(text) else None


def addressee(found: Verified, acting: UUID, handle: str) -> Addressee:
    """Return the member with this handle, whose channels the acting member may change.

    Of whom is not approved yet the name and the id are the server's word. Raises NotAllowed
    `role_missing`, NotFound `member_not_found`.
    """
    directory.require_role(found, acting, *STAFF)
    named = asked_for(handle)
    if named is None:
        raise directory.nobody(found, "")
    member = directory.by_handle(found, named)
    if member is not None:
        return Addressee(member, named, directory.name(found, member, "display_name"))
    with read_or(answer_malformed):
        for row in found.word.rows.get("waiting", []):
            _WAITING.require(row)
            if row["handle"] == named:
                return Addressee(UUID(row["id"]), named, row["display_name"])
    raise directory.nobody(found, named)


def held(found: Verified, member: UUID) -> list[Channel]:
    """Return a member's sealed channels, oldest first; they come with a signed question alone."""
    with read_or(answer_malformed):
        rows = found.word.rows.get("notification_channels", [])
        for row in rows:
            _CHANNEL.require(row)
    theirs = (row for row in rows if UUID(row["member"]) == member)
    return [Channel(UUID(row["id"]), from_base64(row["sealed"])) for row in theirs]


def book(found: Verified, organization: UUID, key: bytes) -> Book:
    """Return what opens and seals the addresses of an answer."""
    service = found.people.member(found.head.service)
    return Book(organization, key, service, held(found, service))


def require_room(member: Addressee, channels: Sequence[Channel]) -> None:
    """Raise InvalidInput `channels_too_many` where one more would be too many."""
    if len(channels) >= MAX_CHANNELS:
        raise InvalidInput(
            "channels_too_many", name=member.display_name, count=MAX_CHANNELS, handle=member.handle
        )


def changing(member: UUID, channels: Sequence[Channel]) -> Intent:
    """Return what makes these all channels of the member from then on."""
    attachments = (encode_channels(channels),)
    return Intent(Action.MEMBER_CHANNELS_CHANGED.value, member, attachments=attachments)
