"""Notifications: what arrives, byte for byte, and what is said when it does not."""

from __future__ import annotations

import email
import html
import json
import logging
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
import requests

from assigncli.domain.notification import NotificationText, SendOutcome
from assigncli.errors import InvalidInput
from assigncli.server.notifications.apprise_plugins import KINDS, OPTIONS
from assigncli.server.notifications.notifier import AppriseNotifier
from assigncli.words.errors import said
from tests.mail import (
    ADDRESSEE,
    HOST,
    SENDER,
    SmtpServer,
    Webhook,
    closed_port,
    deaf_server,
    mqtt_broker,
    slamming_server,
    wait_until,
    webhook,
)
from tests.quick import all_in_one, only

SUBJECT = r"Oppdrag 412: <b>Vær</b> & *så* [god], 100 % _snill_ $HOME \n `x` {y} &amp; :smile: æøå"
BODY = (
    "Du har fått et oppdrag: Besøk på Ås <i>&amp; *snarest* [nå] 100% $HOME \\n {x} :smile:\n"
    ".en linje med punktum først\n"
    "..og to\n"
    "# assign open 412\n"
    "From: ingen\n"
    "\n"
    "Vennlig hilsen"
)
MESSAGE = NotificationText(sender="Likepersonkontoret på Ås", subject=SUBJECT, body=BODY)
TOKEN = "s3kr3t-t0ken"

NOTIFIER = AppriseNotifier(seconds=8)


# E-mail


def test_an_email_arrives_as_it_was_written(server: SmtpServer) -> None:
    assert NOTIFIER.send(server.address(), MESSAGE) is SendOutcome.SENT
    [mail] = server.messages
    assert mail.message["Subject"] == SUBJECT
    assert mail.body.replace("\r\n", "\n").removesuffix("\n") == BODY
    assert (mail.sender, mail.recipients) == (SENDER, [ADDRESSEE])


def test_an_email_has_these_headers_and_no_others(server: SmtpServer) -> None:
    NOTIFIER.send(server.address(), MESSAGE)
    [mail] = server.messages
    headers = dict(mail.message.items())
    assert headers.pop("Message-ID").endswith("@example.org>")
    assert headers.pop("Date").endswith("+0000")
    assert headers == {
        "Content-Type": 'text/plain; charset="utf-8"',
        "MIME-Version": "1.0",
        "Content-Transfer-Encoding": "quoted-printable",
        "Subject": SUBJECT,
        "From": f"{MESSAGE.sender} <{SENDER}>",
        "To": ADDRESSEE,
    }
    assert b"pprise" not in mail.raw
    assert mail.greeting == "[127.0.0.1]"


def test_a_plain_subject_stands_as_it_is_on_the_wire(server: SmtpServer) -> None:
    message = NotificationText(sender="Kontoret", subject="Assignment 412: <b> & *visit*", body=".")
    assert NOTIFIER.send(server.address(), message) is SendOutcome.SENT
    assert b"\r\nSubject: Assignment 412: <b> & *visit*\r\n" in server.messages[0].raw
    assert server.messages[0].body.rstrip("\r\n") == "."


def test_a_line_break_adds_no_header(server: SmtpServer) -> None:
    broken = NotificationText(
        sender="Kontoret\nBcc: a@b.no", subject="a\r\nBcc: x@y.no\u2028b", body="x"
    )
    assert NOTIFIER.send(server.address(), broken) is SendOutcome.SENT
    [mail] = server.messages
    assert mail.message["Bcc"] is None
    assert mail.message["Subject"] == "a Bcc: x@y.no b"
    assert mail.recipients == [ADDRESSEE]


def test_names_in_the_address_reach_nobody(server: SmtpServer) -> None:
    address = f"mailto://{HOST}:{server.port}?from=Kari<{SENDER}>&to=Ola<{ADDRESSEE}>"
    assert NOTIFIER.send(address, MESSAGE) is SendOutcome.SENT
    raw = server.messages[0].raw
    assert b"Kari" not in raw
    assert b"Ola" not in raw


