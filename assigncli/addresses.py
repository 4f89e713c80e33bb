"""Open and seal the addresses of members' channels with the organisation's key for them.

An address is an Apprise URL, or a bare e-mail address, which is sent to through the organisation's
own mail server: a channel of its service member. Whether an address is reachable is not checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit
from uuid import UUID, uuid4

from assigncli.crypto.organization_key import open_value, seal_value
from assigncli.errors import InvalidInput, Tampered
from assigncli.protocol.attachments import Channel

MAIL: Final = ("mailto", "mailtos")
"""The URL schemes of a mail server's address."""


@dataclass(frozen=True)
class Addresses:
    """The organisation's key for addresses, with the channels of its service member."""

    organization: UUID
    key: bytes = field(repr=False)
    service: UUID
    servers: Sequence[Channel] = field(repr=False)

    def seal(self, member: UUID, address: str) -> Channel:
        """Return a new channel of a member; its sealed address is bound to that member."""
        id_ = uuid4()
        sealed = seal_value(
            self.key,
            address.encode(),
            organization_id=self.organization,
            owner_id=member,
            purpose=_purpose(id_),
        )
        return Channel(id_, sealed)

    def opened(self, member: UUID, channel: Channel) -> str | None:
        """Return a member's channel as an Apprise URL; None if it is altered or unusable."""
        try:
            return self.complete(self._open(member, channel))
        except (Tampered, InvalidInput, UnicodeDecodeError):
            return None

    def complete(self, address: str) -> str:
        """Return `address` as an Apprise URL; a bare e-mail address goes through the mail server.

        Raises InvalidInput `mail_server_missing` or `channel_invalid`, Tampered
        `organization_value_altered`.
        """
        if "://" in address:
            return address
        for channel in self.servers:
            server = self._open(self.service, channel)
            if urlsplit(server).scheme in MAIL:
                return _through(server, address)
        raise InvalidInput("mail_server_missing")

    def _open(self, member: UUID, channel: Channel) -> str:
        return open_value(
            channel.sealed,
            self.key,
            organization_id=self.organization,
            owner_id=member,
            purpose=_purpose(channel.id),
        ).decode()


def _through(server: str, recipient: str) -> str:
    name, _at, host = recipient.partition("@")
    if not name or not host or any(sign in recipient for sign in ",; \t") or "@" in host:
        raise InvalidInput("channel_invalid", "address")
    parts = urlsplit(server)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "to"]
    query.append(("to", recipient))
    said = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    return urlunsplit(parts._replace(path="", query=said))


def _purpose(channel_id: UUID) -> str:
    return f"notification-channel/{channel_id}"
