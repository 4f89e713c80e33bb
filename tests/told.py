"""Who is told of what: channels of an office's members, and what stands in its outbox."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.canary import forms
from tests.mail import Mail, Request, SmtpServer
from tests.office import Office, Result
from tests.refusals import rows

EVENING = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
"""Monday 23 November 2026, 22:00 in Oslo: quiet hours."""
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
"""Tuesday, 08:00 in Oslo: quiet hours have just ended."""

KARI, ANNE = "kasse-a@example.org", "kasse-b@example.org"
UNSAID = (
    *("Olga", "Prøvesen", "Granitten", "0123 Oslo", "22 11 22 11", "22112211", "macular", "æøå."),
    *("Ring twice", "SAK-7Q", "magnifier", "Quickly"),
    *("Kari", "Nordmann", "Anne Berg", "anne", "Testforeningen"),
)
"""What stands in the payload, the notes, the reference and the names of those concerned."""

TEXTS = {
    "dispatched": (
        "Assignment {number}, {title}, has been sent to you. To read it, run: assign open {number}"
    ),
    "recalled": (
        "Assignment {number}, {title}, has been recalled. There is nothing more to do. To "
        "see what else there is, run: assign inbox"
    ),
    "cancelled": (
        "Assignment {number}, {title}, has been cancelled. Please do not carry it out. To "
        "see more, run: assign show {number}"
    ),
    "expired": (
        "Assignment {number}, {title}, has expired and can no longer be read. To see more, "
        "run: assign show {number}"
    ),
    "reminder": (
        "Assignment {number}, {title}: no contact is recorded yet. Once you have made "
        "contact, run: assign contact {number}"
    ),
    "acknowledged": (
        "Assignment {number}, {title}, has been read and confirmed by the mentor. To see "
        "more, run: assign show {number}"
    ),
    "completed": (
        "Assignment {number}, {title}, is completed. To see more, run: assign show {number}"
    ),
    "declined": (
        "Assignment {number}, {title}, is declined by the mentor. To give it to another mentor, "
        "run: assign reassign {number} --to HANDLE"
    ),
    "reminded": (
        "Assignment {number}, {title}: no contact is recorded within the deadline, and a "
        "reminder goes to the mentor. To see more, run: assign show {number}"
    ),
}
"""What a message about each event says, word for word."""

HEADERS = {
    *("Content-Type", "MIME-Version", "Content-Transfer-Encoding"),
    *("Subject", "From", "To", "Message-ID", "Date"),
}
_MESSAGE_ID = re.compile(r"<[0-9]+(\.[0-9]+)+@example\.org>")
_CODE = re.compile(r"Code: (\w+)\.$")


def reach(office: Office, handle: str, *addresses: str, profile: str = "anne") -> None:
    """Give a member these channels."""
    for address in addresses:
        office.ok(f"member notify {handle} --channel -", profile=profile, stdin=address)


def renewed(server: SmtpServer) -> SmtpServer:
    """Return a server as it was before it received anything, or was told what to answer."""
    for kept in (server.messages, server.logins, server.replies):
        kept.clear()
    server.silent_after_data = server.hangs_up_after_data = False
    return server


def let_all_through(office: Office) -> Office:
    """Let an office write in English, by night and by day."""
    office.ok("config set notification_language en")
    office.ok("config set quiet_hours none")
    office.ok("config set quiet_days none")
    return office


def outbox(office: Office, number: int) -> dict[tuple[str, str], str]:
    """Return the status of each message about an assignment, by its kind and its recipient."""
    found = rows(
        office,
        "SELECT n.kind, m.handle, n.status FROM notifications n"
        " JOIN assignments a ON a.id = n.assignment_id JOIN members m ON m.id = n.recipient_id"
        " WHERE a.number = ?",
        number,
    )
    return {(str(kind), str(handle)): str(status) for kind, handle, status in found}


def attention(office: Office) -> dict[int, list[str]]:
    """Return why `assign status` names which assignment."""
    listed = office.ok("status --json").json["attention"]
    return {each["number"]: each["attention"] for each in listed}


def partly(office: Office, *codes: str, line: str = "sweep") -> Result:
    """Sweep where part fails: a line for each failure, which ends in its code, and exit 5."""
    result = office.run(line)
    assert (result.code, result.stderr) == (5, ""), result.said
    said = [found[1] for found in map(_CODE.search, result.stdout.splitlines()) if found]
    assert sorted(said) == sorted(codes), result.said
    return result


def silent(office: Office) -> None:
    """Sweep where nothing is due."""
    assert office.ok("sweep").said == ""


def require_plain(mail: Mail) -> None:
    """Hold that a mail is one plain text under the usual headers, which say nothing else."""
    message = mail.message
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert message.get_content_type() == "text/plain"
    assert message.get_filename() is None
    assert message["Content-Type"].params == {"charset": "utf-8"}
    assert _MESSAGE_ID.fullmatch(message["Message-ID"])
    assert message["Date"].datetime.utcoffset() is not None


def spoken(mail: Mail) -> bytes:
    """Return all of a mail but its id and its date, as it came and with every encoding undone."""
    require_plain(mail)
    lines = mail.raw.split(b"\r\n")
    kept = [line for line in lines if not line.startswith((b"Message-ID: ", b"Date: "))]
    headers = [str(value) for name, value in mail.message.items() if name not in _MADE_UP]
    return b"\n".join(kept) + "\n".join([*headers, mail.body]).encode()


_MADE_UP = ("Message-ID", "Date")


def whole(request: Request) -> bytes:
    """Return all of an HTTP request."""
    said = [request.method, request.path, *request.headers, *request.headers.values()]
    return "\n".join(said).encode() + request.body


def letters(server: SmtpServer) -> list[tuple[str, str, str]]:
    """Return what arrived since the last time: for whom, the subject and the text."""
    found = [(m.recipients[0], str(m.message["Subject"]), m.body.strip()) for m in server.messages]
    for mail in server.messages:
        require_silent(spoken(mail))
        require_neutral(mail)
    server.messages.clear()
    return found


def require_silent(said: bytes) -> None:
    for text in UNSAID:
        for name, form in forms(text).items():
            assert form not in said, (text, name)


def require_neutral(mail: Mail) -> None:
    require_plain(mail)
    assert str(mail.message["From"]) == "assign <varsel@example.org>"
    assert [str(mail.message["To"])] == mail.recipients
    assert mail.greeting == "[127.0.0.1]"


def english(kind: str, number: int = 1, title: str = "Home visit") -> str:
    """Return what a message about an event says."""
    return TEXTS[kind].format(number=number, title=title)