def test_it_logs_in_where_the_address_says_so(server: SmtpServer) -> None:
    assert NOTIFIER.send(server.address(login=f"kari:{TOKEN}"), MESSAGE) is SendOutcome.SENT
    assert server.logins == [("kari", TOKEN)]


def test_many_messages_in_a_row_do_not_wait(server: SmtpServer, hook: Webhook) -> None:
    NOTIFIER.kind_of(hook.address)  # Apprise is loaded
    began = time.monotonic()
    for _turn in range(4):
        assert NOTIFIER.send(server.address(), MESSAGE) is SendOutcome.SENT
        assert NOTIFIER.send(hook.address, MESSAGE) is SendOutcome.SENT
    assert time.monotonic() - began < 3
    assert len(server.messages) == len(hook.requests) == 4


@pytest.mark.parametrize("reply", ["421 4.3.2 Later", "450 4.2.0 Later", "550 5.1.1 Nobody"])
@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT"])
def test_a_refusal_before_the_text_means_it_was_not_accepted(
    server: SmtpServer, command: str, reply: str
) -> None:
    server.replies[command] = reply
    assert NOTIFIER.send(server.address(), MESSAGE) is SendOutcome.UNREACHABLE
    server.replies.clear()
    assert NOTIFIER.send(server.address(), MESSAGE) is SendOutcome.SENT
    assert len(server.messages) == 1


@pytest.mark.parametrize("reply", ["451 4.3.0 Later", "554 5.7.1 Spam"])
def test_a_refusal_after_the_text_is_unknown(server: SmtpServer, reply: str) -> None:
    server.replies["DATA"] = reply
    assert NOTIFIER.send(server.address(), MESSAGE) is SendOutcome.UNKNOWN


@pytest.mark.slow
def test_no_answer_after_the_text_is_unknown_within_the_bound(server: SmtpServer) -> None:
    NOTIFIER.kind_of(server.address())
    server.silent_after_data = True
    began = time.monotonic()
    assert AppriseNotifier(seconds=1.5).send(server.address(), MESSAGE) is SendOutcome.UNKNOWN
    assert time.monotonic() - began < 3
    assert len(server.messages) == 1  # it did arrive


def test_a_server_without_tls_is_given_nothing(server: SmtpServer) -> None:
    """A channel that promises TLS gets it, or nothing is sent, the password least of all."""
    plain = server.address(login=f"kari:{TOKEN}")
    for mode in ("starttls", "ssl"):
        address = f"{plain.replace('mailto:', 'mailtos:')}&mode={mode}"
        assert AppriseNotifier(seconds=2).send(address, MESSAGE) is SendOutcome.UNREACHABLE
    assert server.messages == server.logins == []


# Webhooks and MQTT


def test_a_webhook_gets_the_text_and_the_sender(hook: Webhook) -> None:
    assert NOTIFIER.send(hook.address, MESSAGE) is SendOutcome.SENT
    [request] = hook.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert json.loads(request.body) == {
        "version": "1.0",
        "title": SUBJECT,
        "message": BODY,
        "attachments": [],
        "type": "info",
    }
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers.pop("content-length") == str(len(request.body))
    assert headers == {
        "host": f"{HOST}:{hook.port}",
        "user-agent": "Likepersonkontoret pa As",
        "content-type": "application/json",
        "accept": "*/*",
        "accept-encoding": headers["accept-encoding"],
        "connection": "keep-alive",
    }


