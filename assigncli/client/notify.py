"""How a member is reached: channels, added and removed by staff, kept sealed, opened to send.

An address is an Apprise URL, or an e-mail address alone, which uses the organisation's own mail
server: the channel of its service member. No address is ever shown again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assigncli.client import addressees, asking, office
from assigncli.client.addressees import Addressee
from assigncli.client.client import Client
from assigncli.client.inquiry import Wanted
from assigncli.domain.lifecycle import STAFF
from assigncli.domain.permitted import role_missing
from assigncli.domain.setting_values import typed
from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput, PartlyDone
from assigncli.notify import Notifier, SendOutcome
from assigncli.notify.book import Book, channel_invalid
from assigncli.protocol.attachments import Channel
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.sealed_keys import ADDRESSES
from assigncli.trust.verification import Verified
from assigncli.words import notices

UNUSABLE: Final = "unusable"
MAX_ADDRESS: Final = 2000


@dataclass(frozen=True)
class Channels:
    """By which kinds of channel a member is reached: words such as "Email", never an address.

    The words are English, for `_` to translate; `UNUSABLE` is an address that cannot be used.
    """

    member_id: UUID
    handle: str
    display_name: str
    kinds: tuple[str, ...]


def add(client: Client, handle: str, address: str, notifier: Notifier) -> Channels:
    """Add a channel for a member; coordinators and administrators may.

    Raises InvalidInput `channel_invalid`, `mail_server_missing` or `channels_too_many`, NotFound
    `member_not_found`, NotAllowed `role_missing`.
    """
    address = address.strip()
    if not address or len(address) > MAX_ADDRESS or not address.isprintable():
        raise channel_invalid()
    if "://" in address:
        notifier.kind_of(address)
    found = _asked(client, handle, is_signed=True)
    signer = asking.this_device(client, found)
    member = addressees.addressee(found, client.member_id, handle)
    book = _book(client, found)
    held = addressees.held(found, member.id)
    addressees.require_room(member, held)
    notifier.kind_of(book.complete(address))
    held.append(book.seal(member.id, address))
    asking.act(client, signer, addressees.changing(member.id, held))
    return _reached(member, book, held, notifier)


def remove(client: Client, handle: str) -> Channels:
    """Remove a member's channels; coordinators and administrators may."""
    found = _asked(client, handle, is_signed=False)
    signer = asking.this_device(client, found)
    member = addressees.addressee(found, client.member_id, handle)
    asking.act(client, signer, addressees.changing(member.id, []))
    return Channels(member.id, member.handle, member.display_name, ())


def test(client: Client, handle: str, notifier: Notifier) -> Channels:
    """Send a test message on each of a member's channels; coordinators and administrators may.

    Raises InvalidInput `no_channel`, PartlyDone `notification_not_sent` where one did not take it.
    """
    found = _asked(client, handle, is_signed=True)
    member = addressees.addressee(found, client.member_id, handle)
    held = addressees.held(found, member.id)
    if not held:
        raise InvalidInput("no_channel", name=member.display_name, handle=member.handle)
    book = _book(client, found)
    message = notices.trial(typed(office.settings(found)))
    opened = [book.opened(member.id, each) for each in held]
    sent = [
        each is not None and notifier.send(each, message) is SendOutcome.SENT for each in opened
    ]
    if not all(sent):
        raise PartlyDone(
            "notification_not_sent", count=sent.count(False), total=len(sent), handle=member.handle
        )
    return _reached(member, book, held, notifier)


def _asked(client: Client, handle: str, *, is_signed: bool) -> Verified:
    """Return what proves who is to be notified, and signed how they are reached now.

    Raises Tampered `organization_key_altered` for a key that was not sealed by who may.
    """
    wanted = Wanted("read.channels", None, {"handle": addressees.asked_for(handle)})
    return asking.read(client, wanted, _of_staff, is_signed=is_signed)


def _of_staff(refusal: Refusal) -> AssignError | None:
    missing = refusal.code == "role_missing"
    return role_missing(*STAFF) if missing else None


def _book(client: Client, found: Verified) -> Book:
    key = asking.organization_key(client, found, ADDRESSES)
    if key is None:
        raise _no_key()
    return addressees.book(found, client.organization_id, key)


def _reached(
    member: Addressee, book: Book, held: Sequence[Channel], notifier: Notifier
) -> Channels:
    opened = (book.opened(member.id, each) for each in held)
    kinds = tuple(UNUSABLE if each is None else _kind(notifier, each) for each in opened)
    return Channels(member.id, member.handle, member.display_name, kinds)


def _kind(notifier: Notifier, address: str) -> str:
    try:
        return notifier.kind_of(address)
    except InvalidInput:
        return UNUSABLE


def _no_key() -> AssignError:
    return IdentityUnavailable("organization_key_missing")
