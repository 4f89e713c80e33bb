"""Add, remove and test the channels by which a member is notified; staff only.

Addresses are kept sealed, and opened only to send. They are never shown again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from assigncli.addresses import Addresses
from assigncli.client import asking, directory, office
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF
from assigncli.domain.member_names import is_handle
from assigncli.domain.notification import Notifier, SendOutcome
from assigncli.domain.permitted import role_missing
from assigncli.domain.setting_values import typed
from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput, PartlyDone
from assigncli.protocol.attachments import Channel, encode_channels
from assigncli.protocol.forms import RecordForm, from_base64
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.sealed_keys import ADDRESSES
from assigncli.trust.tampering import answer_malformed, read_or
from assigncli.trust.verification import Verified
from assigncli.words import notifications

UNUSABLE: Final = "unusable"
MAX_ADDRESS: Final = 2000
MAX_CHANNELS: Final = 5
_CHANNEL: Final = RecordForm({"id": "id", "member": "id", "sealed": "base64"})


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_WAITING: Final = RecordForm(
    {"id": "id", "handle": _is_text, "display_name": _is_text, "status": _is_text}
)


@dataclass(frozen=True)
class Addressee:
    """A member to be notified, approved or not, and the kinds of their channels.

    The kinds are words such as "Email", in English for `_` to translate, never an address;
    `UNUSABLE` marks an address that cannot be used.
    """

    id: UUID
    handle: str
    display_name: str
    kinds: tuple[str, ...] = ()


def add(client: Client, handle: str, address: str, notifier: Notifier) -> Addressee:
    """Add a channel for a member; coordinators and administrators may.

    Raises InvalidInput `channel_invalid`, `mail_server_missing` or `channels_too_many`, NotFound
    `member_not_found`, NotAllowed `role_missing`.
    """
    address = address.strip()
    if not address or len(address) > MAX_ADDRESS or not address.isprintable():
        raise InvalidInput("channel_invalid", "address")
    if "://" in address:
        notifier.kind_of(address)
    found = _asked(client, handle, is_signed=True)
    signer = asking.this_device(client, found)
    member = addressee(found, client.member_id, handle)
    addresses = _addresses(client, found)
    held = channels(found, member.id)
    require_room(member, held)
    notifier.kind_of(addresses.complete(address))
    held.append(addresses.seal(member.id, address))
    asking.act(client, signer, changing(member.id, held))
    return _with_kinds(member, addresses, held, notifier)


def remove(client: Client, handle: str) -> Addressee:
    """Remove a member's channels; coordinators and administrators may."""
    found = _asked(client, handle, is_signed=False)
    signer = asking.this_device(client, found)
    member = addressee(found, client.member_id, handle)
    asking.act(client, signer, changing(member.id, []))
    return member


def test(client: Client, handle: str, notifier: Notifier) -> Addressee:
    """Send a test message on each of a member's channels; coordinators and administrators may.

    Raises InvalidInput `no_channel`, PartlyDone `notification_not_sent` where one could not be
    sent.
    """
    found = _asked(client, handle, is_signed=True)
    member = addressee(found, client.member_id, handle)
    held = channels(found, member.id)
    if not held:
        raise InvalidInput("no_channel", name=member.display_name, handle=member.handle)
    addresses = _addresses(client, found)
    text = notifications.trial(typed(office.settings(found)))
    opened = [addresses.opened(member.id, each) for each in held]
    sent = [each is not None and notifier.send(each, text) is SendOutcome.SENT for each in opened]
    if not all(sent):
        raise PartlyDone(
            "notification_not_sent", count=sent.count(False), total=len(sent), handle=member.handle
        )
    return _with_kinds(member, addresses, held, notifier)


def asked_for(handle: str) -> str | None:
    """Return the typed handle in the form it is asked for; None where it cannot be a handle."""
    text = handle.strip().lower()
    return text if is_handle(text) else None


def addressee(found: Verified, acting: UUID, handle: str) -> Addressee:
    """Return the member with this handle, whose channels the acting member may change.

    For a member who is not approved yet, name and id are the server's word. Raises NotAllowed
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


def channels(found: Verified, member: UUID) -> list[Channel]:
    """Return a member's sealed channels, oldest first; only a signed question's answer has them."""
    with read_or(answer_malformed):
        rows = found.word.rows.get("notification_channels", [])
        for row in rows:
            _CHANNEL.require(row)
    theirs = (row for row in rows if UUID(row["member"]) == member)
    return [Channel(UUID(row["id"]), from_base64(row["sealed"])) for row in theirs]


def addresses_in(found: Verified, organization: UUID, key: bytes) -> Addresses:
    """Return the `Addresses` that opens and seals the addresses of an answer."""
    service = found.people.member(found.head.service)
    return Addresses(organization, key, service, channels(found, service))


def require_room(member: Addressee, held: Sequence[Channel]) -> None:
    """Raise InvalidInput `channels_too_many` where one more would exceed `MAX_CHANNELS`."""
    if len(held) >= MAX_CHANNELS:
        raise InvalidInput(
            "channels_too_many", name=member.display_name, count=MAX_CHANNELS, handle=member.handle
        )


def changing(member: UUID, held: Sequence[Channel]) -> Intent:
    """Return the act that replaces all channels of the member with these."""
    attachments = (encode_channels(held),)
    return Intent(Action.MEMBER_CHANNELS_CHANGED.value, member, attachments=attachments)


def _asked(client: Client, handle: str, *, is_signed: bool) -> Verified:
    """Return what proves the member to notify; signed, also their present channels.

    Raises Tampered `organization_key_altered` for a key that was sealed by a member who may not.
    """
    wanted = Wanted("read.channels", None, {"handle": asked_for(handle)})
    return asking.read(client, wanted, _of_staff, is_signed=is_signed)


def _of_staff(refusal: Refusal) -> AssignError | None:
    return role_missing(*STAFF) if refusal.code == "role_missing" else None


def _addresses(client: Client, found: Verified) -> Addresses:
    key = asking.organization_key(client, found, ADDRESSES)
    if key is None:
        raise IdentityUnavailable("organization_key_missing")
    return addresses_in(found, client.organization_id, key)


def _with_kinds(
    member: Addressee, addresses: Addresses, held: Sequence[Channel], notifier: Notifier
) -> Addressee:
    opened = (addresses.opened(member.id, each) for each in held)
    return replace(member, kinds=tuple(_kind(notifier, each) for each in opened))


def _kind(notifier: Notifier, address: str | None) -> str:
    try:
        return UNUSABLE if address is None else notifier.kind_of(address)
    except InvalidInput:
        return UNUSABLE