def test_a_form_gets_the_text(hook: Webhook) -> None:
    assert NOTIFIER.send(hook.address.replace("json", "form"), MESSAGE) is SendOutcome.SENT
    form = parse_qs(hook.requests[0].body.decode(), strict_parsing=True)
    assert form == {"version": ["1.0"], "title": [SUBJECT], "message": [BODY], "type": ["info"]}


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_whatever_a_webhook_answers_but_success_is_unknown(hook: Webhook, status: int) -> None:
    hook.status, hook.location = status, "/elsewhere"
    assert NOTIFIER.send(hook.address, MESSAGE) is SendOutcome.UNKNOWN
    assert [request.path for request in hook.requests] == ["/hook"]  # no redirect is followed


def test_an_mqtt_topic_gets_the_text() -> None:
    with mqtt_broker() as broker:
        assert NOTIFIER.send(broker.address("ola/varsel"), MESSAGE) is SendOutcome.SENT
        wait_until(lambda: broker.messages)
        assert broker.messages == [("ola/varsel", f"{SUBJECT}\r\n{BODY}".encode())]


def test_mqtt_that_is_not_installed_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"mqtt://{HOST}/{TOKEN}"
    assert NOTIFIER.kind_of(address) == "MQTT"
    monkeypatch.setitem(sys.modules, "paho", None)  # as if it were not there
    with pytest.raises(InvalidInput) as caught:
        NOTIFIER.kind_of(address)
    assert caught.value.code == "channel_not_installed"
    assert "assigncli[mqtt]" in said(caught.value)[1]
    assert TOKEN not in " ".join(said(caught.value))
    assert NOTIFIER.send(address, MESSAGE) is SendOutcome.UNREACHABLE  # another machine may send it
    assert NOTIFIER.kind_of("json://host/path") == "JSON"


SERVICES = {
    "json": "json://host/path",
    "xml": "xml://host/path",
    "form": "form://host/path",
    "ntfy": "ntfys://host/topic",
    "gotify": "gotifys://host/AToken12345678x",
    "signal": "signals://host/4740000001/4740000002",
    "ncloud": "nclouds://user:pass@host/kari",
    "nctalk": "nctalks://user:pass@host/RoomId",
    "mmost": "mmosts://host/3ccdd113474722377935511fc85d3dd4",
    "hassio": f"hassios://host/{'longlivedtoken0' * 4}",
    "slack": "slack://xoxb-1234-1234-abc124/#channel",
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "pover": f"pover://{'u' * 30}@{'a' * 30}",
    "pbul": f"pbul://{'a' * 32}",
    "threema": "threema://*THEGWID@secret/4740000001",
    "twilio": f"twilio://AC{'3' * 32}:{'e' * 32}@15555555555/4740000001",
    "sinch": f"sinch://{'a' * 32}:{'b' * 32}@15555555555/4740000001",
    "msgbird": f"msgbird://{'a' * 25}/4740000001/4740000002",
    "vonage": "vonage://AC735307c6:e29dfbcebf390dee9@15555555555/4740000001",
    "46elks": "46elks://user:pass@4740000001/4740000002",
}


