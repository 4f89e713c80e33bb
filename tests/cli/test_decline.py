"""`decline`: a mentor says that they cannot take an assignment, and what that changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attacker import column, value
from tests.must_hold import require_whole
from tests.office import ACCEPT, Office
from tests.refusals import refused
from tests.typist import typed

DECLINE = "decline 1 --reason no_time"
THEIRS = (
    *("open 1 --reveal", "ack 1", "contact 1", "contact 1 --no-answer", "complete 1 --in-person"),
)
"""What the mentor of assignment 1 could do with it."""


def statements(office: Office) -> object:
    return value(office, "SELECT count(*) FROM statements")


def shown(office: Office) -> dict[str, Any]:
    found: dict[str, Any] = office.ok("show 1 --json").json
    return found


# ---- what it does


def test_what_is_declined_unread_is_first_in_status_and_given_to_another(office: Office) -> None:
    office.dispatch()
    assert office.ok(DECLINE, profile="kari").stdout.splitlines() == [
        "You have declined assignment 1. You had not opened it, so its content is unknown to you.",
        "Next: call Anne Berg, who gets no message",
    ]
    for line in THEIRS:
        told = refused(office, line, "assignment_declined", profile="kari", writes="open" in line)
        assert "call your coordinator" in told.stderr
    assert office.ok("inbox", profile="kari").stdout == "No assignments for you.\n"
    assert office.ok("status").stdout.splitlines() == [
        "1 assignment needs follow-up.",
        "",
        "Assignment 1: Home visit",
        "Reason: declined 21 November, no time",
        "Mentor: Kari Nordmann",
        "What to do: Give it to another mentor with assign reassign 1 --to HANDLE.",
    ]
    office.ok("reassign 1 --to ola --yes")
    assert office.ok("status").stdout == "Nothing needs follow-up now.\n"
    office.ok("open 2 --reveal", profile="ola")
    require_whole(office)


@pytest.mark.slow
def test_what_was_read_stays_known_and_its_status_stays_as_it_is(office: Office) -> None:
    office.to_status(office.dispatch(), "acknowledged")
    done = office.ok(f"{DECLINE} --json", profile="kari").json
    assert done["message"] == (
        "You have declined assignment 1. You have read it; keep it to yourself."
    )
    named = ("status", "declined_at", "decline_reason", "disclosed")
    assert [done[name] for name in named] == [
        *("acknowledged", "2026-11-21T11:00:00Z", "no_time", True),
    ]
    for line in THEIRS:
        office.refused(line, "assignment_declined", 6, profile="kari")
    result = office.ok("reassign 1 --to ola --yes").stdout
    assert "Kari Nordmann has read it; treat it as disclosed." in result
    require_whole(office)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "nb"])
def test_lists_and_show_say_it_to_both_sides(office: Office, lang: str) -> None:
    office.to_status(office.dispatch(), "read")
    office.ok("decline 1 --reason ill", profile="kari")
    status, reason, declined = {
        "en": (
            *("Status: declined 21 November, after reading", "Reason for declining: illness"),
            "Declined: 21 November at 12:00, illness",
        ),
        "nb": (
            *("Status: avslått 21. november, etter lesing", "Grunn til avslaget: sykdom"),
            "Avslått: 21. november klokken 12:00, sykdom",
        ),
    }[lang]
    listed = office.ok(f"list --lang {lang}").stdout.splitlines()
    assert [status, reason] == listed[3:5]
    for profile in ("anne", "kari"):
        assert reason in office.ok(f"show 1 --lang {lang}", profile=profile).stdout.splitlines()
    office.ok("cancel 1 --yes --reason Declined")
    assert declined in office.ok(f"show 1 --lang {lang}").stdout.splitlines()


@pytest.mark.slow
def test_a_person_is_asked_why_and_enter_declines_nothing(office: Office) -> None:
    office.dispatch()
    asked = typed(office, "decline 1", "", profile="kari")
    assert (asked.code, asked.error_code) == (1, "not_confirmed")
    assert column(office, 1, "declined_at") is None
    said = asked.stderr.splitlines()
    assert said[:4] == [
        "Assignment 1, Home visit, from Anne Berg, is to be declined.",
        "You can then no longer open it, unless it is sent to you again.",
        "Why?",
        "1: no time",
    ]
    assert typed(office, "decline 1", "4", profile="kari").code == 0
    office.dispatch()
    office.ok("decline 2 --reason for_langt_unna --lang nb", profile="kari")
    assert column(office, 2, "decline_reason") == "too_far"
    assert column(office, 1, "decline_reason") == "ill"


@pytest.mark.slow
def test_declined_again_it_says_so_and_changes_nothing(office: Office) -> None:
    office.dispatch()
    office.ok(DECLINE, profile="kari")
    before = statements(office), column(office, 1, "updated_at")
    office.later(hours=3)
    for line in ("decline 1", "decline 1 --reason ill", "decline 1 --no-input"):
        again = typed(office, line, profile="kari")
        assert again.code == 0
        assert again.stdout.splitlines()[:2] == [
            "You have already declined assignment 1.",
            "Reason for declining: no time",
        ]
    assert (statements(office), column(office, 1, "updated_at")) == before


@pytest.mark.slow
def test_nothing_is_asked_where_it_is_not_possible(office: Office) -> None:
    office.create()
    refused(office, "decline 1", "valid_status_transition", profile="kari")
    refused(office, "decline 9", "assignment_not_found", 3, profile="kari")
    office.ok("dispatch 1")
    refused(office, "decline 1", "not_your_assignment", 4, profile="ola")
    refused(office, "decline 1", "input_needed", 2, profile="kari")
    assert office.run("decline 1 --reason tired", profile="kari").code == 2
    office.to_status(1, "contact_made")
    told = refused(office, DECLINE, "valid_status_transition", profile="kari")
    assert "Call your coordinator" in told.stderr
    office.ok("complete 1 --in-person", profile="kari")
    refused(office, DECLINE, "valid_status_transition", profile="kari")
    office.dispatch()
    office.later(days=31)
    office.refused("decline 2", "expired_payload_inaccessible", 6, profile="kari")


@pytest.mark.slow
def test_no_consent_is_taken_after_it(office: Office) -> None:
    office.dispatch("--consent-required")
    office.ok(DECLINE, profile="kari")
    refused(office, f"consent 1 {ACCEPT}", "assignment_declined", profile="kari")
    assert office.ok("inbox --json", profile="kari").json["total"] == 0


# ---- what ends it


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("recall 1 --yes", "recalled"),
        ("cancel 1 --yes --reason Declined", "cancelled"),
        ("reassign 1 --to ola --yes", "recalled"),
    ],
)
def test_a_declined_one_is_ended_like_any_and_leaves_status(
    office: Office, ending: str, status: str
) -> None:
    office.dispatch()
    office.ok(DECLINE, profile="kari")
    office.ok(ending)
    assert shown(office)["status"] == status
    assert office.ok("status --json").json["total"] == 0
    refused(office, DECLINE, "valid_status_transition", profile="kari")
    office.refused("open 1 --reveal", "valid_status_transition", 6, profile="kari")
    require_whole(office)


@pytest.mark.slow
def test_it_still_expires_and_is_archived(office: Office) -> None:
    office.dispatch()
    office.ok(DECLINE, profile="kari")
    office.later(days=29)
    (found,) = office.ok("status --json").json["attention"]
    assert found["attention"] == ["declined", "overdue_for_contact", "about_to_expire"]
    office.later(days=2)
    office.ok("sweep", profile=None)
    assert shown(office)["status"] == "expired"
    assert office.ok("status --json").json["total"] == 0
    require_whole(office)
    office.later(days=370)
    office.ok("sweep", profile=None)
    office.refused("show 1", "assignment_archived", 3)
    require_whole(office)


@pytest.mark.slow
def test_the_mentor_who_can_after_all_is_sent_it_again(office: Office) -> None:
    office.dispatch()
    office.refused("reassign 1 --to kari --yes", "same_mentor", 2)
    office.ok(DECLINE, profile="kari")
    office.ok("reassign 1 --to kari --yes")
    office.ok("open 2 --reveal", profile="kari")
    require_whole(office)


@pytest.mark.slow
def test_another_coordinator_is_told_whom_to_ask(office: Office) -> None:
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    office.dispatch()
    office.ok(DECLINE, profile="kari")
    said = office.ok("status", profile="eva").stdout
    assert "Ask Anne Berg to give it to another mentor with assign reassign 1." in said


@pytest.mark.slow
def test_it_stands_before_what_is_late_and_after_what_is_urgent(office: Office) -> None:
    office.dispatch()
    office.dispatch("--priority urgent")
    office.dispatch()
    office.later(days=12)
    office.ok("decline 3 --reason too_far", profile="kari")
    said = office.ok("status")
    found = office.ok("status --json").json["attention"]
    assert [each["number"] for each in found] == [2, 3, 1]
    assert said.stdout.splitlines()[0] == (
        "3 assignments need follow-up, 1 of them urgent: 1 declined, 2 past the contact deadline."
    )
    assert (
        "Reason: declined 3 December, too far away, 3 days past the contact deadline" in said.stdout
    )


@pytest.mark.slow
def test_a_coordinator_who_declines_their_own_still_gives_it_to_another(office: Office) -> None:
    office.ok("member invite dag --name Dag --role coordinator --role peer_mentor --here"
              " --keys keyring")  # fmt: skip
    office.ok(f"create --to dag --title Own --payload {office.person()} --dispatch", profile="dag")
    office.ok(DECLINE, profile="dag")
    office.refused("open 1 --reveal", "assignment_declined", 6, profile="dag")
    office.ok("reassign 1 --to ola --yes", profile="dag")
    office.ok("open 2 --reveal", profile="ola")


# ---- counts


def dispatched(office: Office) -> list[tuple[str, int]]:
    figures = office.ok("honorarium report --json").json["mentors"]
    return [(each["handle"], each["dispatched"]) for each in figures]


@pytest.mark.slow
def test_it_counts_as_dispatched_until_it_has_ended(office: Office) -> None:
    office.dispatch()
    office.dispatch()
    office.ok(DECLINE, profile="kari")
    assert dispatched(office) == [("kari", 2)]
    assert office.ok(f"show {office.dispatch()} --json").json["threshold_sequence_number"] == 3
    office.ok("reassign 1 --to ola --yes")
    assert dispatched(office) == [("kari", 2), ("ola", 1)]
    assert office.ok(f"show {office.dispatch()} --json").json["threshold_sequence_number"] == 3
    require_whole(office)
