"""Quiet hours: what waits, until when, what goes all the same, and what is never sent then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.mail import SmtpServer
from tests.office import Office
from tests.quick import only
from tests.told import (
    ANNE,
    EVENING,
    KARI,
    MORNING,
    english,
    letters,
    outbox,
    silent,
)


@pytest.mark.slow
def test_at_night_only_what_is_urgent_goes(told: Office, server: SmtpServer) -> None:
    told.now = EVENING
    number = told.create()
    said = told.ok(f"dispatch {number}").stdout
    assert "Notification: waits for the next sweep\n" in said
    told.dispatch("--priority urgent")
    assert [subject for _to, subject, _body in letters(server)] == ["Urgent: assignment 2"]
    for hours in (0, 3, 9.99):
        told.now = EVENING
        told.later(hours=hours)
        silent(told)
    assert server.messages == []
    told.now = MORNING
    assert told.ok("sweep").stdout == "Kari Nordmann is notified about assignment 1.\n"
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]
    silent(told)


@pytest.mark.slow
def test_an_urgent_one_of_the_sweep_goes_at_night(told: Office, server: SmtpServer) -> None:
    told.dispatch("--priority urgent")
    told.dispatch()
    for number in (1, 2):
        told.read(number)
        told.ok(f"ack {number}", profile="kari")
    server.messages.clear()
    told.now = EVENING
    assert told.ok("sweep").stdout == "Anne Berg is notified about assignment 1.\n"
    assert letters(server) == [(ANNE, "Urgent: assignment 1", english("acknowledged"))]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("now", "first"),
    only(
        "2027-05-17T10:00",
        of=[
            ("2026-11-22T11:00", "2026-11-23T07:00"),  # a Sunday; Monday at 8 in winter
            ("2027-05-17T10:00", "2027-05-18T06:00"),  # Constitution Day; Tuesday at 8 in summer
            ("2027-03-25T11:00", "2027-03-27T07:00"),  # Maundy Thursday and Good Friday
        ],
    ),
)
def test_on_days_off_a_message_waits(
    told: Office, server: SmtpServer, now: str, first: str
) -> None:
    told.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    told.run("sweep")  # closes last year's reporting cycle
    told.dispatch()
    silent(told)
    morning = datetime.fromisoformat(first).replace(tzinfo=UTC)
    told.now = morning
    told.later(seconds=-1)
    silent(told)
    assert server.messages == []
    told.now = morning
    told.ok("sweep")
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]


@pytest.mark.slow
def test_quiet_hours_are_settings(told: Office, server: SmtpServer) -> None:
    sunday_night = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    told.now = sunday_night
    told.ok("config set quiet_hours none")
    told.dispatch()
    assert server.messages == []
    told.ok("config set quiet_days none")
    told.dispatch()
    assert [subject for _to, subject, _body in letters(server)] == ["Assignment 2"]
    told.ok("sweep")
    assert [subject for _to, subject, _body in letters(server)] == ["Assignment 1"]
    told.ok("config set quiet_hours 21:30-06:15")
    told.dispatch()
    told.now = datetime(2026, 11, 23, 5, 14, 59, tzinfo=UTC)
    silent(told)
    told.later(seconds=1)
    told.ok("sweep")
    assert [subject for _to, subject, _body in letters(server)] == ["Assignment 3"]


def test_what_the_night_made_moot_is_never_sent(told: Office, server: SmtpServer) -> None:
    """Of what was sent and withdrawn in one night, only the withdrawal is told."""
    told.now = EVENING
    told.dispatch()
    told.ok("recall --yes 1")
    told.now = MORNING
    would = "Kari Nordmann would be notified about assignment 1.\n"
    assert told.ok("sweep --dry-run").stdout == would
    assert told.ok("sweep").stdout == "Kari Nordmann is notified about assignment 1.\n"
    assert letters(server) == [(KARI, "Assignment 1", english("recalled"))]
    assert outbox(told, 1) == {("dispatched", "kari"): "dropped", ("recalled", "kari"): "sent"}


@pytest.mark.slow
def test_a_reminder_that_contact_made_moot_is_never_sent(told: Office, server: SmtpServer) -> None:
    told.dispatch("--deadline-days 3")
    told.to_status(1, "acknowledged")
    told.ok("sweep")
    server.messages.clear()
    told.now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert "The mentor gets a reminder." in told.ok("sweep").stdout
    told.ok("contact 1", profile="kari")
    told.now = MORNING
    silent(told)
    assert server.messages == []
    statuses = outbox(told, 1)
    assert [statuses[kind] for kind in (("reminder", "kari"), ("reminded", "anne"))] == [
        "dropped",
        "dropped",
    ]
