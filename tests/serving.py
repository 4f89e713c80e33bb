"""A server as a real process, and the smallest client that speaks to its socket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from assigncli.client.client import Client
from assigncli.client.keys import SecretName
from assigncli.crypto.identity import Identity
from assigncli.kept_heads import KnownService, Witness
from assigncli.protocol.greeting import Hello, Welcome
from assigncli.protocol.message import (
    Message,
    MessageKind,
    framed,
)
from assigncli.protocol.refusal import Refusal
from tests.office import ROOT, Office


@dataclass
class Wire:
    """One connection, frames on it; `None` is what a closed one answers."""

    connection: socket.socket

    @classmethod
    def to(cls, path: Path, timeout: float = 60.0) -> Wire:
        """Connect."""
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(timeout)
        found.connect(str(path))
        return cls(found)

    def hello(self, member: UUID | None) -> Welcome:
        """Say hello, and return the welcome."""
        answer = self.say(Message(MessageKind.HELLO, (Hello(member).encode(),)).encode())
        assert answer is not None
        kind = Message.decode(answer, (MessageKind.WELCOME, MessageKind.REFUSAL))
        assert kind.kind is MessageKind.WELCOME, Refusal.decode(kind.parts[0])
        return Welcome.decode(kind.parts[0])

    def say(self, data: bytes) -> bytes | None:
        """Send one message and return the answer."""
        self.connection.sendall(framed(data))
        return self.read()

    def read(self) -> bytes | None:
        """Return the next message."""
        length = self._exactly(4)
        return None if length is None else self._exactly(int.from_bytes(length, "big"))

    def close(self) -> None:
        """Close."""
        self.connection.close()

    def _exactly(self, size: int) -> bytes | None:
        found = b""
        while len(found) < size:
            try:
                piece = self.connection.recv(size - len(found))
            except ConnectionResetError:
                return None
            if not piece:
                return None
            found += piece
        return found


def refusal_of(answer: bytes | None) -> str:
    """Return the code of a refusal."""
    assert answer is not None
    return Refusal.decode(Message.decode(answer, (MessageKind.REFUSAL,)).parts[0]).code


@dataclass
class Served:
    """A running `assign serve`."""

    office: Office
    socket: Path
    process: subprocess.Popen[bytes]
    said: Path
    lines: list[str] = field(default_factory=list)

    def output(self) -> str:
        """Return what it has said until now, both streams."""
        return self.said.read_text(encoding="utf-8")

    def until(self, text: str, seconds: float = 20.0) -> str:
        """Wait until it has said this, and return all it said."""
        ends = time.monotonic() + seconds
        while text not in self.output():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < ends, self.output()
            time.sleep(0.02)
        return self.output()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def peak_kilobytes(self) -> int:
        """Return the most memory it has had (VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (each for each in status.splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1])


@contextmanager
def serving(office: Office, more: str = "") -> Iterator[Served]:
    """Serve the office's store from a process of its own, with nothing in its environment."""
    folder = Path(tempfile.mkdtemp(prefix="assign-socket-"))
    folder.chmod(0o755)
    path = folder / "socket"
    said = folder / "said"
    words = [sys.executable, "-m", "assigncli", "serve", "--store", str(office.store)]
    words += ["--socket", str(path), *more.split()]
    with said.open("wb") as file:
        process = subprocess.Popen(
            words,
            env={"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    served = Served(office, path, process, said)
    try:
        served.until("Listening at")
        yield served
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Person:
    """A member of an office, with keys from the test keyring."""

    client: Client

    @property
    def member(self) -> UUID:
        """Whose keys they are."""
        return self.client.member_id


def person(office: Office, handle: str, wire: Wire) -> Person:
    """Return a member's client whose connection is this wire."""
    from assigncli.profiles import load_profile

    profile = load_profile(handle, office.env)
    name = SecretName(profile.organization_id, profile.member_id, "identity")

    def identity() -> Identity:
        from tests.office import _environment

        with _environment(office.env):
            from assigncli.client.keys import OsKeyring

            return Identity.from_bytes(OsKeyring().load(name))

    def connection(sent: bytes) -> bytes:
        client.now = datetime.now(UTC)
        answer = wire.say(sent)
        assert answer is not None, "closed"
        return answer

    def find_service() -> KnownService:
        raise AssertionError("the head of this profile names the service")

    client = Client(
        address=f"unix:{wire.connection.getpeername()}",
        now=datetime.now(UTC),
        organization_id=profile.organization_id,
        member_id=profile.member_id,
        root_public_key=profile.root_public_key,
        zone="Europe/Oslo",
        load_identity=identity,
        connection=connection,
        find_service=find_service,
        witness=_witness(office, handle, profile.organization_id),
    )
    return Person(client)


def _witness(office: Office, handle: str, organization: UUID) -> Witness:
    from assigncli import kept_heads
    from assigncli.kept_heads import seen_before

    path = office.home / "heads" / f"{handle}.json"
    found = kept_heads.load(path, organization)
    assert found is not None
    return Witness(seen_before(found), found.service, found.certificate)


def waiting_processes() -> int:
    """Return this process's own id, for messages."""
    return os.getpid()
