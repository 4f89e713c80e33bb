"""The ways by which what a hostile client sends comes to a real server: its socket, or a relay."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from assigncli.profiles import load_profile
from assigncli.protocol.message import Message, MessageKind, framed
from tests.cli.test_relay import received, relaying, send
from tests.hostile import Hostile
from tests.serving import Served, Wire


@dataclass
class Piped:
    """The relay's pipes, as sshd holds them."""

    process: subprocess.Popen[bytes]

    def say(self, data: bytes) -> bytes | None:
        """Send one message and return the answer."""
        send(self.process, framed(data))
        return self.read()

    def read(self) -> bytes | None:
        """Return the next message; `None` from a stream that has ended."""
        length = received(self.process, 4)
        return received(self.process, int.from_bytes(length, "big")) if length else None


Stream = Wire | Piped


@dataclass
class Ways:
    """The connections to a server, one for each member; `uid` is an account of this machine."""

    served: Served
    way: Literal["socket", "relay"]
    uid: int | None
    made: ExitStack
    """Ends the relays."""
    streams: dict[UUID | None, Stream]

    def stream(self, named: UUID | None) -> Stream:
        """Return a new connection for this member: from the account, or by their SSH key's line."""
        if self.way == "socket":
            wire = Wire.to(self.served.socket, uid=self.uid)
            wire.hello(named)
            return wire
        words = [] if named is None else ["--member", str(named)]
        piped = Piped(self.made.enter_context(relaying(self.served.socket, *words)))
        welcome = piped.read()
        assert welcome is not None
        Message.decode(welcome, {MessageKind.WELCOME})
        return piped

    def carried(self, sender: Hostile, message: bytes) -> bytes:
        """Bring what a hostile client sends by the connection that their member has here."""
        office = self.served.office
        named = sender.connection or load_profile(sender.profile, office.env).member_id
        if named not in self.streams:
            self.streams[named] = self.stream(named)
        answer = self.streams[named].say(message)
        assert answer is not None, "the server has closed"
        return answer
