"""A hostile client of the socket, in a process of its own: `python -m tests.flood PATH KIND UID`.

It does one kind of harm from one account and prints, as JSON, how many of its connections ended and
how they ended, and how long the longest took. It knows nothing secret.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from assigncli.protocol.greeting import Hello
from assigncli.protocol.message import (
    MAX_REQUEST,
    Message,
    MessageKind,
    framed,
)
from assigncli.protocol.refusal import Refusal

PATIENCE = 35.0
"""Seconds after which a connection that is still open counts as `open`."""
HELLO = framed(Message(MessageKind.HELLO, (Hello(None).encode(),)).encode())
_START = 6
_KIND = 5


@dataclass
class Harm:
    """What becomes of each connection."""

    path: str
    ends: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    def connect(self) -> socket.socket | None:
        """Connect, or count that nobody answers."""
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            found.connect(self.path)  # with a time limit it would fail wherever the queue is full
            found.settimeout(10)
        except OSError:
            self.ends["not connected"] += 1
            found.close()
            return None
        return found

    def watch(self, open_ones: list[socket.socket], drip: bytes = b"") -> None:
        """Wait until each is closed, sending it one byte a second where `drip` is given."""
        began, latest = time.monotonic(), time.monotonic()
        said = dict.fromkeys(open_ones, b"")
        with selectors.DefaultSelector() as selector:
            for each in open_ones:
                each.setblocking(False)
                selector.register(each, selectors.EVENT_READ)
            while said and time.monotonic() - began < PATIENCE:
                for key, _events in selector.select(0.2):
                    found = key.fileobj
                    assert isinstance(found, socket.socket)
                    if not self._heard(found, said):
                        selector.unregister(found)
                        self._ended(found, said.pop(found), began)
                if drip and time.monotonic() - latest >= 1:
                    latest = time.monotonic()
                    for each in said:
                        _send(each, drip)
        for each in list(said):
            self._ended(each, b"open", began)

    @staticmethod
    def _heard(found: socket.socket, said: dict[socket.socket, bytes]) -> bool:
        try:
            piece = found.recv(65_536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        said[found] += piece
        return bool(piece)

    def _ended(self, found: socket.socket, said: bytes, began: float) -> None:
        if said == b"open":
            self.ends["open"] += 1
        else:
            self.longest = max(self.longest, time.monotonic() - began)
            self.ends[_code(said)] += 1
        found.close()


def _send(found: socket.socket, data: bytes) -> None:
    try:
        found.send(data)
    except OSError:
        return


def _code(said: bytes) -> str:
    """Return the code of the last refusal among what was answered, or `closed`."""
    code = "closed"
    while len(said) > _START:
        size = int.from_bytes(said[:4], "big")
        message, said = said[4 : 4 + size], said[4 + size :]
        if message[1:2] == bytes([MessageKind.REFUSAL]):
            code = Refusal.decode(Message.decode(message, (MessageKind.REFUSAL,)).parts[0]).code
    return code


def _opened(harm: Harm, count: int, begin: bytes) -> list[socket.socket]:
    found = []
    for _each in range(count):
        connection = harm.connect()
        if connection is not None:
            _send(connection, begin)
            found.append(connection)
    return found


def half(harm: Harm) -> None:
    """Hold 150 requests open that were sent half."""
    begin = HELLO + (MAX_REQUEST).to_bytes(4, "big") + bytes(60_000)
    harm.watch(_opened(harm, 150, begin))


def drip(harm: Harm) -> None:
    """Send 150 requests a byte a second."""
    harm.watch(_opened(harm, 150, HELLO + (1_000).to_bytes(4, "big")), drip=b"\x01")


def large(harm: Harm) -> None:
    """Announce 100 MB and send them, 20 times; and as many times without end what fits a frame."""
    for begin in (HELLO + (100_000_000).to_bytes(4, "big"), HELLO):
        for _each in range(10):
            connection = harm.connect()
            if connection is None:
                continue
            _send(connection, begin)
            _pour(connection, 100_000_000)
            harm.watch([connection])


def _pour(connection: socket.socket, size: int) -> None:
    piece = (MAX_REQUEST - 4).to_bytes(4, "big") + bytes(MAX_REQUEST - 4)
    try:
        for _each in range(size // len(piece)):
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        return


def crowd(harm: Harm) -> None:
    """Open 10,000 connections, as many as the system allows, and say nothing."""
    harm.watch(_opened(harm, 10_000, b""))


def greeted_crowd(harm: Harm) -> None:
    """Open 10,000 connections and say hello on each; then nothing."""
    harm.watch(_opened(harm, 10_000, HELLO))


def garbage(harm: Harm) -> None:
    """Send noise on 2,000 connections, before and after a hello."""
    for number in range(2_000):
        noise = os.urandom(1 + number % 300)
        begin = HELLO if number % 2 else b""
        harm.watch(_opened(harm, 1, begin + noise + b"\xff\xff\xff\xff"))


def version(harm: Harm) -> None:
    """Say hello in another version, 500 times."""
    other = bytearray(HELLO)
    other[4] = 9
    for _each in range(500):
        harm.watch(_opened(harm, 1, bytes(other)))


KINDS: dict[str, Callable[[Harm], None]] = {
    each.__name__: each for each in (half, drip, large, crowd, greeted_crowd, garbage, version)
}


def main() -> None:
    """Do one kind of harm and print what became of it."""
    path, kind, uid = sys.argv[1:]
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if int(uid) != os.geteuid():
        os.setuid(int(uid))
    harm = Harm(path)
    KINDS[kind](harm)
    said = {"ends": harm.ends, "longest": round(harm.longest, 1), "files": hard}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
