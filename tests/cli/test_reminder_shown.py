"""What `show` says of the reminder is what the outbox knows: sent, waiting, or nobody reached."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assigncli.domain.notification import MAX_ATTEMPTS
from tests.attacker import write
from tests.mail import SmtpServer
from tests.office import Office
from tests.quick import a_few, one_of_each, only
from tests.told import KARI, outbox, reach

SENT = datetime(2026, 12, 2, 11, 30, tzinfo=UTC)
"""Wednesday noon in Oslo, when the reminder has been due for a day and more."""

NIGHT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
"""Half past midnight on Tuesday 1 December: due since midnight, and quiet until 8."""


@pytest.fixture
def told(awake: Office) -> Office:
    """An office that is never quiet, with one assignment that kari has not read."""
    awake.dispatch()
    return awake


def reminder(office: Office, number: int = 1) -> tuple[str | None, str | None, str | None]:
    """Return what JSON says: the state, the moment and the problem; the mentor is told the same."""
    shown = office.ok(f"show {number} --json").json
    assert office.ok(f"show {number} --json", profile="kari").json["reminder"] == shown["reminder"]
    return shown["reminder"], shown["reminder_at"], shown["reminder_problem"]


def lines(office: Office, number: int = 1, *, full: bool = False) -> list[str]:
    """Return the lines about the reminder."""
    said = office.ok(f"show {number} {'--full' if full else ''}").stdout.splitlines()
    return [line for line in said if line.startswith("Reminder")]


def row(office: Office, changes: str) -> None:
    """Let the outbox's message be another, as if it had come to that."""
    write(office, f"UPDATE notifications SET {changes} WHERE kind = 'reminder'")


def reminded(office: Office, at: datetime = SENT) -> None:
    office.now = at
    office.run("sweep")


def test_nothing_is_said_before_one_is_due(told: Office) -> None:
    told.now = datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
    assert (reminder(told), lines(told)) == ((None, None, None), [])
    told.later(seconds=1)
    assert reminder(told) == ("due", None, None)
    assert lines(told) == []  # it waits for the next sweep, as is usual
    assert lines(told, full=True) == ["Reminder: due; the next sweep queues it"]


@pytest.mark.slow
@pytest.mark.parametrize("end", ["contact", "recalled", "expired"])
def test_nothing_is_due_where_contact_is_made_or_all_is_over(told: Office, end: str) -> None:
    if end == "contact":
        told.to_status(1, "contact_made")
    if end == "recalled":
        told.ok("recall 1 --yes")
    told.later(days=31 if end == "expired" else 12)
    assert (reminder(told), lines(told)) == ((None, None, None), [])


