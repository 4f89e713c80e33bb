"""What goes wrong on the way: a line each, exit 5, and nothing is sent twice by itself.

Messages that must never leave are in `test_never_sent`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assigncli.domain.notification import MAX_ATTEMPTS
from tests.mail import HOST, SmtpServer, Webhook, closed_port, smtp_server, webhook
from tests.office import Office
from tests.refusals import refused, rows
from tests.told import (
    ANNE,
    EVENING,
    KARI,
    MORNING,
    attention,
    english,
    let_all_through,
    letters,
    outbox,
    partly,
    reach,
    silent,
)

MINUTES = (5, 10, 20, 40, 80, 160, 320, 360, 360)
"""How long after each failure, but the last, it is tried again."""
WATCHED = (2, 3, MAX_ATTEMPTS)
"""The attempts before which a sweep comes a second too early."""
assert len(MINUTES) == MAX_ATTEMPTS - 1


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as running:
        yield running


@pytest.fixture(scope="module")
def never_quiet(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return let_all_through(founded.copy_to(tmp_path_factory.mktemp("never-quiet")))


@pytest.fixture
def told(never_quiet: Office, tmp_path: Path) -> Office:
    """An office that is never quiet and writes in English."""
    return never_quiet.copy_to(tmp_path / "office")


def told_at_once(office: Office, number: int) -> str:
    word: str = office.ok(f"dispatch {number} --json").json["notification"]
    return word


# Out of reach


@pytest.mark.slow
def test_out_of_reach_it_is_tried_later_and_later_and_then_given_up(
    told: Office, server: SmtpServer
) -> None:
    reach(told, "kari", server.address(KARI))
    server.replies["MAIL"] = "550 5.7.1 No"
    number = told.create()
    assert told_at_once(told, number) == "queued"
    for attempt, minutes in enumerate(MINUTES, start=2):
        told.later(minutes=minutes, seconds=-1)
        if attempt in WATCHED:
            silent(told)
        told.later(seconds=1)
        last = attempt == MAX_ATTEMPTS
        partly(told, "notification_given_up" if last else "notification_delayed")
        assert rows(told, "SELECT attempts FROM notifications") == [(attempt,)]
    assert outbox(told, number) == {("dispatched", "kari"): "failed"}
    for days in (0, 1, 3):
        told.later(days=days)
        silent(told)
    assert "notification_failed" in attention(told)[number]
    assert "a notification could not be sent" in told.ok("status").stdout
    partly(told, "notification_delayed", line=f"sweep --retry {number}")
    assert rows(told, "SELECT attempts, status FROM notifications") == [(1, "queued")]
    server.replies.clear()
    told.later(minutes=5)
    told.ok("sweep")
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]


def test_the_line_says_what_to_do(told: Office) -> None:
    told.ok("config set quiet_hours 06:00-05:59")
    number = told.dispatch()
    told.ok("config set quiet_hours none")
    with closed_port() as port:
        reach(told, "kari", f"mailto://{HOST}:{port}?from=a@example.org&to={KARI}")
        assert partly(told, "notification_delayed").stdout == (
            f"Notification of Kari Nordmann about assignment {number}: "
            "The server for notifications to Kari Nordmann could not be reached. "
            "It is tried again by itself; call Kari Nordmann if it is urgent. "
            "Code: notification_delayed.\n"
        )
        told.later(minutes=5)
        (outcome,) = json.loads(told.run("sweep --json").stdout)["outcomes"]
    assert {key: outcome[key] for key in ("done", "number", "name", "told", "problem")} == {
        "done": "notified",
        "number": number,
        "name": "Kari Nordmann",
        "told": "queued",
        "problem": "notification_delayed",
    }


def test_within_reach_again_it_is_sent_once(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    server.replies["RCPT"] = "450 4.2.0 Later"
    number = told.create()
    assert told_at_once(told, number) == "queued"
    told.later(minutes=5)
    partly(told, "notification_delayed")
    server.replies.clear()
    told.later(minutes=9, seconds=59)
    silent(told)
    told.later(seconds=1)
    assert told.ok("sweep").stdout == f"Kari Nordmann is notified about assignment {number}.\n"
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]
    for _step in range(3):
        told.later(days=1)
        silent(told)
    assert attention(told) == {number: ["unread"]}


def test_others_are_told_all_the_same(told: Office, server: SmtpServer) -> None:
    with closed_port() as port:
        reach(told, "kari", f"mailto://{HOST}:{port}?from=a@example.org&to={KARI}")
        reach(told, "anne", server.address(ANNE))
        number = told.dispatch()
        told.to_status(number, "acknowledged")
        told.dispatch()
        told.later(minutes=5)
        said = partly(told, "notification_delayed").stdout
    assert f"Anne Berg is notified about assignment {number}.\n" in said
    assert outbox(told, 1) == {("dispatched", "kari"): "dropped", ("acknowledged", "anne"): "sent"}
    assert [subject for _to, subject, _body in letters(server)] == ["Assignment 1"]


# One channel of several


def test_one_of_two_channels_that_fails(told: Office, server: SmtpServer) -> None:
    with closed_port() as port:
        bad = f"mailto://{HOST}:{port}?from=a@example.org&to={ANNE}"
        reach(told, "anne", bad, server.address(ANNE))
        number = told.dispatch()
        told.to_status(number, "acknowledged")
        told.ok("sweep --dry-run")
        said = told.run("sweep")
        assert said.code == 5
        lines = [each for each in said.stdout.splitlines() if "Anne Berg" in each]
        assert lines[0] == f"Anne Berg is notified about assignment {number}."
        assert "1 of 2 channels of Anne Berg did not take the notification." in lines[1]
        assert lines[1].endswith(" Code: channel_failed.")
        for _step in range(3):
            told.later(hours=7)
            silent(told)
    assert [to for to, *_rest in letters(server)] == [ANNE]
    assert outbox(told, number)["acknowledged", "anne"] == "sent"


def test_one_of_two_channels_that_fails_at_once(told: Office, server: SmtpServer) -> None:
    """The dispatch is done and the mentor told; the coordinator hears of the other channel."""
    with closed_port() as port:
        bad = f"mailto://{HOST}:{port}?from=a@example.org&to={KARI}"
        reach(told, "kari", bad, server.address(KARI))
        said = told.ok(f"dispatch {told.create()}")
    assert "Notification: sent\n" in said.stdout
    assert said.stderr == (
        "1 of 2 channels of Kari Nordmann did not take the notification."
        " Try them with assign member notify kari --test.\n"
    )
    assert [to for to, *_rest in letters(server)] == [KARI]


def test_none_took_it_and_of_one_nobody_knows(told: Office, hook: Webhook) -> None:
    """It may have arrived by one of them, so it is not tried again by the other either."""
    hook.status = 500
    number = told.create()
    with closed_port() as port:
        reach(told, "kari", f"json://{HOST}:{port}/", hook.address)
        assert told_at_once(told, number) == "unknown"
        told.later(days=1)
        silent(told)
    assert len(hook.requests) == 1


# Nobody knows


def test_unknown_is_shown_and_never_sent_again_by_itself(told: Office, hook: Webhook) -> None:
    reach(told, "kari", hook.address)
    hook.status = 500
    number = told.create()
    said = told.ok(f"dispatch {number}").stdout
    assert "Notification: nobody knows whether it arrived. Call Kari Nordmann.\n" in said
    hook.status = 200
    for minutes in (1, 20, 60 * 24):
        told.later(minutes=minutes)
        silent(told)
        assert "notification_unknown" in attention(told)[number]
    assert len(hook.requests) == 1
    assert "nobody knows whether a notification arrived" in told.ok("status").stdout
    assert outbox(told, number) == {("dispatched", "kari"): "unknown"}


@pytest.mark.slow
def test_a_mail_server_that_takes_it_and_hangs_up(told: Office, server: SmtpServer) -> None:
    reach(told, "anne", server.address(ANNE))
    number = told.dispatch()
    told.to_status(number, "acknowledged")
    hang_up(server)
    said = partly(told, "notification_unknown", line="sweep").stdout
    assert f"or send it again with assign sweep --retry {number}." in said
    for _step in range(3):
        told.later(hours=1)
        silent(told)
    assert len(server.messages) == 1
    assert "notification_unknown" in attention(told)[number]


def hang_up(server: SmtpServer) -> None:
    """Let the server close the connection instead of saying that it has the message."""
    take = server.handle_DATA

    async def drop(smtp: object, session: object, envelope: object) -> str:
        answer = await take(smtp, session, envelope)
        smtp.transport.abort()  # type: ignore[attr-defined]
        return answer

    server.handle_DATA = drop  # type: ignore[method-assign]


def test_on_purpose_it_is_sent_again(told: Office, hook: Webhook) -> None:
    reach(told, "kari", hook.address)
    hook.status = 500
    first, second = told.dispatch(), told.dispatch()
    hook.status = 200
    said = told.ok(f"sweep --retry {first}").stdout
    assert said == f"Kari Nordmann is notified about assignment {first}.\n"
    assert [json.loads(each.body)["title"] for each in hook.requests] == [
        f"Assignment {number}" for number in (first, second, first)
    ]
    assert attention(told) == {second: ["notification_unknown"]}
    again = told.run(f"sweep --retry {first}")
    assert (again.code, again.error_code) == (2, "nothing_stuck")
    assert len(hook.requests) == 3
    entry = told.ok("audit log --limit 1 --json").json["entries"][0]
    assert entry["action"] == "notification.retried"
    told.ok("audit verify")


def test_on_purpose_at_night_it_waits_for_the_morning(told: Office, hook: Webhook) -> None:
    reach(told, "kari", hook.address)
    told.ok("config set quiet_hours 21:00-08:00")
    hook.status = 500
    number = told.dispatch()
    hook.status = 200
    told.now = EVENING
    assert told.ok(f"sweep --retry {number}").stdout == ""
    assert attention(told)[number] == ["unread"]
    told.now = MORNING
    told.ok("sweep")
    assert len(hook.requests) == 2


def test_a_dry_run_retries_nothing(told: Office, hook: Webhook) -> None:
    reach(told, "kari", hook.address)
    hook.status = 500
    number = told.dispatch()
    before = told.snapshot()
    assert told.ok(f"sweep --retry {number} --dry-run").stdout == ""
    assert told.snapshot() == before
    assert len(hook.requests) == 1


def test_what_cannot_be_retried(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    number = told.dispatch()
    refused(told, f"sweep --retry {number}", "nothing_stuck", 2)
    refused(told, "sweep --retry 99", "assignment_not_found", 3)
    refused(told, "sweep --retry 0", "usage", 2)
    assert len(server.messages) == 1
