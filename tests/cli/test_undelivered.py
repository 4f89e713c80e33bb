"""What goes wrong on the way: a line each, exit 5, and nothing is sent twice by itself.

Messages that must never leave are in `test_never_sent`.
"""

from __future__ import annotations

import json

import pytest

from assigncli.domain.notification import MAX_ATTEMPTS
from tests.mail import HOST, SmtpServer, Webhook, closed_port
from tests.office import Office
from tests.refusals import refused, rows
from tests.told import (
    ANNE,
    EVENING,
    KARI,
    MORNING,
    attention,
    english,
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


def told_at_once(office: Office, number: int) -> str:
    word: str = office.ok(f"dispatch {number} --json").json["notification"]
    return word


# Out of reach


@pytest.mark.slow
def test_out_of_reach_it_is_tried_later_and_later_and_then_given_up(
    awake: Office, server: SmtpServer
) -> None:
    reach(awake, "kari", server.address(KARI))
    server.replies["MAIL"] = "550 5.7.1 No"
    number = awake.create()
    assert told_at_once(awake, number) == "queued"
    for attempt, minutes in enumerate(MINUTES, start=2):
        awake.later(minutes=minutes, seconds=-1)
        if attempt in WATCHED:
            silent(awake)
        awake.later(seconds=1)
        last = attempt == MAX_ATTEMPTS
        partly(awake, "notification_given_up" if last else "notification_delayed")
        assert rows(awake, "SELECT attempts FROM notifications") == [(attempt,)]
    assert outbox(awake, number) == {("dispatched", "kari"): "failed"}
    for days in (0, 1, 3):
        awake.later(days=days)
        silent(awake)
    assert "notification_failed" in attention(awake)[number]
    assert "a notification could not be sent" in awake.ok("status").stdout
    partly(awake, "notification_delayed", line=f"sweep --retry {number}")
    assert rows(awake, "SELECT attempts, status FROM notifications") == [(1, "queued")]
    server.replies.clear()
    awake.later(minutes=5)
    awake.ok("sweep")
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]


def test_the_line_says_what_to_do(awake: Office) -> None:
    awake.ok("config set quiet_hours 06:00-05:59")
    number = awake.dispatch()
    awake.ok("config set quiet_hours none")
    with closed_port() as port:
        reach(awake, "kari", f"mailto://{HOST}:{port}?from=a@example.org&to={KARI}")
        assert partly(awake, "notification_delayed").stdout == (
            f"Notification of Kari Nordmann about assignment {number}: "
            "The server for notifications to Kari Nordmann could not be reached. "
            "It is tried again by itself; call Kari Nordmann if it is urgent. "
            "Code: notification_delayed.\n"
        )
        awake.later(minutes=5)
        (outcome,) = json.loads(awake.run("sweep --json").stdout)["outcomes"]
    assert {key: outcome[key] for key in ("done", "number", "name", "told", "problem")} == {
        "done": "notified",
        "number": number,
        "name": "Kari Nordmann",
        "told": "queued",
        "problem": "notification_delayed",
    }


def test_within_reach_again_it_is_sent_once(awake: Office, server: SmtpServer) -> None:
    reach(awake, "kari", server.address(KARI))
    server.replies["RCPT"] = "450 4.2.0 Later"
    number = awake.create()
    assert told_at_once(awake, number) == "queued"
    awake.later(minutes=5)
    partly(awake, "notification_delayed")
    server.replies.clear()
    awake.later(minutes=9, seconds=59)
    silent(awake)
    awake.later(seconds=1)
    assert awake.ok("sweep").stdout == f"Kari Nordmann is notified about assignment {number}.\n"
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]
    for _step in range(3):
        awake.later(days=1)
        silent(awake)
    assert attention(awake) == {number: ["unread"]}


def test_others_are_told_all_the_same(awake: Office, server: SmtpServer) -> None:
    with closed_port() as port:
        reach(awake, "kari", f"mailto://{HOST}:{port}?from=a@example.org&to={KARI}")
        reach(awake, "anne", server.address(ANNE))
        number = awake.dispatch()
        awake.to_status(number, "acknowledged")
        awake.dispatch()
        awake.later(minutes=5)
        said = partly(awake, "notification_delayed").stdout
    assert f"Anne Berg is notified about assignment {number}.\n" in said
    assert outbox(awake, 1) == {
        ("dispatched", "kari"): "dropped",
        ("acknowledged", "anne"): "sent",
    }
    assert [subject for _to, subject, _body in letters(server)] == ["Assignment 1"]


# One channel of several


def test_one_of_two_channels_that_fails(awake: Office, server: SmtpServer) -> None:
    with closed_port() as port:
        bad = f"mailto://{HOST}:{port}?from=a@example.org&to={ANNE}"
        reach(awake, "anne", bad, server.address(ANNE))
        number = awake.dispatch()
        awake.to_status(number, "acknowledged")
        awake.ok("sweep --dry-run")
        said = awake.run("sweep")
        assert said.code == 5
        lines = [each for each in said.stdout.splitlines() if "Anne Berg" in each]
        assert lines[0] == f"Anne Berg is notified about assignment {number}."
        assert "1 of 2 channels of Anne Berg did not take the notification." in lines[1]
        assert lines[1].endswith(" Code: channel_failed.")
        for _step in range(3):
            awake.later(hours=7)
            silent(awake)
    assert [to for to, *_rest in letters(server)] == [ANNE]
    assert outbox(awake, number)["acknowledged", "anne"] == "sent"