@pytest.mark.parametrize("schema", SERVICES)
def test_every_other_service_is_handed_the_text_as_it_is(
    schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server is there: what Apprise would ask of it is looked at."""
    asked: list[str] = []

    def request(_self: object, method: str, url: str, **given: object) -> requests.Response:
        asked.append(f"{method} {_readable(given)}")
        answer = requests.Response()
        answer.status_code, answer.url, answer._content = 200, url, b'{"ok": true}'
        return answer

    monkeypatch.setattr(requests.Session, "request", request)
    monkeypatch.setattr("assigncli.server.notifications.notifier._reachable", lambda *_given: True)
    assert NOTIFIER.send(SERVICES[schema], MESSAGE) is SendOutcome.SENT
    said = asked[-1]
    if schema in ("xml", "slack"):
        said = html.unescape(said)  # both are written with entities, and read without
    if schema == "discord":
        said = said.replace(r"\:smile:", ":smile:")  # or it would become a picture
    for text in (SUBJECT, *BODY.splitlines()):
        assert text in said
    assert schema == "xml" or "pprise" not in asked[-1]  # XML names its schema's home


def _readable(given: dict[str, object]) -> str:
    """Return what a request holds, with its JSON and bytes undone."""
    found = [given.get("params"), given.get("headers"), given.get("data"), given.get("json")]
    texts = []
    for each in found:
        plain = json.loads(each) if isinstance(each, str) and each[:1] == "{" else each
        texts += _texts(plain)
    return "\n".join(texts)


def _texts(each: object) -> list[str]:
    if isinstance(each, dict):
        return [text for value in each.values() for text in _texts(value)]
    if isinstance(each, list | tuple):
        return [text for value in each for text in _texts(value)]
    return [each.decode() if isinstance(each, bytes) else str(each)]


def test_every_service_is_tried() -> None:
    assert set(KINDS.values()) == {KINDS[schema] for schema in (*SERVICES, "mailto", "mqtt")}


# Those that cannot be reached


@pytest.mark.parametrize("schema", ["mailto", "json", "mqtt", "ntfy", "gotify"])
def test_a_closed_port_is_unreachable(schema: str) -> None:
    with closed_port() as port:
        address = f"{schema}://{HOST}:{port}/AToken12345678x?from={SENDER}"
        if schema == "mailto":
            address = f"mailto://{HOST}:{port}?from={SENDER}&to={ADDRESSEE}"
        assert NOTIFIER.send(address, MESSAGE) is SendOutcome.UNREACHABLE


@pytest.mark.parametrize("schema", ["mailto", "json", "mqtt"])
def test_a_name_that_does_not_resolve_is_unreachable(schema: str) -> None:
    address = f"{schema}://nowhere.invalid/topic"
    if schema == "mailto":
        address = f"mailto://nowhere.invalid?from={SENDER}&to={ADDRESSEE}"
    assert NOTIFIER.send(address, MESSAGE) is SendOutcome.UNREACHABLE


def test_a_token_is_never_looked_up_as_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def connect(where: tuple[str, int], **_given: object) -> None:
        asked.append(where)
        raise OSError

    monkeypatch.setattr("socket.create_connection", connect)
    assert NOTIFIER.send(SERVICES["pover"], MESSAGE) is SendOutcome.UNREACHABLE
    assert asked == [("api.pushover.net", 443)]


def test_behind_a_proxy_nothing_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as proxy:
        monkeypatch.setenv("http_proxy", f"http://{HOST}:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert NOTIFIER.send("json://hook.invalid/x", MESSAGE) is SendOutcome.SENT
        assert [request.path for request in proxy.requests] == ["http://hook.invalid/x"]


@pytest.mark.parametrize(
    ("schema", "outcome"),
    only(
        "json",
        of=[
            ("mailto", SendOutcome.UNREACHABLE),
            ("json", SendOutcome.UNKNOWN),
            ("mqtt", SendOutcome.UNKNOWN),
        ],
    ),
)
def test_a_server_that_hangs_up(schema: str, outcome: SendOutcome) -> None:
    """E-mail knows that it had offered nothing yet; the others cannot tell."""
    with slamming_server() as port:
        assert AppriseNotifier(seconds=1.5).send(_at(schema, port), MESSAGE) is outcome


@pytest.mark.parametrize(
    ("schema", "outcome"),
    only(
        "json",
        of=[
            ("mailto", SendOutcome.UNREACHABLE),
            ("json", SendOutcome.UNKNOWN),
            ("mqtt", SendOutcome.UNKNOWN),
        ],
    ),
)
def test_a_server_that_says_nothing(schema: str, outcome: SendOutcome) -> None:
    with deaf_server() as port:
        NOTIFIER.kind_of(_at(schema, port))
        began = time.monotonic()
        assert AppriseNotifier(seconds=1).send(_at(schema, port), MESSAGE) is outcome
        assert time.monotonic() - began < 2.5


def _at(schema: str, port: int) -> str:
    options = f"?from={SENDER}&to={ADDRESSEE}" if schema == "mailto" else "topic"
    return f"{schema}://{HOST}:{port}/{options}"


def test_what_is_given_up_before_it_is_handed_over_is_not_sent_later(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow server: when the time is up, the thread that wakes later hands over nothing."""
    rcpt = smtplib.SMTP.rcpt
    woke: list[object] = []

    def slow(client: smtplib.SMTP, recipient: str) -> tuple[int, bytes]:
        time.sleep(0.5)
        woke.append(client)
        return rcpt(client, recipient)

    NOTIFIER.kind_of(server.address())
    monkeypatch.setattr(smtplib.SMTP, "rcpt", slow)
    assert AppriseNotifier(seconds=0.3).send(server.address(), MESSAGE) is SendOutcome.UNREACHABLE
    wait_until(lambda: woke)
    time.sleep(0.2)
    assert server.messages == []


# Addresses that are refused

MALFORMED = [
    "",
    "ola@example.org",
    "mailto://",
    "mailto:ola@example.org",
    f"mailto://{HOST}?from=nobody&to={TOKEN}",
    f"mailto://{HOST}?from={SENDER}&to=a@example.org,b@example.org",
    f"mailto://{HOST}/a@example.org/b@example.org?from={SENDER}",
    f"mailtos://{HOST}?from={SENDER}&to={ADDRESSEE}&mode=insecure",
    f"json://{HOST}:99999999999/{TOKEN}\x00://",
    f"mqtt://{HOST}/",
    f"mqtt://{HOST}/a,b",
    f"://{TOKEN}",
    f"unheardof://{TOKEN}",
    f"https://example.org/{TOKEN}",
]
_LOCAL = (
    "dbus kde qt glib gio gnome macosx windows syslog rsyslog blink1 growl smpp xmpp vapid fcm "
    "apprise tgram workflows gchat wxteams rocket matrix irc amqp file config"
)
_FORBIDDEN = (
    "verify=no verify template=/etc/passwd pgp=yes pgppub=/etc/passwd pgpprv=/etc/passwd wkd=yes "
    "inline=yes format=html format=markdown overflow=split emojis=yes retry=3 optional=yes "
    "redirect=yes cc=a@b.no bcc=a@b.no reply=a@b.no name=Kari rto=99 cto=99 tz=UTC store=yes "
    "attach=/etc/passwd VERIFY=no %76erify=no +X-Head=1 %2BX-Head=1 -x=1 :message= tag=x"
)
LOCAL, FORBIDDEN = _LOCAL.split(), _FORBIDDEN.split()


@all_in_one("address", [*MALFORMED, *(f"{schema}://{TOKEN}/x" for schema in LOCAL)])
def test_an_address_that_cannot_be_used(address: str) -> None:
    _refused(address)


@all_in_one("option", FORBIDDEN)
def test_an_option_that_is_not_allowed(option: str) -> None:
    _refused(f"mailto://{HOST}?from={SENDER}&to={ADDRESSEE}&{option}")


@pytest.mark.parametrize(
    "option", ["method=GET", "verify=no", ":title=x", "attach-as=file", "format=html"]
)
def test_an_option_that_a_webhook_may_not_have(option: str) -> None:
    _refused(f"jsons://{HOST}/{TOKEN}?{option}")


def test_a_copied_web_address_has_no_more_options_than_others() -> None:
    hook = f"https://discord.com/api/webhooks/4174216298/{'J' * 28}"
    assert NOTIFIER.kind_of(hook) == "Discord"
    _refused(f"{hook}?template=/etc/passwd")


def _refused(address: str) -> None:
    assert NOTIFIER.send(address, MESSAGE) is SendOutcome.MALFORMED
    with pytest.raises(InvalidInput) as refusal:
        NOTIFIER.kind_of(address)
    assert refusal.value.code == "channel_invalid"
    told = " ".join(said(refusal.value))
    assert TOKEN not in told
    assert HOST not in told
    assert refusal.value.__context__ is None


def test_a_webhook_may_have_the_headers_that_say_who_asks(hook: Webhook) -> None:
    address = f"{hook.address}?+X-Key={TOKEN}&-site=3"
    assert NOTIFIER.send(address, MESSAGE) is SendOutcome.SENT
    assert hook.requests[0].headers["X-Key"] == TOKEN
    assert hook.requests[0].path == "/hook?site=3"


@all_in_one("schema", SERVICES)
def test_a_kind_is_a_word_for_people(schema: str) -> None:
    assert NOTIFIER.kind_of(SERVICES[schema]) == KINDS[schema]
    assert NOTIFIER.kind_of(f"mailto://{HOST}?from={SENDER}&to={ADDRESSEE}") == "Email"


def test_allowed_options_are_harmless() -> None:
    """A new option is thought about: this list and the comment beside it are read together."""
    assert not set(OPTIONS) & {"verify", "template", "format", "attach", "pgppub", "redirect"}


# What is printed


def test_nothing_is_printed_and_nothing_logged(
    server: SmtpServer,
    hook: Webhook,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    with closed_port() as port:
        for address in _with_tokens(server, hook, port):
            NOTIFIER.send(address, MESSAGE)
    printed = capfd.readouterr()
    assert (printed.out, printed.err, caplog.text) == ("", "", "")


def _with_tokens(server: SmtpServer, hook: Webhook, closed: int) -> Iterator[str]:
    yield server.address(login=f"kari:{TOKEN}")
    server.replies["RCPT"] = "550 5.1.1 Nobody"
    yield server.address(login=f"kari:{TOKEN}")
    yield f"json://kari:{TOKEN}@{HOST}:{hook.port}/{TOKEN}"
    yield f"json://{TOKEN}@{HOST}:{hook.port}/{TOKEN}"
    hook.status = 500
    yield f"json://kari:{TOKEN}@{HOST}:{hook.port}/{TOKEN}"
    yield f"json://kari:{TOKEN}@{HOST}:{closed}/{TOKEN}"
    yield f"mqtt://kari:{TOKEN}@{HOST}:{closed}/{TOKEN}"
    yield from (f"{schema}://{TOKEN}@{TOKEN}/{TOKEN}" for schema in ("mailto", "tgram", "slack"))
    yield f"jsons://{HOST}/{TOKEN}?verify={TOKEN}"
    yield TOKEN


PROGRAM = """
import sys
sys.tracebacklimit = 100
from assigncli.domain.notification import NotificationText
from assigncli.server.notifications.notifier import AppriseNotifier
assert not {"apprise", "requests", "smtplib"} & set(sys.modules), "it is not light"
import logging
logging.basicConfig(level=logging.DEBUG)
notifier = AppriseNotifier(seconds=2)
for address in sys.stdin.read().split():
    print(notifier.send(address, NotificationText("Kontoret", "Hei", "Teksten")))
"""


@pytest.mark.slow
def test_another_process_sends_and_prints_nothing_of_the_address(
    server: SmtpServer, hook: Webhook
) -> None:
    """With warnings as errors and the whole process logging at DEBUG, as somebody may set it."""
    good = [server.address(login=f"kari:{TOKEN}"), f"json://{TOKEN}@{HOST}:{hook.port}/{TOKEN}"]
    with closed_port() as port, deaf_server() as deaf:
        bad = [f"json://{HOST}:{port}/{TOKEN}", f"json://{HOST}:{deaf}/{TOKEN}", f"dbus://{TOKEN}"]
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            input="\n".join(good + bad),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert run.stdout.split() == ["sent", "sent", "unreachable", "unknown", "malformed"]
    assert run.stderr == ""
    assert email.message_from_bytes(server.messages[0].raw)["Subject"] == "Hei"
    assert len(hook.requests) == 1