@pytest.mark.slow
def test_one_that_was_sent(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    reminded(told)
    told.later(days=1)
    state, at, problem = reminder(told)
    assert (state, problem) == ("sent", None)
    assert at == "2026-12-02T11:30:00Z"
    assert lines(told) == ["Reminder: sent 2 December at 12:30"]
    assert lines(told, full=True) == [
        "Reminder: sent",
        "Reminder sent: 2 December at 12:30",
    ]
    told.to_status(1, "contact_made")  # and stays so whatever comes after
    assert reminder(told) == ("sent", at, None)


@pytest.mark.slow
def test_one_that_could_reach_nobody(told: Office) -> None:
    reminded(told)
    assert outbox(told, 1)["reminder", "kari"] == "dropped"
    assert reminder(told) == ("unreachable", None, "no_channel")
    assert lines(told) == ["Reminder: not sent; the mentor has no channel for notifications"]
    assert told.ok("show 1 --json").json["reminder_sent_at"] == "2026-12-02T11:30:00Z"


@pytest.mark.slow
def test_one_that_waits_for_the_night_to_end(told: Office, server: SmtpServer) -> None:
    told.ok("config set quiet_hours 21:00-08:00")
    reach(told, "kari", server.address(KARI))
    told.dispatch("--priority urgent")
    reminded(told, NIGHT)
    assert outbox(told, 1)["reminder", "kari"] == "queued"
    assert reminder(told) == ("waiting", "2026-12-01T07:00:00Z", "quiet_hours")
    assert lines(told) == [
        "Reminder: waits for the end of the quiet hours, not before 1 December at 08:00",
    ]
    assert reminder(told, 2)[0] == "sent"
    told.now = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
    assert (reminder(told), lines(told)) == (
        ("waiting", None, None),
        ["Reminder: waits to be sent"],
    )


@pytest.mark.slow
def test_one_that_waits_for_nobody_in_the_night(told: Office) -> None:
    """Who has no channel, or has left, is not waited for."""
    told.ok("config set quiet_hours 21:00-08:00")
    reminded(told, NIGHT)
    assert outbox(told, 1)["reminder", "kari"] == "queued"
    assert reminder(told) == ("unreachable", None, "no_channel")
    told.ok("member revoke kari --yes")
    shown = told.ok("show 1 --json").json
    assert (shown["reminder"], shown["reminder_problem"]) == ("unreachable", "recipient_revoked")


@pytest.mark.slow
@pytest.mark.parametrize("end", only("contact", of=["contact", "cancelled", "past"]))
def test_one_that_events_overtook_while_it_waited(
    told: Office, server: SmtpServer, end: str
) -> None:
    told.ok("config set quiet_hours 21:00-08:00")
    reach(told, "kari", server.address(KARI))
    reminded(told, NIGHT)
    if end == "contact":
        told.to_status(1, "contact_made")
    elif end == "cancelled":
        told.ok("cancel 1 --reason Moved --yes")
    else:
        told.later(days=30)
    assert reminder(told) == ("not_needed", None, "moot")
    assert lines(told) == ["Reminder: not sent; it is no longer needed"]
    if end != "past":
        told.now = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
        told.ok("sweep")
        assert outbox(told, 1)["reminder", "kari"] == "dropped"
        assert reminder(told) == ("not_needed", None, "moot")


@pytest.mark.slow
def test_one_whose_server_is_out_of_reach(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    server.replies["MAIL"] = "550 5.7.1 No"
    reminded(told)
    state, at, problem = reminder(told)
    assert (state, problem) == ("waiting", "unreachable")
    assert at == "2026-12-02T11:35:00Z"
    expected = "not sent yet; the server could not be reached, and it is tried again"
    assert lines(told) == [f"Reminder: {expected}, not before 2 December at 12:35"]
    for _attempt in range(MAX_ATTEMPTS):
        told.later(hours=6)
        told.run("sweep")
    assert outbox(told, 1)["reminder", "kari"] == "failed"
    assert reminder(told) == ("given_up", None, "unreachable")
    assert lines(told) == [
        "Reminder: not sent; given up, since the server could not be reached",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "state", "problem"),
    a_few(
        2,
        of=one_of_each(
            [
                ("status = 'unknown', problem = 'interrupted'", "unknown", "interrupted"),
                (
                    "status = 'failed', problem = 'channel_invalid'",
                    "unreachable",
                    "channel_invalid",
                ),
                (
                    "status = 'failed', problem = 'recipient_revoked'",
                    "unreachable",
                    "recipient_revoked",
                ),
                ("status = 'failed', problem = 'manifest_invalid'", "given_up", "manifest_invalid"),
                ("status = 'sending', attempted_at = '{now}'", "waiting", None),
                ("status = 'sending', attempted_at = '{before}'", "unknown", "interrupted"),
            ],
            kind=lambda case: case[1],
        ),
    ),
)
def test_the_other_ways_it_ended(
    told: Office, changes: str, state: str, problem: str | None
) -> None:
    reminded(told)
    moments = {
        name: f"{at:%Y-%m-%dT%H:%M:%S.000000Z}"
        for name, at in {"now": told.now, "before": told.now - timedelta(minutes=16)}.items()
    }
    row(told, "problem = NULL")
    row(told, changes.format(**moments))
    assert reminder(told) == (state, None, problem)
    (said,) = lines(told)
    assert not said.startswith("Reminder: sent")


def test_a_message_that_is_missing_is_not_taken_for_sent(told: Office) -> None:
    reminded(told)
    write(told, "DELETE FROM notifications WHERE kind = 'reminder'")
    assert reminder(told) == ("unknown", None, "notification_missing")
    assert "nobody knows" in lines(told)[0]


@pytest.mark.slow
def test_another_s_message_is_not_taken_for_the_mentor_s(told: Office, server: SmtpServer) -> None:
    """The coordinator is told that a reminder went out; that is no reminder."""
    reach(told, "anne", server.address("anne@example.org"))
    reminded(told)
    assert outbox(told, 1)["reminded", "anne"] == "sent"
    assert reminder(told) == ("unreachable", None, "no_channel")


def test_the_reminder_is_said_in_norwegian(told: Office) -> None:
    reminded(told)
    said = told.ok("show 1 --lang nb").stdout
    assert "Påminnelse: ikke sendt; likepersonen har ingen varslingskanal\n" in said