def test_one_of_two_channels_that_fails_at_once(awake: Office, server: SmtpServer) -> None:
    """The dispatch is done and the mentor told; the coordinator hears of the other channel."""
    with closed_port() as port:
        bad = f"mailto://{HOST}:{port}?from=a@example.org&to={KARI}"
        reach(awake, "kari", bad, server.address(KARI))
        said = awake.ok(f"dispatch {awake.create()}")
    assert "Notification: sent\n" in said.stdout
    assert said.stderr == (
        "1 of 2 channels of Kari Nordmann did not take the notification."
        " Try them with assign member notify kari --test.\n"
    )
    assert [to for to, *_rest in letters(server)] == [KARI]


def test_none_took_it_and_of_one_nobody_knows(awake: Office, hook: Webhook) -> None:
    """It may have arrived by one of them, so it is not tried again by the other either."""
    hook.status = 500
    number = awake.create()
    with closed_port() as port:
        reach(awake, "kari", f"json://{HOST}:{port}/", hook.address)
        assert told_at_once(awake, number) == "unknown"
        awake.later(days=1)
        silent(awake)
    assert len(hook.requests) == 1


# Nobody knows


def test_unknown_is_shown_and_never_sent_again_by_itself(awake: Office, hook: Webhook) -> None:
    reach(awake, "kari", hook.address)
    hook.status = 500
    number = awake.create()
    said = awake.ok(f"dispatch {number}").stdout
    assert "Notification: nobody knows whether it arrived. Call Kari Nordmann.\n" in said
    hook.status = 200
    for minutes in (1, 20, 60 * 24):
        awake.later(minutes=minutes)
        silent(awake)
        assert "notification_unknown" in attention(awake)[number]
    assert len(hook.requests) == 1
    assert "nobody knows whether a notification arrived" in awake.ok("status").stdout
    assert outbox(awake, number) == {("dispatched", "kari"): "unknown"}


@pytest.mark.slow
def test_a_mail_server_that_takes_it_and_hangs_up(awake: Office, server: SmtpServer) -> None:
    reach(awake, "anne", server.address(ANNE))
    number = awake.dispatch()
    awake.to_status(number, "acknowledged")
    server.hangs_up_after_data = True
    said = partly(awake, "notification_unknown", line="sweep").stdout
    assert f"or send it again with assign sweep --retry {number}." in said
    for _step in range(3):
        awake.later(hours=1)
        silent(awake)
    assert len(server.messages) == 1
    assert "notification_unknown" in attention(awake)[number]


def test_on_purpose_it_is_sent_again(awake: Office, hook: Webhook) -> None:
    reach(awake, "kari", hook.address)
    hook.status = 500
    first, second = awake.dispatch(), awake.dispatch()
    hook.status = 200
    said = awake.ok(f"sweep --retry {first}").stdout
    assert said == f"Kari Nordmann is notified about assignment {first}.\n"
    assert [json.loads(each.body)["title"] for each in hook.requests] == [
        f"Assignment {number}" for number in (first, second, first)
    ]
    assert attention(awake) == {second: ["notification_unknown"]}
    again = awake.run(f"sweep --retry {first}")
    assert (again.code, again.error_code) == (2, "nothing_stuck")
    assert len(hook.requests) == 3
    entry = awake.ok("audit log --limit 1 --json").json["entries"][0]
    assert entry["action"] == "notification.retried"
    awake.ok("audit verify")


def test_on_purpose_at_night_it_waits_for_the_morning(awake: Office, hook: Webhook) -> None:
    reach(awake, "kari", hook.address)
    awake.ok("config set quiet_hours 21:00-08:00")
    hook.status = 500
    number = awake.dispatch()
    hook.status = 200
    awake.now = EVENING
    assert awake.ok(f"sweep --retry {number}").stdout == ""
    assert attention(awake)[number] == ["unread"]
    awake.now = MORNING
    awake.ok("sweep")
    assert len(hook.requests) == 2


def test_a_dry_run_retries_nothing(awake: Office, hook: Webhook) -> None:
    reach(awake, "kari", hook.address)
    hook.status = 500
    number = awake.dispatch()
    before = awake.snapshot()
    assert awake.ok(f"sweep --retry {number} --dry-run").stdout == ""
    assert awake.snapshot() == before
    assert len(hook.requests) == 1


def test_what_cannot_be_retried(awake: Office, server: SmtpServer) -> None:
    reach(awake, "kari", server.address(KARI))
    number = awake.dispatch()
    refused(awake, f"sweep --retry {number}", "nothing_stuck", 2)
    refused(awake, "sweep --retry 99", "assignment_not_found", 3)
    refused(awake, "sweep --retry 0", "usage", 2)
    assert len(server.messages) == 1
