"""What is open with a mentor who is paused, has lapsed or has left: at the act, and in status."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from assigncli.server.reads import attention
from tests.office import Office
from tests.sweeping import LAPSED

HALTS = {
    "mentor_left": "member revoke kari --yes",
    "mentor_paused": "member pause kari --until 03.12.2026",
}
WORDS = {
    "mentor_left": "the mentor has left",
    "mentor_paused": "the mentor is paused until 3 December",
    "certification_lapsed": "the certification has lapsed",
}


def status(office: Office) -> dict[int, dict[str, Any]]:
    """Return what needs attention, by number; each is there once."""
    found = office.ok("status --json").json["attention"]
    assert len({each["number"] for each in found}) == len(found)
    return {each["number"]: each for each in found}


def reasons(office: Office) -> dict[int, list[str]]:
    """Return why each needs attention, by number."""
    return {number: each["attention"] for number, each in status(office).items()}


@pytest.fixture(scope="module")
def a_busy_one(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office in which kari has one of each: completed, contact made, read, sent, a draft."""
    office = founded.copy_to(tmp_path_factory.mktemp("a_busy_one") / "office")
    for title, reached in (("Done", "completed"), ("Met", "contact_made"), ("Seen", "read")):
        office.to_status(office.dispatch(title=title), reached)
    office.dispatch(title="Sent")
    office.create(title="Draft")
    office.dispatch(title="Other", to="ola")
    return office


@pytest.mark.slow
@pytest.mark.parametrize("why", HALTS)
def test_number_and_titles_are_said_at_the_act_and_all_is_in_status_at_once(
    busy: Office, why: str
) -> None:
    said = busy.ok(HALTS[why]).stdout
    assert said.endswith(
        " 4 assignments are open with this mentor.\n"
        "Assignment 2: Met\n"
        "Assignment 3: Seen\n"
        "Assignment 4: Sent\n"
        "Assignment 5: Draft\n"
        "Next: assign status\n"
    )
    found = status(busy)
    assert {number: each["attention"] for number, each in found.items()} == {
        2: [why],
        3: [why],
        4: [why],
        5: [why, "not_dispatched"],
    }
    commands = ["cancel 2", "cancel 3", "recall 4", "edit 5 --to"]
    for number, command in zip(found, commands, strict=True):
        assert f"assign {command}" in found[number]["hint"]
    spoken = busy.ok("status").stdout
    assert spoken.startswith(
        "4 assignments need follow-up: 4 with a mentor who takes none.\n\n"
        f"Assignment 2: Met\nReason: {WORDS[why]}\nMentor: Kari Nordmann\n"
        "What to do: Cancel it with assign cancel 2, and"
    )
    assert (
        f"\nAssignment 5: Draft\nReason: {WORDS[why]}, a draft since today, not sent\n"
        "Mentor: Kari Nordmann\nWhat to do: Choose another"
    ) in spoken


def test_the_act_says_the_same_in_json(busy: Office) -> None:
    said = busy.ok("member revoke kari --yes --json").json
    assert said["open_assignments"] == 4
    assert said["assignments"][0] == {"number": 2, "title": "Met", "status": "contact_made"}
    assert [each["number"] for each in said["assignments"]] == [2, 3, 4, 5]


@pytest.mark.slow
def test_where_nothing_is_open_the_act_is_all_that_is_said_and_status_is_silent(
    office: Office,
) -> None:
    office.to_status(office.dispatch(), "completed")
    office.ok(f"recall {office.dispatch()} --yes")
    said = office.ok("member pause kari")
    assert said.stdout == "Kari Nordmann is paused without an end date.\n"
    assert office.ok("member revoke kari --yes --json").json["assignments"] == []
    assert reasons(office) == {}


@pytest.mark.slow
def test_the_advice_can_be_followed(busy: Office) -> None:
    busy.ok("member revoke kari --yes")
    busy.ok("cancel 2 --reason 'The mentor has left.' --yes")
    busy.ok("cancel 3 --reason 'The mentor has left.' --yes")
    busy.ok("recall 4 --yes")
    busy.ok("edit 5 --to per")
    assert reasons(busy) == {5: ["not_dispatched"]}
    busy.ok("dispatch 5")
    assert reasons(busy) == {}


