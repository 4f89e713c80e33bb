"""E-mail: Apprise composes the message, and this module delivers it.

Apprise itself has one answer both for a refused recipient and for a message that may have arrived.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import threading
from datetime import UTC
from typing import Any

from assigncli.domain.notification import NotificationText, SendOutcome
from assigncli.server.notifications.apprise_plugins import PLAIN, on_one_line

_GREETING = "[127.0.0.1]"  # our name for the mail server: reveals nothing of this machine


def send_mail(
    plugin: Any, text: NotificationText, seconds: float, claim: threading.Lock
) -> SendOutcome:
    """Deliver `text` to the plugin's server; each wait takes at most `seconds`."""
    mail = _composed(plugin, text)
    with contextlib.ExitStack() as stack:
        try:
            client = stack.enter_context(contextlib.closing(_connected(plugin, seconds)))
            stack.callback(_say_goodbye, client)
            _introduce(client, plugin)
        except Exception:  # whatever went wrong, the message was not yet offered
            return SendOutcome.UNREACHABLE
        return _hand_over(client, mail, claim)


def _composed(plugin: Any, text: NotificationText) -> str:
    """Return the message in its form on the wire, with the sender's name and no other.

    Names that the address gives to the sender or the recipient are left out.
    """
    sender, recipient = plugin.from_addr[1], plugin.targets[0][1]
    [mail] = plugin.prepare_emails(
        subject=on_one_line(text.subject),
        body=text.body,
        from_addr=(on_one_line(text.sender), sender),
        to=[(False, recipient)],
        smtp_host=sender.rpartition("@")[2],
        notify_format=PLAIN,
        headers={},
        tzinfo=UTC,
    )
    return str(mail.body)


def _connected(plugin: Any, seconds: float) -> smtplib.SMTP:
    where = {"host": plugin.smtp_host, "port": plugin.port, "local_hostname": _GREETING}
    if plugin.secure_mode == "ssl":
        return smtplib.SMTP_SSL(**where, timeout=seconds, context=ssl.create_default_context())
    return smtplib.SMTP(**where, timeout=seconds)


def _introduce(client: smtplib.SMTP, plugin: Any) -> None:
    """Introduce the sender and the recipient; raise SMTPException if the server refuses."""
    if plugin.secure_mode == "starttls":
        client.starttls(context=ssl.create_default_context())
    client.ehlo_or_helo_if_needed()
    if plugin.user and plugin.password:
        client.login(plugin.user, plugin.password)
    for code, _reply in (client.mail(plugin.from_addr[1]), client.rcpt(plugin.targets[0][1])):
        if code not in (250, 251):
            raise smtplib.SMTPResponseException(code, "")


def _hand_over(client: smtplib.SMTP, mail: str, claim: threading.Lock) -> SendOutcome:
    if not claim.acquire(blocking=False):
        return SendOutcome.UNREACHABLE
    try:
        code, _reply = client.data(mail)
    except smtplib.SMTPDataError:  # DATA itself was refused: the text was never sent
        return SendOutcome.UNREACHABLE
    except (OSError, smtplib.SMTPException):
        return SendOutcome.UNKNOWN
    return SendOutcome.SENT if code == 250 else SendOutcome.UNKNOWN  # noqa: PLR2004 - SMTP's "done"


def _say_goodbye(client: smtplib.SMTP) -> None:
    """Send QUIT without waiting for the answer: the outcome is known."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        client.putcmd("quit")
