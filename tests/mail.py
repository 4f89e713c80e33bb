"""Servers that receive notifications: SMTP, a webhook, MQTT, and some that misbehave.

Each is real, on 127.0.0.1 and a port of its own, lives as long as its `with` block, and can be
reached from other processes. What it received is read here, in the process that started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import logging
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest

HOST = "127.0.0.1"
SENDER = "varsel@example.org"
ADDRESSEE = "mentor@example.org"


def wait_until(reached: Callable[[], object], seconds: float = 5) -> None:
    """Wait for something that another thread or process does."""
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


# SMTP


@dataclass(frozen=True)
class Mail:
    """One accepted e-mail: parsed, as it came over the wire, and for whom."""

    message: EmailMessage
    raw: bytes
    sender: str
    recipients: list[str]
    greeting: str

    @property
    def body(self) -> str:
        return str(self.message.get_content())


@dataclass
class SmtpServer:
    """An SMTP server that takes everything, unless told otherwise."""

    port: int = 0
    messages: list[Mail] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    """What to answer instead: by "EHLO", "MAIL", "RCPT" or "DATA" (after the text)."""
    silent_after_data: bool = False
    """Take the text, keep it, and never answer."""
    hangs_up_after_data: bool = False
    """Take the text, keep it, and close the connection instead of saying so."""

    def address(self, to: str = ADDRESSEE, *, login: str = "") -> str:
        """Return the channel's address; `login` is `user:password`."""
        at = "@" if login else ""
        return f"mailto://{login}{at}{HOST}:{self.port}?from={SENDER}&to={to}"

    async def handle_EHLO(  # noqa: N802 - the name aiosmtpd calls
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        if "EHLO" in self.replies:
            return [self.replies["EHLO"]]
        session.host_name = hostname
        return responses

    async def handle_HELO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, hostname: str
    ) -> str:
        session.host_name = hostname
        return self.replies.get("EHLO", "250 mail.test")

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, sender: str, options: list[str]
    ) -> str:
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from, envelope.mail_options = sender, options
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, recipient: str, _options: list[str]
    ) -> str:
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(recipient)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" in self.replies:
            return self.replies["DATA"]
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(
            Mail(
                message=cast("EmailMessage", parsed),
                raw=envelope.content,
                sender=envelope.mail_from,
                recipients=list(envelope.rcpt_tos),
                greeting=session.host_name,
            )
        )
        if self.silent_after_data:
            await asyncio.sleep(3600)
        if self.hangs_up_after_data:
            server.transport.abort()
        return "250 OK"


@contextlib.contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    """Run an SMTP server."""
    smtp = pytest.importorskip("aiosmtpd.smtp")
    served = SmtpServer()
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # what the server itself would say

    def let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
        served.logins.append((data.login.decode(), data.password.decode()))
        return smtp.AuthResult(success=True)

    def connection() -> asyncio.Protocol:
        return cast(
            "asyncio.Protocol",
            smtp.SMTP(
                served,
                hostname="mail.test",
                loop=loop,
                authenticator=let_in,
                auth_require_tls=False,
            ),
        )

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(connection, HOST, 0))
    served.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # the connections that were cancelled are closed


# A webhook


@dataclass(frozen=True)
class Request:
    """One HTTP request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Webhook:
    """An HTTP server that keeps each request and answers `status`."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    status: int = 200
    location: str = ""
    """Where a redirecting status points."""

    @property
    def address(self) -> str:
        """Return the channel's address."""
        return f"json://{HOST}:{self.port}/hook"


@contextlib.contextmanager
def webhook() -> Iterator[Webhook]:
    """Run an HTTP server."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def _keep(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hook.requests.append(Request(self.command, self.path, dict(self.headers), body))
            self.send_response(hook.status)
            if hook.location:
                self.send_header("Location", hook.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = _keep  # noqa: N815 - the names http.server calls

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


# MQTT


@dataclass
class Broker:
    """An MQTT broker, and what was published to any topic."""

    port: int
    messages: list[tuple[str, bytes]] = field(default_factory=list)

    def address(self, topic: str = "mentor") -> str:
        """Return the channel's address."""
        return f"mqtt://{HOST}:{self.port}/{topic}"


def mosquitto() -> str | None:
    """Return where the broker's program is, if it is installed."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def mqtt_broker() -> Iterator[Broker]:
    """Run mosquitto and listen to everything; skips where it is not installed."""
    mqtt = pytest.importorskip("paho.mqtt.client")
    program = mosquitto()
    if program is None:
        pytest.skip("mosquitto is not installed")
    with TemporaryDirectory() as folder:
        broker = Broker(_free_port())
        config = Path(folder, "mosquitto.conf")
        config.write_text(
            f"listener {broker.port} {HOST}\nallow_anonymous true\npersistence false\n",
            encoding="utf-8",
        )
        Path(folder).chmod(0o755)
        command = [program, "-c", str(config)]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running:
            try:
                wait_until(lambda: _listens(broker.port))
                with _listening(mqtt, broker):
                    yield broker
            finally:
                running.terminate()


@contextlib.contextmanager
def _listening(mqtt: Any, broker: Broker) -> Iterator[None]:
    subscribed = threading.Event()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = lambda client, *_rest: client.subscribe("#", qos=1)
    client.on_subscribe = lambda *_rest: subscribed.set()
    client.on_message = lambda _client, _data, message: broker.messages.append(
        (message.topic, message.payload)
    )
    client.connect(HOST, broker.port)
    client.loop_start()
    try:
        assert subscribed.wait(5), "the broker does not answer"
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


# Those that misbehave


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Hold a port at which every connection is refused."""
    with socket.socket() as held:
        held.bind((HOST, 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def deaf_server() -> Iterator[int]:
    """Accept connections, and never say a word; yields the port."""
    with _accepting(lambda _connection: None) as port:
        yield port


@contextlib.contextmanager
def slamming_server() -> Iterator[int]:
    """Accept connections, and close them at once; yields the port."""
    with _accepting(lambda connection: connection.close()) as port:
        yield port


@contextlib.contextmanager
def _accepting(treat: Callable[[socket.socket], None]) -> Iterator[int]:
    taken: list[socket.socket] = []
    with socket.create_server((HOST, 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(server.accept()[0])
                    treat(taken[-1])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)  # wakes the one who waits in accept
            thread.join(5)
            for connection in taken:
                connection.close()