@pytest.mark.slow
@pytest.mark.parametrize("until", ["", "--until 23.11.2026"])
def test_a_pause_stands_until_it_ends(office: Office, until: str) -> None:
    number = office.dispatch()
    office.ok(f"member pause kari {until}")
    words = "paused until 23 November" if until else "paused without an end date"
    assert f"Reason: the mentor is {words}\n" in office.ok("status").stdout
    assert "Or run assign member resume kari." in status(office)[number]["hint"]
    office.now = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
    assert "mentor_paused" in reasons(office)[number]
    office.later(minutes=1)  # the pause with a last day is over
    assert ("mentor_paused" in reasons(office).get(number, [])) is (until == "")
    office.ok("member resume kari")
    assert "mentor_paused" not in reasons(office).get(number, [])


def test_a_mentor_who_pauses_is_told_of_what_was_sent_and_of_no_draft(office: Office) -> None:
    office.dispatch()
    office.create(title="Not yet sent")
    said = office.ok("member pause kari", profile="kari").stdout
    assert said == (
        "Kari Nordmann is paused without an end date. You still have 1 open assignment.\n"
        "Assignment 1: Home visit\n"
        "What to do: What was sent to you stays with you. Ask your coordinator about what cannot "
        "wait.\n"
    )
    assert "Not yet sent" not in said


@pytest.mark.slow
def test_a_certification_lapses_at_midnight_and_is_said_by_the_sweep(office: Office) -> None:
    office.ok("member certify kari --certified-until 22.11.2026")
    sent, draft = office.dispatch(), office.create(title="Draft")
    office.now = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
    assert "certification_lapsed" not in str(reasons(office))
    office.later(seconds=1)
    assert reasons(office) == {
        sent: ["certification_lapsed", "unread"],
        draft: ["certification_lapsed", "not_dispatched"],
    }  # before any sweep
    assert f"Reason: {WORDS['certification_lapsed']}" in office.ok("status").stdout
    line = "Assignment {}, {}, is open with Kari Nordmann. Run assign status.\n"
    said = (
        f"{LAPSED.format('Kari Nordmann')}\n"
        + line.format(sent, "Home visit")
        + line.format(2, "Draft")
    )
    assert office.run("sweep --dry-run").stdout.endswith(line.format(2, "Draft"))
    assert office.run("sweep").stdout == said
    assert set(reasons(office)) == {sent, draft}
    assert "Or run assign member certify kari." in status(office)[sent]["hint"]
    office.ok("member certify kari --certified-until 31.12.2027")
    assert reasons(office) == {sent: ["unread"], draft: ["not_dispatched"]}


@pytest.mark.slow
def test_the_sweeps_document_names_them_too(office: Office) -> None:
    office.ok("member certify kari --certified-until 22.11.2026")
    office.dispatch()
    office.later(days=2)
    (lapsed,) = [
        each
        for each in office.ok("sweep --json").json["outcomes"]
        if each["done"] == "certification_lapsed"
    ]
    assert [each["title"] for each in lapsed["assignments"]] == ["Home visit"]


def test_who_is_paused_lapses_and_leaves_is_told_of_once(office: Office) -> None:
    office.ok("member certify kari --certified-until 22.11.2026")
    number = office.dispatch()
    office.ok("member pause kari")
    assert reasons(office)[number] == ["mentor_paused"]
    office.later(days=2)
    assert reasons(office)[number] == ["certification_lapsed", "unread"]
    office.ok("member revoke kari --yes")
    assert reasons(office)[number] == ["mentor_left", "unread"]
    office.later(days=9)
    assert reasons(office)[number] == ["overdue_for_contact", "mentor_left", "unread"]


@pytest.mark.slow
def test_what_has_expired_is_not_open_swept_or_not(office: Office) -> None:
    office.dispatch("--expires 22.11.2026")
    office.now = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert office.ok("member pause kari --json").json["open_assignments"] == 0
    assert "mentor_paused" not in str(reasons(office))
    office.run("sweep")
    assert reasons(office) == {}


def test_whoever_left_counts_by_what_is_signed_not_by_the_row(office: Office) -> None:
    number = office.dispatch()
    for false in ("revoked", "invited"):
        set_status(office, false)
        assert reasons(office) == {}
    office.ok("member approve kari")
    office.ok("member revoke kari --yes")
    set_status(office, "active")
    assert reasons(office) == {number: ["mentor_left"]}


def set_status(office: Office, status: str) -> None:
    with closing(sqlite3.connect(office.store)) as db:
        db.execute("UPDATE members SET status = ? WHERE handle = 'kari'", [status])
        db.commit()


@pytest.mark.slow
def test_more_than_is_looked_at_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(office.store)):
        for _number in range(2):
            office.create()
    office.ok("member pause kari")
    monkeypatch.setattr(attention, "MOST", 1)
    found = office.ok("status --json").json
    assert found["more"] is True
    assert found["attention"][0]["attention"][0] == "mentor_paused"
    assert "There are even more." in office.ok("status").stdout
