"""The byte streams to a server: a Unix socket, or the standard input and output of `ssh`.

They carry bytes and know nothing of messages. Needs no module that only POSIX has: Windows has the
stream through `ssh`.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Final, Protocol

from assigncli.client.unreachable import unreachable
from assigncli.errors import StoreUnavailable
from assigncli.server_address import SshServer, UnixServer, written

REMOTE_COMMAND: Final = ("assign", "relay")
"""What is asked of sshd; the forced command of the member's key replaces it."""

_SSH_OPTIONS: Final = (
    # No terminal, and nothing of this machine is lent to the server: no agent, display or port.
    *("-T", "-a", "-x", "-e", "none", "-o", "ClearAllForwardings=yes"),
    # A command of the person's own settings for this host would contradict ours.
    *("-o", "RemoteCommand=none"),
    # A network that is gone is noticed after 45 s.
    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"),
)
_CONNECTION_FAILED: Final = 255
_NO_COMMAND: Final = 127
_RELAY_FAILED: Final = 7
_WHY: Final = {_CONNECTION_FAILED: "ssh", _NO_COMMAND: "no_command", _RELAY_FAILED: "relay"}
_SECONDS_TO_END: Final = 2


class ByteStream(Protocol):
    """An open stream of bytes. `cut` may be called from another thread; it ends a waiting call."""

    def send(self, data: bytes) -> None:
        """Write all of it; raise OSError where some of it could not be written."""

    def receive(self, size: int) -> bytes:
        """Return up to `size` bytes as soon as there are some, empty at the end; or OSError."""

    def is_over(self) -> bool:
        """Say whether it can carry no further message; asked between two, without waiting.

        A server says nothing then, but that it ends the stream.
        """

    def why_over(self) -> str | None:
        """Return which sentence of `server_unreachable` says why it ended."""

    def cut(self) -> None:
        """End it at once, for both sides."""

    def close(self) -> None:
        """End it and release what it holds."""


class SocketStream:
    """A connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        """Take the socket, which waits without a limit."""
        self._socket = connected

    def send(self, data: bytes) -> None:
        """Write all of it."""
        self._socket.sendall(data)

    def receive(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        return self._socket.recv(size)

    def is_over(self) -> bool:
        """Say whether anything has come, be it a refusal or the end."""
        try:
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def why_over(self) -> None:
        """Return None: a socket gives no reason."""

    def cut(self) -> None:
        """Shut it down."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def connect(server: UnixServer, seconds: float) -> SocketStream:
    """Connect to the server's socket.

    Raises StoreUnavailable `server_unreachable`, or `store_busy` where for so many seconds the
    server takes no more connections.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise unreachable(written(server), "no_sockets")
    connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _limit_sending(connecting, seconds)  # a timeout of Python's would not wait in the queue
        connecting.connect(str(server.path))
        _limit_sending(connecting, 0)
    except BaseException as problem:
        connecting.close()
        if isinstance(problem, BlockingIOError):
            raise StoreUnavailable("store_busy", "server") from None
        if isinstance(problem, OSError):
            raise unreachable(written(server), _why_not(problem)) from None
        raise
    return SocketStream(connecting)


class SshStream:
    """A running `ssh`; what it says on standard error is the person's to read."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Take a process that was started with pipes."""
        assert process.stdin is not None  # noqa: S101 - for types
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._in: IO[bytes] = process.stdin
        self._out: IO[bytes] = process.stdout

    def send(self, data: bytes) -> None:
        """Write all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._in.fileno(), rest) :]

    def receive(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        return os.read(self._out.fileno(), size)

    def is_over(self) -> bool:
        """Say whether anything has come, or `ssh` has ended, as it does with the stream."""
        if self._process.poll() is not None:
            return True
        try:
            return bool(select.select([self._out], [], [], 0)[0])
        except (OSError, ValueError):  # Windows cannot ask this of a pipe
            return False

    def why_over(self) -> str | None:
        """Return what its exit code says, once it has ended."""
        with suppress(subprocess.TimeoutExpired):
            return _WHY.get(self._process.wait(_SECONDS_TO_END))
        return None

    def cut(self) -> None:
        """Kill `ssh`, which ends what waits for it."""
        with suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End `ssh`: it leaves when its input ends, and is killed if it does not."""
        for pipe in (self._in, self._out):
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.cut()
            self._process.wait()


def start_ssh(
    server: SshServer, environ: Mapping[str, str], *, is_shared: bool = False
) -> SshStream:
    """Start the person's own OpenSSH; raises StoreUnavailable `ssh_missing`.

    Where several commands share it, the Ctrl-C that ends one of them does not reach it.
    """
    program = _found("ssh", environ)
    if program is None:
        raise StoreUnavailable("ssh_missing")
    try:
        with _interrupts_ignored() if is_shared else nullcontext():
            process = subprocess.Popen(  # noqa: S603 - no shell, `ssh_words` lets no option in
                [str(program), *ssh_words(server)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env=dict(environ),
            )
    except OSError:
        raise StoreUnavailable("ssh_missing") from None
    return SshStream(process)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C for a moment: a program started meanwhile does so for good, as ssh means to."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def ssh_words(server: SshServer) -> list[str]:
    """Return the arguments of `ssh`; no part of the address can be taken for an option."""
    user = () if server.user is None else ("-l", server.user)
    port = () if server.port is None else ("-p", str(server.port))
    return [*_SSH_OPTIONS, *user, *port, "--", server.host, *REMOTE_COMMAND]


def _found(name: str, environ: Mapping[str, str]) -> Path | None:
    """Return the program of that name on the path, never one in the current folder."""
    names = (f"{name}.exe", name) if os.name == "nt" else (name,)
    folders = map(Path, environ.get("PATH", os.defpath).split(os.pathsep))
    places = (folder / each for folder in folders if folder.is_absolute() for each in names)
    return next((place for place in places if os.access(place, os.X_OK)), None)


def _limit_sending(connecting: socket.socket, seconds: float) -> None:
    """Let the system give up connecting or sending after this time; 0 for never."""
    limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    connecting.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def _why_not(problem: OSError) -> str | None:
    if isinstance(problem, PermissionError):
        return "not_allowed"
    return "not_there" if isinstance(problem, (FileNotFoundError, ConnectionRefusedError)) else None
