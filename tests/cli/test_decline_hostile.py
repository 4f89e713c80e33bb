"""After a decline no share is released and nobody is reminded, whatever client there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from tests.attacker import column, value, write
from tests.cli.test_hostile_client import ACK, entries
from tests.hostile import Answer, Hostile
from tests.mail import SmtpServer
from tests.must_hold import require_whole
from tests.office import Office
from tests.told import ANNE, KARI, english, letters, outbox, silent

pytestmark = pytest.mark.slow

DECLINE = "decline 1 --reason no_time"
DECLINED = "assignment.declined"
OPEN = "payload_decrypted"
ILL = {"reason": "ill"}


@pytest.fixture
def declined(office: Office) -> Office:
    """An office with an assignment that kari has read, confirmed and declined."""
    office.to_status(office.dispatch(), "acknowledged")
    office.ok(DECLINE, profile="kari")
    return office


def opens(office: Office, profile: str, reader: str = "recipient") -> Answer:
    """Ask for the share of assignment 1, as `open` does."""
    key = UUID(str(column(office, 1, "encryption_key_id")))
    said = {"encryption_key": str(key), "as": reader}
    return Hostile(office, profile).does(OPEN, 1, said)


# ---- a client of somebody's own making


def test_no_share_is_released_to_the_mentor_and_the_attempt_is_recorded(declined: Office) -> None:
    before = entries(declined, "attempt.refused")
    answer = opens(declined, "kari")
    assert (answer.code, answer.reply) == ("assignment_declined", None)
    assert entries(declined, "attempt.refused") == before + 1
    assert opens(declined, "kari", "dispatcher").code == "role_missing"
    released = opens(declined, "anne", "dispatcher").reply
    assert released is not None
    assert released.share is not None
    declined.ok("audit verify")


def test_a_statement_signed_before_the_decline_opens_nothing_after_it(office: Office) -> None:
    office.dispatch()
    kari = Hostile(office, "kari")
    key = UUID(str(column(office, 1, "encryption_key_id")))
    said = {"encryption_key": str(key), "as": "recipient"}
    ready = kari.statement(OPEN, kari.assignment(1), arguments=said).encode()
    first = kari.does(OPEN, 1, said)
    assert first.reply is not None
    assert kari.does(DECLINED, 1, ILL).code == ""
    again = kari.raw(kari.sent[0])
    assert again.reply is not None
    assert (again.reply.known, again.reply.share) == (True, None)
    assert kari.send(ready, b"{}").code == "assignment_declined"
    office.ok("audit verify")


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (ACK, {}),
        ("assignment.contact_made", {}),
        ("contact.unanswered", {}),
        ("assignment.completed", {"in_person": None}),
        (DECLINED, {"reason": "other"}),
    ],
)
def test_the_mentor_s_other_acts_are_refused(
    declined: Office, act: str, said: Mapping[str, Any]
) -> None:
    before = column(declined, 1, "updated_at"), column(declined, 1, "decline_reason")
    declined.later(hours=1)
    assert Hostile(declined, "kari").does(act, 1, said).code == "assignment_declined"
    assert (column(declined, 1, "updated_at"), column(declined, 1, "decline_reason")) == before
    declined.ok("audit verify")


@pytest.mark.parametrize(
    ("profile", "code"), [("anne", "role_missing"), ("ola", "not_your_assignment")]
)
def test_nobody_else_declines_it(office: Office, profile: str, code: str) -> None:
    office.dispatch()
    assert Hostile(office, profile).does(DECLINED, 1, ILL).code == code
    assert column(office, 1, "declined_at") is None


@pytest.mark.parametrize("said", [{}, {"reason": "tired"}, {"reason": None}, {**ILL, "more": 1}])
def test_a_reason_that_is_not_on_the_list_has_no_allowed_form(
    office: Office, said: Mapping[str, Any]
) -> None:
    office.dispatch()
    assert Hostile(office, "kari").does(DECLINED, 1, said).code == "statement_malformed"


def test_what_was_not_sent_or_has_contact_or_has_ended_is_not_declined(office: Office) -> None:
    kari = Hostile(office, "kari")
    office.create()
    assert kari.does(DECLINED, 1, ILL).code == "valid_status_transition"
    office.ok("dispatch 1")
    office.to_status(1, "contact_made")
    assert kari.does(DECLINED, 1, ILL).code == "valid_status_transition"
    office.dispatch()
    office.ok("recall 2 --yes")
    assert kari.does(DECLINED, 2, ILL).code == "valid_status_transition"
    office.dispatch()
    office.later(days=31)
    assert kari.does(DECLINED, 3, ILL).code == "expired_payload_inaccessible"
    assert value(office, "SELECT count(*) FROM assignments WHERE declined_at IS NOT NULL") == 0
    office.ok("audit verify")


# ---- lies in the store


LIES = {
    "never declined": "declined_at = NULL, decline_reason = NULL",
    "at another time": "declined_at = '2026-11-21T09:00:00.000000Z'",
    "for another reason": "decline_reason = 'other'",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_decline_that_is_not_as_the_log_says_is_found(declined: Office, lie: str) -> None:
    write(declined, f"UPDATE assignments SET {lie}")
    found = declined.run("audit verify --json")
    assert found.code == 1
    assert "decline" in found.stdout
    assert "assignments_differ" in declined.ok("show 1 --json").stdout
    assert "assignments_differ" in declined.ok("list --json").stdout
    if "declined_at" in lie:
        for line, profile in (("open 1 --reveal", "kari"), ("reassign 1 --to ola --yes", "anne")):
            assert declined.run(line, profile=profile).error_code == "manifest_invalid"


def test_an_invented_decline_is_found_and_tells_nobody(office: Office) -> None:
    office.dispatch()
    invented = "declined_at = '2026-11-21T11:00:00.000000Z', decline_reason = 'ill'"
    write(office, f"UPDATE assignments SET {invented}")
    assert "assignments_differ" in office.ok("status --json").stdout
    assert office.run("open 1 --reveal", profile="kari").error_code == "manifest_invalid"
    assert office.run("audit verify").code == 1
    office.later(days=31)
    assert "manifest_invalid" in office.run("sweep").stderr + office.run("sweep --json").stdout


# ---- messages


def test_its_coordinator_is_told_its_number_and_title(told: Office, server: SmtpServer) -> None:
    told.dispatch()
    server.messages.clear()
    done = told.ok(DECLINE, profile="kari").stdout
    assert done.endswith("Anne Berg is told.\n")
    assert told.ok("sweep").stdout == "Anne Berg is notified about assignment 1.\n"
    assert letters(server) == [(ANNE, "Assignment 1", english("declined"))]
    assert told.ok(DECLINE, profile="kari").code == 0
    silent(told)
    assert letters(server) == []


def test_nobody_is_reminded_of_it(told: Office, server: SmtpServer) -> None:
    told.dispatch()
    told.ok(DECLINE, profile="kari")
    told.ok("sweep")
    server.messages.clear()
    told.later(days=12)
    silent(told)
    assert letters(server) == []
    shown = told.ok("show 1 --json").json
    assert (shown["reminder"], shown["reminder_sent_at"], shown["overdue"]) == (None, None, True)


def test_a_reminder_that_waits_is_not_sent_after_it(told: Office, server: SmtpServer) -> None:
    told.ok("config set quiet_hours 00:00-23:59")
    told.dispatch()
    told.later(days=11)
    assert "reminder" in told.ok("sweep").stdout
    assert outbox(told, 1)[("reminder", "kari")] == "queued"
    told.ok(DECLINE, profile="kari")
    assert told.ok("show 1 --json").json["reminder"] == "not_needed"
    told.ok("config set quiet_hours none")
    told.ok("sweep")
    assert [who for who, _subject, _text in letters(server)] == [ANNE]
    ended = outbox(told, 1)
    assert (ended[("reminder", "kari")], ended[("reminded", "anne")]) == ("dropped", "dropped")
    assert KARI not in {who for who, _subject, _text in letters(server)}
    require_whole(told)


def test_who_was_not_told_in_time_is_not_told_once_it_has_ended(
    told: Office, server: SmtpServer
) -> None:
    told.dispatch()
    told.ok("config set quiet_hours 00:00-23:59")
    told.ok(DECLINE, profile="kari")
    told.ok("sweep")
    assert outbox(told, 1)[("declined", "anne")] == "queued"
    told.ok("recall 1 --yes")
    told.ok("config set quiet_hours none")
    server.messages.clear()
    told.ok("sweep")
    assert outbox(told, 1)[("declined", "anne")] == "dropped"
    assert ANNE not in {who for who, _subject, _text in letters(server)}
