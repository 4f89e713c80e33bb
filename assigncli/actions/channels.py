"""How a member is reached: channels, added and removed by staff, kept sealed, opened to send.

An address is an Apprise URL, or an e-mail address alone, which uses the organisation's own mail
server: the channel of its service member. No address is ever shown again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import asking, find, notice, organization_keys, settings, trust
from assigncli.actions.session import Session
from assigncli.actions.standing import is_active
from assigncli.client.exchange import Device, Intent
from assigncli.crypto.organization_key import open_value, seal_value
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import SERVICE_HANDLE
from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput, PartlyDone, Tampered
from assigncli.locale import N_, _
from assigncli.notify import Notifier, Outcome
from assigncli.protocol.attachments import Channel, encode_channels
from assigncli.protocol.wraps import ADDRESSES
from assigncli.store import channels, members
from assigncli.store.scheduled import NotificationChannel

UNUSABLE: Final = N_("unusable")
MAX_ADDRESS: Final = 2000
MAX_CHANNELS: Final = 5
_MAIL: Final = ("mailto", "mailtos")


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
        raise _invalid()
    if "://" in address:
        notifier.kind_of(address)
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = find.member(session, tx, handle)
        key = _organization_key(session, tx)
        rows = channels.of_member(tx, session.organization_id, member.id)
        if len(rows) >= MAX_CHANNELS:
            raise InvalidInput(
                _("{name} already has {count} channels.").format(
                    name=member.display_name, count=MAX_CHANNELS
                ),
                _("Remove them first with assign member notify {handle} --remove.").format(
                    handle=member.handle
                ),
                code="channels_too_many",
            )
        notifier.kind_of(_complete(session, tx, key, address))
        id_ = uuid4()
        sealed = seal_value(
            key,
            address.encode(),
            organization_id=session.organization_id,
            owner_id=member.id,
            purpose=_purpose(id_),
        )
        signer = asking.device(session, tx, actor)
    held = [Channel(row.id, row.sealed) for row in rows]
    _change(session, signer, member.id, [*held, Channel(id_, sealed)])
    return show(session, handle, notifier)


def remove(session: Session, handle: str) -> Channels:
    """Remove a member's channels; coordinators and administrators may."""
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = find.member(session, tx, handle)
        signer = asking.device(session, tx, actor)
    _change(session, signer, member.id, [])
    return Channels(member.id, member.handle, member.display_name, ())


def _change(session: Session, signer: Device, member_id: UUID, held: list[Channel]) -> None:
    """Have these be all channels of the member from now on."""
    attachment = encode_channels(held)
    intent = Intent(Action.MEMBER_CHANNELS_CHANGED.value, member_id, {}, {}, (attachment,))
    asking.act(session, signer, intent)


def show(session: Session, handle: str, notifier: Notifier) -> Channels:
    """Return by which kinds of channel a member is reached; staff only, who hold the key."""
    with session.store.read() as tx:
        member = find.member(session, tx, handle)
        found = addresses(session, tx, member.id)
    kinds = tuple(UNUSABLE if each is None else _kind(notifier, each) for each in found)
    return Channels(member.id, member.handle, member.display_name, kinds)


def test(session: Session, handle: str, notifier: Notifier) -> Channels:
    """Send a test message on each of a member's channels; coordinators and administrators may.

    Raises InvalidInput `no_channel`, PartlyDone `notification_not_sent` where one did not take it.
    """
    with session.store.read() as tx:
        trust.require_role(trust.acting(session, tx), Role.COORDINATOR, Role.ORG_ADMIN)
        member = find.member(session, tx, handle)
        found = addresses(session, tx, member.id)
        message = notice.trial(settings.in_force(session, tx))
    if not found:
        raise InvalidInput(
            _("{name} has no channel for notifications.").format(name=member.display_name),
            _("Add one with assign member notify {handle}.").format(handle=member.handle),
            code="no_channel",
        )
    sent = [each is not None and notifier.send(each, message) is Outcome.SENT for each in found]
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
    return show(session, handle, notifier)


def addresses(session: Session, tx: Transaction, member_id: UUID) -> list[str | None]:
    """Return the member's channels as Apprise URLs, oldest first; None for one that is altered.

    Raises IdentityUnavailable where the organisation key is not sealed to the acting member.
    """
    rows = channels.of_member(tx, session.organization_id, member_id)
    if not rows:
        return []
    key = _organization_key(session, tx)
    return [_opened(session, tx, key, row) for row in rows]


def have_any(session: Session, tx: Transaction, member_id: UUID) -> bool:
    """Say whether the member has a channel, without opening it."""
    return bool(channels.of_member(tx, session.organization_id, member_id))


def is_reachable(session: Session, tx: Transaction, member_id: UUID) -> bool:
    """Say whether the member still is one: nothing is sent to who has left."""
    member = members.by_id(tx, session.organization_id, member_id)
    return is_active(tx, member)


def _opened(session: Session, tx: Transaction, key: bytes, row: NotificationChannel) -> str | None:
    try:
        opened = open_value(
            row.sealed,
            key,
            organization_id=session.organization_id,
            owner_id=row.member_id,
            purpose=_purpose(row.id),
        )
        return _complete(session, tx, key, opened.decode())
    except (Tampered, InvalidInput, UnicodeDecodeError):
        return None


def _complete(session: Session, tx: Transaction, key: bytes, address: str) -> str:
    """Return an Apprise URL: an e-mail address alone goes through the organisation's server."""
    if "://" in address:
        return address
    service = members.by_handle(tx, session.organization_id, SERVICE_HANDLE)
    rows = [] if service is None else channels.of_member(tx, session.organization_id, service.id)
    for row in rows:
        server = open_value(
            row.sealed,
            key,
            organization_id=session.organization_id,
            owner_id=row.member_id,
            purpose=_purpose(row.id),
        ).decode()
        if urlsplit(server).scheme in _MAIL:
            return _addressed(server, address)
    raise InvalidInput(
        _("An e-mail address alone needs the organisation's own mail server."),
        _("Add that first with assign member notify service, or give a whole Apprise address."),
        code="mail_server_missing",
    )


def _addressed(server: str, recipient: str) -> str:
    name, _at, host = recipient.partition("@")
    if not name or not host or any(sign in recipient for sign in ",; \t") or "@" in host:
        raise _invalid()
    parts = urlsplit(server)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "to"]
    query.append(("to", recipient))
    said = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    return urlunsplit(parts._replace(path="", query=said))


def _kind(notifier: Notifier, address: str) -> str:
    try:
        return notifier.kind_of(address)
    except InvalidInput:
        return UNUSABLE


def _organization_key(session: Session, tx: Transaction) -> bytes:
    held = organization_keys.held(session, tx, ADDRESSES)
    if held is None:
        raise _no_key()
    return held[0]


def _no_key() -> AssignError:
    return IdentityUnavailable(
        _("The organisation's key is not sealed to you, so no address can be opened."),
        _("Ask a coordinator or an administrator."),
        code="organization_key_missing",
    )


def _purpose(channel_id: UUID) -> str:
    return f"notification-channel/{channel_id}"


def _invalid() -> InvalidInput:
    return InvalidInput(
        _("No notification can be sent to this address."),
        _("Give an Apprise address, such as mailtos://..., or an e-mail address."),
        code="channel_invalid",
    )
