"""What lies between a client and its server: streams are counted, and cut at will."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_LENGTH = 4


@dataclass
class Between:
    """A socket beside the server's. `loses` says of each request whether its answer is lost."""

    path: Path
    server: Path
    streams: int = 0
    loses: Callable[[bytes], bool] = lambda _request: False
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cut(self) -> None:
        """End every stream that is open, on both sides."""
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def carry(self, client: socket.socket) -> None:
        """Carry one stream, a request and its answer at a time, until it ends."""
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(str(self.server))
        with self._lock:
            self.streams += 1
            self._open |= {client, server}
        with suppress(OSError), client, server:
            while (request := _frame(client)) is not None:
                server.sendall(request)
                answer = _frame(server)
                if answer is None or self.loses(request[_LENGTH:]):
                    break
                client.sendall(answer)
        with self._lock:
            self._open -= {client, server}


@contextmanager
def between(path: Path, server: Path) -> Iterator[Between]:
    """Listen at `path`, and carry each stream to the server's socket."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen()
    made = Between(path, server)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _address = listening.accept()
                threading.Thread(target=made.carry, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield made
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        made.cut()


def _frame(source: socket.socket) -> bytes | None:
    """Return the next message with its length; None at the end of the stream."""
    length = _exactly(source, _LENGTH)
    if length is None:
        return None
    body = _exactly(source, int.from_bytes(length, "big"))
    return None if body is None else length + body


def _exactly(source: socket.socket, size: int) -> bytes | None:
    found = b""
    while len(found) < size:
        piece = source.recv(size - len(found))
        if not piece:
            return None
        found += piece
    return found
