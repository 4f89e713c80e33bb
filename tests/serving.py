"""A server as a real process, and the smallest client that speaks to its socket."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from assigncli import kept_heads
from assigncli.client.client import Client
from assigncli.crypto.identity import Identity
from assigncli.kept_heads import Witness
from assigncli.profiles import load_profile
from assigncli.protocol.greeting import Hello, Welcome
from assigncli.protocol.message import (
    Message,
    MessageKind,
    framed,
)
from assigncli.protocol.refusal import Refusal
from tests.acting import ZONE, identity_of
from tests.office import ROOT, Office


@dataclass
class Wire:
    """One connection, frames on it; `None` is what a closed one answers."""

    connection: socket.socket

    @classmethod
    def to(cls, path: Path, *, uid: int | None = None, timeout: float = 60.0) -> Wire:
        """Connect, from this account or, for root, from another."""
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with account(uid):
            found.connect(str(path))  # waits where many connect; with a time limit it would fail
        found.settimeout(timeout)
        wire = cls(found)
        _WIRES.append(wire)
        return wire

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


_WIRES: list[Wire] = []
"""The connections of a test, closed when its server ends."""


@contextmanager
def account(uid: int | None) -> Iterator[None]:
    """Be another account inside the block: the kernel tells the server who connected."""
    if uid is None:
        yield
        return
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


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

    def wire(self, member: UUID | None = None, *, uid: int | None = None) -> Wire:
        """Connect and say hello for a member."""
        found = Wire.to(self.socket, uid=uid)
        found.hello(member)
        return found

    def person(self, handle: str) -> Client:
        """Return a member's client on a connection of its own."""
        member = load_profile(handle, self.office.env).member_id
        return person(self.office, handle, self.wire(member))

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
def serving(
    office: Office,
    more: str = "",
    *,
    until: str = "Listening at",
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = ("assigncli",),
) -> Iterator[Served]:
    """Serve the office's store from a process of its own, with nothing but `env` around it.

    `program` is the module that is run, and the words before the command's.
    """
    folder = Path(tempfile.mkdtemp(prefix="assign-socket-"))
    folder.chmod(0o755)
    path = folder / "socket"
    said = folder / "said"
    words = [sys.executable, "-m", *program, "serve", "--store", str(office.store)]
    words += ["--socket", str(path), *more.split()]
    with said.open("wb") as file:
        process = subprocess.Popen(
            words,
            env={"PYTHONPATH": str(ROOT), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    served = Served(office, path, process, said)
    try:
        served.until(until)
        yield served
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        while _WIRES:
            _WIRES.pop().close()
        shutil.rmtree(folder)


@contextmanager
def reached(
    office: Office, program: Sequence[str] = ("assigncli",), more: str = ""
) -> Iterator[Served]:
    """Serve the office, and let its profiles reach it by the socket until the block ends."""
    profiles = {path: path.read_text() for path in (office.home / "profiles").glob("*.json")}
    with serving(office, more, program=program) as served:
        for path, text in profiles.items():
            elsewhere = {"store": f"unix:{served.socket}", "vault": None}
            path.write_text(json.dumps({**json.loads(text), **elsewhere}))
        office.now = datetime.now(UTC)
        try:
            yield served
        finally:
            for path, text in profiles.items():
                path.write_text(text)


def person(office: Office, handle: str, wire: Wire, identity: Identity | None = None) -> Client:
    """Return a member's client whose connection is this wire, with keys from the test keyring."""
    profile = load_profile(handle, office.env)
    keys = identity or identity_of(office, handle)
    return connected(office, profile.member_id, keys, wire)


def connected(office: Office, member: UUID, keys: Identity, wire: Wire) -> Client:
    """Return a client with these keys; it knows the service that anne's profile knows."""
    profile = load_profile("anne", office.env)
    kept = kept_heads.load(office.home / "heads" / "anne.json", profile.organization_id)
    assert kept is not None
    assert kept.service is not None
    service = kept.service

    def connection(sent: bytes) -> bytes:
        client.now = datetime.now(UTC)
        answer = wire.say(sent)
        assert answer is not None, "the server has closed"
        return answer

    client = Client(
        address="unix:/socket",
        now=datetime.now(UTC),
        organization_id=profile.organization_id,
        member_id=member,
        root_public_key=profile.root_public_key,
        zone=ZONE,
        load_identity=lambda: keys,
        connection=connection,
        witness=Witness(service=service),
    )
    return client
