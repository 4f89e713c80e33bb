"""`assign relay`: join standard input and output to the server's socket, for sshd.

It says for whom unsigned questions are answered, and then carries bytes. It looks into none of
them, and never at the command that the client asked for.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Final
from uuid import UUID

import typer

from assigncli.cli.frame import command
from assigncli.errors import InvalidInput, StoreUnavailable
from assigncli.locale import N_
from assigncli.protocol.greeting import Hello
from assigncli.protocol.message import Message, MessageKind, framed
from assigncli.server_address import UnixServer, written

SOCKET: Final = "/run/assign/socket"

_INPUT: Final = 0
_OUTPUT: Final = 1
_PIECE: Final = 1 << 16
_UNBLOCKED: Final = 4096
"""Bytes that a pipe takes without waiting once it takes any (PIPE_BUF)."""
_ENDED: Final = 0x08 | 0x10 | 0x20  # POLLERR, POLLHUP, POLLNVAL, which Windows does not have


@command(
    N_(
        "Join standard input and output to the server's socket. For a forced command in the file "
        "authorized_keys of the account that members reach by SSH."
    )
)
def relay(
    socket_path: Annotated[
        str,
        typer.Option("--socket", metavar=N_("PATH"), help=N_("The path of the server's socket.")),
    ] = SOCKET,
    member: Annotated[
        str | None,
        typer.Option(
            "--member",
            metavar=N_("ID"),
            help=N_("The id of the member whose lists may be read through this connection."),
        ),
    ] = None,
) -> None:
    server = UnixServer(PurePosixPath(socket_path))
    hello = Message(MessageKind.HELLO, (Hello(_id(member)).encode(),)).encode()
    with _connected(server) as connection:
        _pump(
            _Flow(_INPUT, connection.fileno(), framed(hello)),
            _Flow(connection.fileno(), _OUTPUT),
            connection,
        )


def _id(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise InvalidInput("member_id_invalid") from None


@contextmanager
def _connected(server: UnixServer) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(server.path))
        except OSError:
            raise StoreUnavailable(
                "server_unreachable", "socket", address=written(server)
            ) from None
        yield connection


@dataclass
class _Flow:
    """Bytes on their way in one direction; `is_over` once none can come or none are wanted."""

    source: int
    sink: int
    waiting: bytes = b""
    is_over: bool = False

    @property
    def is_done(self) -> bool:
        """Whether all that came has been written."""
        return self.is_over and not self.waiting

    def events(self) -> tuple[int, int]:
        """Return the descriptor that the next step waits for, and the event."""
        return (self.sink, select.POLLOUT) if self.waiting else (self.source, select.POLLIN)

    def step(self) -> None:
        """Read or write once, which does not wait after its event; an error ends the flow."""
        try:
            if self.waiting:
                self.waiting = self.waiting[os.write(self.sink, self.waiting[:_UNBLOCKED]) :]
            else:
                self.waiting = os.read(self.source, _PIECE)
                self.is_over = not self.waiting
        except OSError:
            self.waiting, self.is_over = b"", True


def _pump(to_server: _Flow, to_client: _Flow, connection: socket.socket) -> None:
    """Carry bytes both ways until the server has ended its side, or the client is gone.

    A client that has ended its own side still gets the answers to what it sent.
    """
    is_half_closed = False
    while not to_client.is_done:
        if to_server.is_done and not is_half_closed:
            is_half_closed = True
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        flows = [flow for flow in (to_server, to_client) if not flow.is_done]
        ready = _ready(flows)
        if ready.get(_OUTPUT, 0) & ~select.POLLOUT:
            return  # nobody reads what the server answers
        for flow in flows:
            descriptor, event = flow.events()
            if ready.get(descriptor, 0) & (event | _ENDED):
                flow.step()


def _ready(flows: list[_Flow]) -> dict[int, int]:
    """Wait for what the flows need next; that the client is gone is noticed in any case."""
    wanted = {_OUTPUT: 0}
    for descriptor, event in (flow.events() for flow in flows):
        wanted[descriptor] = wanted.get(descriptor, 0) | event
    poll = select.poll()
    for descriptor, events in wanted.items():
        poll.register(descriptor, events)
    return dict(poll.poll())
