"""A server's end of a stream, as a test wants it to be: a real listener on a Unix socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from assigncli.protocol.greeting import Welcome
from assigncli.protocol.message import Message, MessageKind, framed
from assigncli.protocol.refusal import Refusal

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
WELCOME = framed(
    Message(MessageKind.WELCOME, (Welcome(NOW, "0.1", agreed=True).encode(),)).encode()
)
ASK = Message(MessageKind.ASK, (b'{"asked":1}', b"")).encode()
ACT = Message(MessageKind.ACT, (b'{"act":1}', bytes(64), b"{}")).encode()
OUTCOME = Message(MessageKind.OUTCOME, (b'{"act":1}', bytes(64))).encode()
EVIDENCE = Message(MessageKind.EVIDENCE, (b'{"said":"yes"}',)).encode()
REPLY = Message(MessageKind.REPLY, (b'{"done":1}',)).encode()


def refusal(code: str) -> bytes:
    return framed(Message(MessageKind.REFUSAL, (Refusal(code, NOW).encode(),)).encode())


@dataclass
class Seen:
    """What the listener received: the first message of each stream, and all requests."""

    hellos: list[bytes] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)


Behaviour = Callable[[socket.socket, Seen], None]


def message(stream: socket.socket) -> bytes:
    """Return the next message from a client; EOFError at the end."""
    size = int.from_bytes(exactly(stream, 4), "big")
    return exactly(stream, size)


def exactly(stream: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = stream.recv(size - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found


@contextmanager
def listening(path: Path, *behaviours: Behaviour) -> Iterator[Seen]:
    """Listen at `path`; the first stream meets the first behaviour, and so on, the last one all."""
    seen, held = Seen(), list[socket.socket]()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.bind(str(path))
    path.chmod(0o666)  # other accounts may connect
    bound.listen(8)

    def serve() -> None:
        with suppress(OSError):
            while True:
                stream, _address = bound.accept()
                behaviour = behaviours[min(len(held), len(behaviours) - 1)]
                held.append(stream)
                threading.Thread(target=meet, args=(behaviour, stream), daemon=True).start()

    def meet(behaviour: Behaviour, stream: socket.socket) -> None:
        with suppress(EOFError, OSError):
            behaviour(stream, seen)
        with suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        with suppress(OSError):
            bound.shutdown(socket.SHUT_RDWR)
        bound.close()
        thread.join(10)
        for stream in held:
            stream.close()


def answering(*answers: bytes, greeting: bytes = WELCOME) -> Behaviour:
    """Greet, give these bytes for one request each, and end the stream after the last."""

    def behave(stream: socket.socket, seen: Seen) -> None:
        seen.hellos.append(message(stream))
        stream.sendall(greeting)
        for answer in answers:
            seen.requests.append(message(stream))
            stream.sendall(answer)

    return behave


def holding(*answers: bytes) -> Behaviour:
    """As `answering`, and hold the stream open after the last."""

    def behave(stream: socket.socket, seen: Seen) -> None:
        answering(*answers)(stream, seen)
        while True:
            seen.requests.append(message(stream))

    return behave


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
