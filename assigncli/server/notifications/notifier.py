"""Send one message to one channel within a time limit; the answer says only what is known.

Text, recipient and time are decided elsewhere; nothing is kept, and nothing is retried.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from assigncli.addresses import MAIL
from assigncli.domain.notification import NotificationText, SendOutcome
from assigncli.errors import InvalidInput
from assigncli.server.notifications.apprise_plugins import (
    HOSTED,
    KINDS,
    MQTT,
    PLAIN,
    make_plugin,
    on_one_line,
    take_apart,
)


@dataclass(frozen=True)
class AppriseNotifier:
    """Sends through Apprise, to the services in `KINDS`.

    `seconds` limits one message from the first contact to the answer; the first import of Apprise
    is not counted. If the time is up before the message was handed over, it never is (UNREACHABLE);
    afterwards nobody can tell (UNKNOWN). UNREACHABLE also covers a name that does not resolve, a
    refused or silent connection, and for e-mail everything up to DATA: a greeting, login, sender or
    recipient refused, temporarily or permanently, and a certificate that does not match. Any other
    result that is not a plain success is UNKNOWN: Apprise answers False also for a message that
    arrived late.
    """

    seconds: float = 10.0

    def kind_of(self, address: str) -> str:
        """Return the kind of channel, in English; `Email` is in the catalogues."""
        parts = take_apart(address)
        make_plugin(parts, sender="", seconds=self.seconds)
        return KINDS[parts["schema"]]

    def send(self, address: str, text: NotificationText) -> SendOutcome:
        """Try once to deliver `text`."""
        try:
            parts = take_apart(address)
        except InvalidInput as refused:
            if refused.code == "channel_not_installed":
                return SendOutcome.UNREACHABLE  # another machine may be able to send it
            return SendOutcome.MALFORMED
        return _within(self.seconds, lambda claim: _deliver(parts, text, self.seconds, claim))


def _within(seconds: float, deliver: Callable[[threading.Lock], SendOutcome]) -> SendOutcome:
    """Run `deliver` in a thread of its own, and wait at most `seconds`.

    Whoever takes the lock first decides: the thread takes it before handing the message over, and
    does not hand it over if this function has taken it.
    """
    claim = threading.Lock()
    answers: queue.SimpleQueue[SendOutcome] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(deliver(claim))
        except Exception:  # stopped here, since its text may contain the address
            answers.put(SendOutcome.UNKNOWN if claim.locked() else SendOutcome.UNREACHABLE)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return SendOutcome.UNREACHABLE if claim.acquire(blocking=False) else SendOutcome.UNKNOWN


def _deliver(
    parts: dict[str, Any], text: NotificationText, seconds: float, claim: threading.Lock
) -> SendOutcome:
    """Deliver, with no single wait over `seconds`: the thread ends soon after the time limit."""
    schema = parts["schema"]
    try:
        plugin = make_plugin(parts, sender=text.sender, seconds=seconds)
    except InvalidInput:
        return SendOutcome.MALFORMED
    if schema in MAIL:
        from assigncli.server.notifications.mail_server import send_mail

        return send_mail(plugin, text, seconds, claim)
    if not _reachable(_door(schema, plugin), seconds) or not claim.acquire(blocking=False):
        return SendOutcome.UNREACHABLE
    accepted = plugin.notify(title=on_one_line(text.subject), body=text.body, body_format=PLAIN)
    return SendOutcome.SENT if accepted is True else SendOutcome.UNKNOWN


def _door(schema: str, plugin: Any) -> tuple[str, int] | None:
    """Return the host and port to which the plugin would connect, or None if unknown."""
    from urllib.request import getproxies

    if schema not in MQTT and getproxies():
        return None  # it connects to the proxy, and the proxy to the service
    if schema in HOSTED or getattr(plugin, "mode", None) == "cloud":
        host = urlsplit(getattr(plugin, "notify_url", "")).hostname
        return (host, 443) if host and "{" not in host else None
    return plugin.host.strip("[]"), plugin.port or (443 if plugin.secure else 80)


def _reachable(door: tuple[str, int] | None, seconds: float) -> bool:
    """Say whether `door` accepts a connection; True if it is unknown."""
    if door is None:
        return True
    try:
        socket.create_connection(door, timeout=seconds).close()
    except (OSError, ValueError, OverflowError):
        return False
    return True
