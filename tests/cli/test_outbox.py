"""What arrives: each message as a mail server, a webhook and a broker receive it, and when.

What goes wrong on the way is in `test_undelivered`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.locale import _, speaking
from tests.mail import HOST, SmtpServer, mqtt_broker, wait_until, webhook
from tests.office import Office
from tests.quick import a_few, only
from tests.told import (
    ANNE,
    KARI,
    TEXTS,
    english,
    letters,
    outbox,
    reach,
    require_plain,
    require_silent,
    silent,
    whole,
)

FACTS = "--reference SAK-7Q --coordinator-notes 'Bring the magnifier.' --internal-notes 'Quickly.'"


# What each event says, and to whom


@pytest.mark.slow
def test_a_whole_life(told: Office, server: SmtpServer) -> None:
    """The mentor hears of a dispatch at once, the coordinator of each step by the next sweep."""
    created = told.ok(
        f"create --to kari --title 'Home visit' --payload {told.person()} --dispatch {FACTS}"
    )
    assert "Notification: sent\n" in created.stdout
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]
    told.later(days=10)
    lines = told.ok("sweep").stdout.splitlines()
    assert lines[0] == "No contact is recorded for assignment 1. The mentor gets a reminder."
    assert sorted(lines[1:]) == [
        "Anne Berg is notified about assignment 1.",
        "Kari Nordmann is notified about assignment 1.",
    ]
    assert sorted(letters(server)) == [
        (KARI, "Assignment 1", english("reminder")),
        (ANNE, "Assignment 1", english("reminded")),
    ]
    told.to_status(1, "acknowledged")
    assert told.ok("sweep").stdout == "Anne Berg is notified about assignment 1.\n"
    assert letters(server) == [(ANNE, "Assignment 1", english("acknowledged"))]
    for line in ("contact 1", "complete 1"):
        told.ok(line, profile="kari")
    told.ok("sweep")
    assert letters(server) == [(ANNE, "Assignment 1", english("completed"))]
    silent(told)
    assert set(outbox(told, 1).values()) == {"sent"}


@pytest.mark.slow
def test_recalled_and_cancelled_at_once(told: Office, server: SmtpServer) -> None:
    first, second = told.dispatch(FACTS), told.dispatch(FACTS)
    told.read(second)
    server.messages.clear()
    for line in (f"recall --yes {first}", f"cancel --yes {second} --reason 'Quickly.'"):
        assert "Notification: sent\n" in told.ok(line).stdout
    assert letters(server) == [
        (KARI, "Assignment 1", english("recalled")),
        (KARI, "Assignment 2", english("cancelled", 2)),
    ]
    silent(told)


def test_expired_by_the_sweep(told: Office, server: SmtpServer) -> None:
    told.dispatch(f"{FACTS} --expires 25.11.2026")
    server.messages.clear()
    told.now = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
    told.ok("sweep")
    assert sorted(letters(server)) == [
        (KARI, "Assignment 1", english("expired")),
        (ANNE, "Assignment 1", english("expired")),
    ]


def test_an_urgent_one_says_so(told: Office, server: SmtpServer) -> None:
    told.dispatch("--priority urgent")
    assert letters(server) == [(KARI, "Urgent: assignment 1", english("dispatched"))]


def test_a_draft_tells_nobody(told: Office, server: SmtpServer) -> None:
    number = told.create()
    silent(told)
    assert server.messages == []
    assert told.ok(f"dispatch {number} --json").json["notification"] == "sent"
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]


def test_norwegian_unless_set_otherwise(told: Office, server: SmtpServer) -> None:
    """In the organisation's language, whatever language the coordinator's own screen speaks."""
    told.ok("config set notification_language nb")
    told.dispatch("--lang en")
    told.ok("config set notification_language en")
    told.dispatch("--lang nb")
    assert told.ok("config get notification_language --json").json["value"] == "en"
    norwegian, english_one = server.messages
    with speaking("nb"):
        texts = [_("Assignment {number}"), *(_(text) for text in TEXTS.values())]
        assert norwegian.message["Subject"] == _("Assignment {number}").format(number=1)
        assert norwegian.body.strip() == _(TEXTS["dispatched"]).format(number=1, title="Home visit")
    assert english_one.message["Subject"] == "Assignment 2"
    assert english_one.body.strip() == english("dispatched", 2)
    assert all("Oppdrag" in text for text in texts)


def test_norwegian_is_the_default(office: Office, server: SmtpServer) -> None:
    assert office.ok("config get notification_language --json").json["value"] == "nb"
    reach(office, "kari", server.address(KARI))
    office.dispatch()
    with speaking("nb"):
        assert server.messages[0].message["Subject"] == _("Assignment {number}").format(number=1)


@pytest.mark.parametrize(
    "name", a_few(2, of=["Varsel", "Støttesenteret <Åsen>", 'A "quoted", name'])
)
def test_the_senders_name_is_a_setting(told: Office, server: SmtpServer, name: str) -> None:
    told.ok(f"config set notification_sender '{name}'")
    told.dispatch()
    (sender,) = server.messages[0].message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "varsel@example.org")
    require_plain(server.messages[0])


def test_a_title_of_any_signs_arrives_as_it_is(told: Office, server: SmtpServer) -> None:
    title = "Besøk <b>på</b> &amp; *tur* [x] %s {number} $HOME \\n øre_"
    told.dispatch(title=title)
    assert server.messages[0].body.strip() == english("dispatched", title=title)
    require_plain(server.messages[0])


# Other kinds of channel


@pytest.mark.slow
def test_a_webhook_gets_subject_and_text(told: Office) -> None:
    with webhook() as hook:
        reach(told, "ola", hook.address)
        told.dispatch(FACTS, to="ola")
        (request,) = hook.requests
    require_silent(whole(request))
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["User-Agent"] == "assign"
    assert json.loads(request.body) == {
        "version": "1.0",
        "title": "Assignment 1",
        "message": english("dispatched"),
        "attachments": [],
        "type": "info",
    }


@pytest.mark.slow
def test_a_broker_gets_subject_and_text(told: Office) -> None:
    with mqtt_broker() as broker:
        reach(told, "ola", broker.address("post"))
        told.dispatch(FACTS, to="ola")
        wait_until(lambda: broker.messages)
        told.ok("recall --yes 1")
        wait_until(lambda: len(broker.messages) > 1)
    for (topic, payload), kind in zip(broker.messages, ("dispatched", "recalled"), strict=True):
        assert topic == "post"
        assert payload.decode() == f"Assignment 1\r\n{english(kind)}"
        require_silent(payload)


def test_all_channels_of_a_member(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address("kasse-c@example.org"))
    told.dispatch()
    assert sorted(to for to, *_rest in letters(server)) == [KARI, "kasse-c@example.org"]


@pytest.mark.slow
def test_without_a_channel_nobody_is_told(told: Office, server: SmtpServer) -> None:
    number = told.dispatch(to="ola")
    said = told.ok(f"recall --yes {number}").stdout
    assert "Notification: not sent. Ola Dunk has no notification channel, so call.\n" in said
    lines = told.ok("sweep").stdout.splitlines()
    assert lines == [
        "Ola Dunk has no channel for notifications, so nobody is told about assignment 1."
    ]
    assert set(outbox(told, number).values()) == {"dropped"}
    silent(told)
    assert server.messages == []


def test_a_sheet_tells_each_mentor(told: Office, server: SmtpServer) -> None:
    sheet = told.folder / "sheet.csv"
    head = "title;mentor;name;address;postal_code;city;phone;medical_summary\n"
    row = "Home visit;kari;{name};Granitten 12 B;0123;Oslo;22112211;macular\n"
    sheet.write_text(head + row.format(name="Olga A") + row.format(name="Olga B"), "utf-8")
    told.ok(f"dispatch --csv {sheet}")
    told.ok("sweep")
    assert sorted(letters(server)) == [
        (KARI, f"Assignment {number}", english("dispatched", number)) for number in (1, 2)
    ]


def test_a_dry_run_sends_nothing(told: Office, server: SmtpServer) -> None:
    told.dispatch()
    told.to_status(1, "acknowledged")
    server.messages.clear()
    before = told.snapshot()
    said = told.ok("sweep --dry-run").stdout
    assert said == "Anne Berg would be notified about assignment 1.\n"
    assert (told.snapshot(), server.messages) == (before, [])
    assert HOST not in said


def test_an_interruption_after_something_was_saved_is_no_advice_to_do_it_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with Ctrl-C while the mentor is being notified."""

    def interrupted(*_anything: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assigncli.server.notifications.deliver.at_once", interrupted)
    number = office.create()
    said = office.refused(f"dispatch {number}", "interrupted", 130).stderr
    assert "Stopped, but something was already saved." in said
    assert "assign list before you try again" in said
    assert office.ok(f"show {number} --json").json["status"] == "dispatched"
    again = office.refused(f"dispatch {number}", "valid_status_transition", 6).stderr
    assert "already saved" not in again


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "is_told"), only("en", of=[("en", "is told."), ("nb", "får beskjed.")])
)
def test_a_mentor_is_told_that_the_coordinator_is_only_where_that_is_so(
    told: Office, founded: Office, tmp_path: Path, language: str, is_told: str
) -> None:
    without = founded.copy_to(tmp_path / "without")
    for office, reachable in ((told, True), (without, False)):
        number = office.dispatch()
        office.to_status(number, "read")
        for step, tells in (("ack", True), ("contact", False), ("complete --in-person", True)):
            said = office.ok(f"{step} {number} --lang {language}", profile="kari").stdout
            assert (f" Anne Berg {is_told}\n" in said) is (reachable and tells), step
            assert len(said.splitlines()) <= 2
