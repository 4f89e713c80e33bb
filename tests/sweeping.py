"""What the tests of the sweep ask again and again: what it said and wrote, which share went."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from tests import slots
from tests.attacker import column
from tests.office import Office, Result
from tests.refusals import rows

SERVICE = "service"
EXPIRED = "Assignment {} has expired; its brief can no longer be read."
REMINDED = "No contact is recorded for assignment {}. The mentor gets a reminder."
SHREDDED = "The brief of completed assignment {} is deleted; its time is over."
ARCHIVED = "Assignment {} is archived."
CLOSED = "The reporting cycle {} has ended and is closed."
LAPSED = "The certification of {} has lapsed."
LEFT_BEHIND = "A deleted brief's key that was left behind is deleted."
STRAY = "A key of an assignment that was never saved is deleted."
UNTOLD = "{} has no channel for notifications, so nobody is told about assignment {}."


def moment(text: str) -> datetime:
    """Read a moment in UTC, such as 2026-11-28T23:00:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stored(at: datetime) -> str:
    """Return how the store writes a moment."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sweep(office: Office, more: str = "", *, code: int = 0) -> list[str]:
    """Sweep and return what it said: lines on standard output, and nothing on the other stream."""
    result = office.run(f"sweep {more}")
    assert (result.code, result.stderr) == (code, ""), result.said
    return result.stdout.splitlines()


def swept(office: Office, *lines: str, more: str = "", code: int = 0) -> None:
    """Sweep; it must say these lines and no other. In which order messages go is not held."""
    assert sorted(sweep(office, more, code=code)) == sorted(lines)


NAMES = {"anne": "Anne Berg", "kari": "Kari Nordmann", "ola": "Ola Dunk"}
"""Who is told of something, in the office of the tests."""


def untold(number: int, *handles: str) -> list[str]:
    """Return what is said of notifications to members without channels."""
    return [UNTOLD.format(NAMES[handle], number) for handle in handles]


def settled(office: Office) -> None:
    """Let a sweep do what is due, so that the next one says only what a test is about."""
    assert office.run("sweep").code == 0


def outcomes(office: Office, more: str = "", *, code: int | None = 0) -> list[tuple[object, ...]]:
    """Sweep with --json; return each outcome's kind, number, name and problem.

    Where `code` is None, other things may fail: only what is not asked about here.
    """
    result = office.run(f"sweep --json {more}")
    assert result.code in ((0, 5) if code is None else (code,)), result.said
    assert result.stderr == "", result.said
    return [
        (each["done"], each["number"], each["name"], each["problem"])
        for each in result.json["outcomes"]
    ]


def share(office: Office, number: int) -> bytes:
    """Return the share of an assignment that the vault still holds."""
    return slots.shares(office.vault)[key_id(office, number).bytes]


def put_back(office: Office, key: UUID, found: bytes) -> None:
    """Put a share into the vault by hand, as a crash or an old copy of the vault leaves one."""
    slots.add(office.vault, key.bytes, found)


def key_id(office: Office, number: int) -> UUID:
    """Return the id of an assignment's key."""
    return UUID(str(column(office, number, "encryption_key_id")))


def key_moments(office: Office, key: UUID) -> tuple[object, ...]:
    """Return when a key was retired, revoked and known to be gone."""
    (moments,) = rows(
        office,
        "SELECT retired_at, revoked_at, shredded_at FROM encryption_keys WHERE id = ?",
        key.hex,
    )
    return moments


def held_shares(office: Office) -> int:
    """Return how many shares the vault holds."""
    return len(slots.shares(office.vault))


def files_with(office: Office, needle: bytes) -> list[str]:
    """Return the files under the home that hold these bytes anywhere."""
    return [name for name, content in office.snapshot().items() if needle in content]


def steps(office: Office, number: int) -> list[tuple[object, ...]]:
    """Return the status log of an assignment: from, to, by whom (handle), when."""
    return rows(
        office,
        "SELECT l.from_status, l.to_status, m.handle, l.at FROM assignment_status_logs AS l"
        " JOIN members AS m ON m.id = l.actor_id WHERE l.assignment_id = ? ORDER BY l.id",
        column(office, number, "id"),
    )


def ledger(office: Office, subject: object) -> list[tuple[object, ...]]:
    """Return the lines of the honorarium ledger about one assignment."""
    return rows(
        office,
        "SELECT kind, dispatched_change, completed_change FROM assignment_threshold_logs"
        " WHERE assignment_id = ? ORDER BY id",
        subject,
    )


def entries(office: Office, action: str, subject: object) -> list[tuple[object, ...]]:
    """Return by whom (handle) and when such an entry about a subject was written."""
    return rows(
        office,
        "SELECT m.handle, a.at FROM audit_log AS a JOIN members AS m ON m.id = a.actor_id"
        " WHERE a.action = ? AND a.subject_id = ? ORDER BY a.sequence",
        action,
        subject,
    )


def messages(office: Office, number: int) -> set[tuple[object, ...]]:
    """Return the outbox about one assignment: kind, to whom, status."""
    found = rows(
        office,
        "SELECT n.kind, m.handle, n.status FROM notifications AS n"
        " JOIN members AS m ON m.id = n.recipient_id WHERE n.assignment_id = ?",
        column(office, number, "id"),
    )
    assert len(found) == len(set(found))
    return set(found)


def opened(office: Office, number: int, *, profile: str = "kari") -> Result:
    """Try to open an assignment as its mentor."""
    return office.run(f"open {number} --reveal", profile=profile)


def whole(office: Office) -> None:
    """Hold that audit log, store and vault are as they should be."""
    office.ok("audit verify")
    office.ok("store check")
