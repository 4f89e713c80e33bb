"""How a member is reached: channels, added and removed by staff, kept sealed, opened to send.

An address is an Apprise URL, or an e-mail address alone, which uses the organisation's own mail
server: the channel of its service member. No address is ever shown again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, notice, organization_keys
from assigncli.actions.session import Session
from assigncli.actions.standing import is_active
from assigncli.client import channels as client
from assigncli.client import office
from assigncli.client.asking import Wanted
from assigncli.client.channels import Addressee, Book
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import SERVICE_HANDLE
from assigncli.domain.permitted import role_missing
from assigncli.domain.settings import typed
from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput, PartlyDone
from assigncli.locale import N_, _
from assigncli.notify import Notifier, Outcome
from assigncli.protocol.attachments import Channel
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.wraps import ADDRESSES
from assigncli.store import channels, members
from assigncli.store.scheduled import NotificationChannel
from assigncli.trust.evidence import Verified

UNUSABLE: Final = N_("unusable")
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


def add(session: Session, handle: str, address: str, notifier: Notifier) -> Channels:
    """Add a channel for a member; coordinators and administrators may.

    Raises InvalidInput `channel_invalid`, `mail_server_missing` or `channels_too_many`, NotFound
    `member_not_found`, NotAllowed `role_missing`.
    """
    address = address.strip()
    if not address or len(address) > MAX_ADDRESS or not address.isprintable():
        raise client.channel_invalid()
    if "://" in address:
        notifier.kind_of(address)
    found = _asked(session, handle, is_signed=True)
    signer = asking.this_device(session, found)
    member = client.addressee(found, session.member_id, handle)
    book = _book(session, found)
    held = client.held(found, member.id)
    client.require_room(member, held)
    notifier.kind_of(book.complete(address))
    held.append(book.seal(member.id, address))
    asking.act(session, signer, client.changing(member.id, held))
    return _reached(member, book, held, notifier)


def remove(session: Session, handle: str) -> Channels:
    """Remove a member's channels; coordinators and administrators may."""
    found = _asked(session, handle, is_signed=False)
    signer = asking.this_device(session, found)
    member = client.addressee(found, session.member_id, handle)
    asking.act(session, signer, client.changing(member.id, []))
    return Channels(member.id, member.handle, member.display_name, ())


def test(session: Session, handle: str, notifier: Notifier) -> Channels:
    """Send a test message on each of a member's channels; coordinators and administrators may.

    Raises InvalidInput `no_channel`, PartlyDone `notification_not_sent` where one did not take it.
    """
    found = _asked(session, handle, is_signed=True)
    member = client.addressee(found, session.member_id, handle)
    held = client.held(found, member.id)
    if not held:
        raise InvalidInput(
            _("{name} has no channel for notifications.").format(name=member.display_name),
            _("Add one with assign member notify {handle}.").format(handle=member.handle),
            code="no_channel",
        )
    book = _book(session, found)
    message = notice.trial(typed(office.settings(found)))
    opened = [book.opened(member.id, each) for each in held]
    sent = [each is not None and notifier.send(each, message) is Outcome.SENT for each in opened]
    if not all(sent):
        raise PartlyDone(
            _("{count} of {total} channels did not take the test message.").format(
                count=sent.count(False), total=len(sent)
            ),
            _(
                "Check the address and the server. Run assign member notify {handle} --remove, "
                "then assign member notify {handle} to add it again."
            ).format(handle=member.handle),
            code="notification_not_sent",
        )
    return _reached(member, book, held, notifier)


def addresses(session: Session, tx: Transaction, member_id: UUID) -> list[str | None]:
    """Return the member's channels as Apprise URLs, oldest first; None for one that is altered.

    Raises IdentityUnavailable where the organisation key is not sealed to the acting member.
    """
    rows = channels.of_member(tx, session.organization_id, member_id)
    if not rows:
        return []
    key = organization_keys.held(session, tx, ADDRESSES)
    if key is None:
        raise _no_key()
    service = members.by_handle(tx, session.organization_id, SERVICE_HANDLE)
    host = member_id if service is None else service.id
    servers = [] if service is None else channels.of_member(tx, session.organization_id, host)
    book = Book(session.organization_id, key[0], host, _as_sealed(servers))
    return [book.opened(member_id, each) for each in _as_sealed(rows)]


def have_any(session: Session, tx: Transaction, member_id: UUID) -> bool:
    """Say whether the member has a channel, without opening it."""
    return bool(channels.of_member(tx, session.organization_id, member_id))


def is_reachable(session: Session, tx: Transaction, member_id: UUID) -> bool:
    """Say whether the member still is one: nothing is sent to who has left."""
    member = members.by_id(tx, session.organization_id, member_id)
    return is_active(tx, member)


def _asked(session: Session, handle: str, *, is_signed: bool) -> Verified:
    """Return what proves who is to be notified, and signed how they are reached now.

    Raises Tampered `organization_key_altered` for a key that was not sealed by who may.
    """
    wanted = Wanted("read.channels", None, {"handle": client.asked_for(handle)})
    return asking.read(session, wanted, _of_staff, is_signed=is_signed)


def _of_staff(refusal: Refusal) -> AssignError | None:
    missing = refusal.code == "role_missing"
    return role_missing(Role.COORDINATOR, Role.ORG_ADMIN) if missing else None


def _book(session: Session, found: Verified) -> Book:
    key = asking.organization_key(session, found, ADDRESSES)
    if key is None:
        raise _no_key()
    return client.book(found, session.organization_id, key)


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


def _as_sealed(rows: Sequence[NotificationChannel]) -> list[Channel]:
    return [Channel(row.id, row.sealed) for row in rows]


def _no_key() -> AssignError:
    return IdentityUnavailable(
        _("The organisation's key is not sealed to you, so no address can be opened."),
        _("Ask a coordinator or an administrator."),
        code="organization_key_missing",
    )
