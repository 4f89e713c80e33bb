"""How a member is reached, for who sends: their channels opened with the service's key."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.member_names import SERVICE_HANDLE
from assigncli.errors import AssignError, IdentityUnavailable
from assigncli.notify.book import Book
from assigncli.protocol.attachments import Channel
from assigncli.protocol.sealed_keys import ADDRESSES
from assigncli.server import organization_key_wraps
from assigncli.server.standing import is_active
from assigncli.server.store import channels, members
from assigncli.server.store.scheduled import NotificationChannel
from assigncli.server.turn import Turn


def addresses(turn: Turn, tx: Transaction, member_id: UUID) -> list[str | None]:
    """Return the member's channels as Apprise URLs, oldest first; None for one that is altered.

    Raises IdentityUnavailable where the organisation key is not sealed to the service.
    """
    rows = channels.of_member(tx, turn.organization_id, member_id)
    if not rows:
        return []
    key = organization_key_wraps.held(turn, tx, ADDRESSES)
    if key is None:
        raise _no_key()
    service = members.by_handle(tx, turn.organization_id, SERVICE_HANDLE)
    host = member_id if service is None else service.id
    servers = [] if service is None else channels.of_member(tx, turn.organization_id, host)
    book = Book(turn.organization_id, key[0], host, as_sealed(servers))
    return [book.opened(member_id, each) for each in as_sealed(rows)]


def have_any(turn: Turn, tx: Transaction, member_id: UUID) -> bool:
    """Say whether the member has a channel, without opening it."""
    return bool(channels.of_member(tx, turn.organization_id, member_id))


def is_reachable(turn: Turn, tx: Transaction, member_id: UUID) -> bool:
    """Say whether the member still is one: nothing is sent to who has left."""
    member = members.by_id(tx, turn.organization_id, member_id)
    return is_active(tx, member)


def as_sealed(rows: Sequence[NotificationChannel]) -> list[Channel]:
    """Return channels as they are sealed."""
    return [Channel(row.id, row.sealed) for row in rows]


def _no_key() -> AssignError:
    return IdentityUnavailable("organization_key_missing", "service")
