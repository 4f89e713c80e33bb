"""Following assignments: `list`, `show` and `status`, and how an assignment is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from assigncli.client import create as draft_action
from tests.office import ACCEPT, Office
from tests.quick import a_few
from tests.refusals import everything, refused


def oslo(day: int, month: int, year: int, hour: int = 0, *, offset: int = 1) -> datetime:
    """Return a moment by the clock in Oslo, `offset` hours ahead of UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=offset)


def listed(office: Office, more: str = "") -> list[int]:
    """Return the numbers that `list` gives."""
    return [item["number"] for item in office.ok(f"list {more} --json").json["assignments"]]


def attention(office: Office) -> list[tuple[int, str]]:
    """Return what `status` says of which number."""
    found = office.ok("status --json").json["attention"]
    return [(item["number"], ", ".join(item["attention"])) for item in found]


@pytest.fixture(scope="module")
def a_busy_one(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Six assignments that stand in different places."""
    office = founded.copy_to(tmp_path_factory.mktemp("a_busy_one") / "office")
    office.create()
    office.dispatch("--priority urgent", to="ola")
    third, fourth, fifth = (office.dispatch() for _ in range(3))
    office.to_status(third, "acknowledged")
    office.ok(f"recall --yes {fourth}")
    office.ok(f"cancel --yes {fifth} --reason 'Not needed'")
    office.to_status(office.dispatch(to="per"), "completed", profile="per")
    return office


@pytest.mark.slow
def test_the_list_can_be_narrowed(busy: Office) -> None:
    expected = {
        "": [6, 5, 4, 3, 2, 1],
        "--status pending": [1],
        "--status recalled --status cancelled": [5, 4],
        "--status expired": [],
        "--mentor kari": [5, 4, 3, 1],
        "--mentor KARI": [5, 4, 3, 1],
        "--priority urgent": [2],
        "--priority normal --mentor ola": [],
        "--unacknowledged": [2],
        "--overdue": [],
        "--mentor kari --status acknowledged": [3],
        "--limit 2": [6, 5],
        "--limit 2 --before 5": [4, 3],
        "--before 1": [],
        "--before 99": [6, 5, 4, 3, 2, 1],
    }
    assert {more: listed(busy, more) for more in expected} == expected
    busy.now = oslo(1, 12, 2026)
    assert listed(busy, "--overdue") == [3, 2]
    assert listed(busy, "--overdue --mentor kari") == [3]
    assert listed(busy, "--overdue --unacknowledged") == [2]


def test_the_list_is_heard_count_first(busy: Office) -> None:
    before = everything(busy)
    said = busy.ok("list --mentor per").stdout
    assert said == (
        "1 assignment.\n\nAssignment 6: Home visit\nStatus: completed 21 November\nMentor: Per Ås\n"
    )
    full = busy.ok("list --mentor per --full").stdout
    assert full.startswith("1 assignment.\n\nNumber: 6\nTitle: Home visit\nStatus: completed\n")
    assert "Mentor: Per Ås, per\n" in full
    assert "Sent: 21 November at 12:00\n" in full
    assert busy.ok("list --status expired").stdout == "No assignments.\n"
    assert everything(busy) == before


@pytest.mark.slow
def test_pages_cover_everything_once(office: Office) -> None:
    for _ in range(5):
        office.create()
    seen: list[int] = []
    more = ""
    while True:
        page = office.ok(f"list --limit 2 {more} --json").json
        seen += [item["number"] for item in page["assignments"]]
        if page["before"] is None:
            break
        more = f"--before {page['before']}"
    assert seen == [5, 4, 3, 2, 1]
    said = office.ok("list --limit 2").stdout
    assert said.startswith("5 assignments, newest first. Shown here: 2.\n")
    *_, footer = said.splitlines()
    assert footer == "There are more. Next page: assign list --limit 2 --before 4 --profile anne"
    following = office.ok(footer.partition("assign ")[2], profile=None).stdout
    assert "\nAssignment 3: Home visit\n" in following
    assert "\nAssignment 4: Home visit\n" not in following
    assert "There are more" not in office.ok("list --limit 5").stdout


def test_pages_of_what_is_overdue(office: Office) -> None:
    """Overdue is decided by days, not by the database: a page is full all the same."""
    for number in range(1, 7):
        office.dispatch("--deadline-days 60 --expires 31.03.2027" if number % 2 else "")
    office.later(days=11)
    first = office.ok("list --overdue --limit 2 --json").json
    assert [item["number"] for item in first["assignments"]] == [6, 4]
    second = office.ok(f"list --overdue --limit 2 --before {first['before']} --json").json
    assert ([item["number"] for item in second["assignments"]], second["before"]) == ([2], None)


def test_the_timeline_is_said_in_order(office: Office) -> None:
    number = office.create("--consent-required --reference A-7 --coordinator-notes 'Bring it.'")
    office.later(hours=1)
    office.ok(f"dispatch {number}")
    office.ok(f"consent {number} {ACCEPT}", profile="kari")
    office.later(days=1)
    office.to_status(number, "read")
    office.ok(f"cancel --yes {number} --reason 'The visit is not needed.'")
    said = office.ok(f"show {number}").stdout
    assert said.startswith(
        f"Assignment {number}: Home visit\nStatus: cancelled 22 November at 13:00\n"
    )
    assert "Reference: A-7\n" in said
    assert said.endswith(
        "Created: 21 November at 12:00 by Anne Berg\n"
        "Sent: 21 November at 13:00 by Anne Berg\n"
        "Delivered: 22 November at 13:00\n"
        "Read: 22 November at 13:00\n"
        "Cancelled: 22 November at 13:00 by Anne Berg. Reason: The visit is not needed.\n"
    )
    full = office.ok(f"show {number} --full").stdout
    assert full.startswith(f"Assignment {number}: Home visit\nNumber: {number}\n")
    assert "Step 1 of 5: Created, 21 November at 12:00, by Anne Berg\n" in full
    assert "Step 4 of 5: Read, 22 November at 13:00, by Kari Nordmann\n" in full
    assert (
        "Step 5 of 5: Cancelled, 22 November at 13:00, by Anne Berg,"
        " reason: The visit is not needed.\n"
    ) in full
    shown = office.ok(f"show {number} --json").json
    assert shown["timeline"][0] == {
        "to_status": "pending",
        "at": "2026-11-21T11:00:00Z",
        "actor": "Anne Berg",
        "reason": None,
    }
    assert shown["cancelled_at"] == shown["first_read_at"] == "2026-11-22T12:00:00Z"
    assert shown["contact_due_at"] == "2026-11-30T23:00:00Z"


def test_internal_notes_are_the_coordinators(office: Office) -> None:
    note = "Only for the office."
    number = office.dispatch(f"--internal-notes '{note}' --coordinator-notes 'Bring it.'")
    assert f"Internal note: {note}\n" in office.ok(f"show {number}").stdout
    for line in (f"show {number}", "inbox", f"open {number} --reveal"):
        for more in ("", " --json"):
            said = office.ok(line + more, profile="kari").said
            assert note not in said
            assert "Bring it." in said or "show" in line
    assert office.ok(f"show {number} --json", profile="kari").json["internal_notes"] is None
    office.ok("member invite bo --name Bo --role org_admin --here --keys keyring")
    refused(office, f"show {number}", "role_missing", 4, profile="bo")


@pytest.mark.slow
def test_the_note_to_the_mentor_is_for_the_mentor_and_who_sent_it(office: Office) -> None:
    """Not for other coordinators, nor for one whom a draft will go to; internal notes are."""
    office.ok(
        "member invite bo --name Bo --role coordinator --role peer_mentor --here --keys keyring"
    )
    office.ok(
        "member invite siv --name Siv --role org_admin --role coordinator --here --keys keyring"
    )
    notes = "--coordinator-notes 'Bring it.' --internal-notes 'Ask Per.'"
    sent, to_bo, draft = (
        office.dispatch(notes),
        office.dispatch(notes, to="bo"),
        office.create(notes, to="bo"),
    )
    seen = {
        (profile, number): bool(
            office.ok(f"show {number} --json", profile=profile).json["coordinator_notes"]
        )
        for profile in ("anne", "bo", "siv")
        for number in (sent, to_bo, draft)
    }
    assert {key for key, shown in seen.items() if shown} == {
        ("anne", sent),
        ("anne", to_bo),
        ("anne", draft),
        ("bo", to_bo),
    }
    assert "Bring it." in office.ok(f"show {sent}", profile="kari").stdout
    for line in (f"show {sent}", f"show {draft}"):
        said = office.ok(line, profile="bo").stdout
        assert "Bring it." not in said
        assert "Internal note: Ask Per.\n" in said
    for number in (sent, to_bo):
        office.ok(f"recall {number} --yes")
    assert "Bring it." not in office.ok(f"show {sent}", profile="siv").said
    assert "Bring it." in office.ok(f"show {sent}", profile="kari").said


LOOKS = (
    *(
        "list",
        "status",
        "show 1",
        "show 2",
        "audit log",
        "audit verify",
        "member list",
        "cycle list",
    ),
    *("member show kari", "honorarium report", "honorarium explain kari", "config list", "doctor"),
    *("honorarium report --format csv", "key list", "inbox", "store info", "store check"),
)


@pytest.mark.slow
def test_no_other_command_tells_a_coordinator_of_another_s_note(office: Office) -> None:
    office.ok(
        "member invite siv --name Siv --role org_admin --role coordinator --here --keys keyring"
    )
    office.create("--coordinator-notes 'Bring it.'")
    office.dispatch("--coordinator-notes 'Bring it.' --deadline-days 1")
    office.later(days=3)
    for line in LOOKS:
        for more in ("", " --json", " --table"):
            assert "Bring it." not in office.run(line + more, profile="siv").said, line
    for line in ("open 2 --reveal", "edit 1 --title Other", "dispatch 1"):
        assert "Bring it." not in office.run(line, profile="siv").said
    said = office.ok("recall 1 --yes", profile="siv").said
    assert "Bring it." not in said + office.ok("recall 2 --yes", profile="siv").said


@pytest.mark.slow
def test_a_mentor_sees_only_what_was_sent_to_them(office: Office) -> None:
    draft, sent = office.create(), office.dispatch()
    office.ok(f"show {sent}", profile="kari")
    refused(office, f"show {draft}", "assignment_not_found", 3, profile="kari")
    refused(office, f"show {sent}", "assignment_not_found", 3, profile="ola")
    office.ok(f"recall --yes {draft}")
    refused(office, f"show {draft}", "assignment_not_found", 3, profile="kari")
    for line in ("list", "status", "audit log"):
        refused(office, line, "role_missing", 4, profile="kari")


@pytest.mark.slow
def test_what_is_unread_too_long(office: Office) -> None:
    office.now = oslo(30, 11, 2026)
    at_midnight = office.dispatch()
    office.now = oslo(30, 11, 2026, 23)
    office.dispatch(to="ola")
    office.now = oslo(1, 12, 2026)
    next_day = office.dispatch(to="per")
    office.now = oslo(2, 12, 2026) - timedelta(seconds=1)
    assert attention(office) == []
    office.now = oslo(2, 12, 2026)
    assert attention(office) == [(at_midnight, "unread"), (at_midnight + 1, "unread")]
    office.to_status(at_midnight, "delivered")
    assert (at_midnight, "unread") in attention(office)  # fetched is not read
    office.read(at_midnight)
    assert attention(office) == [(at_midnight + 1, "unread")]
    office.now = oslo(3, 12, 2026)
    assert (next_day, "unread") in attention(office)
    office.ok("config set unread_attention_days 5")
    assert attention(office) == []


def test_what_is_overdue_for_contact(office: Office) -> None:
    office.now = oslo(1, 12, 2026)
    number = office.dispatch("--deadline-days 3")
    office.to_status(number, "acknowledged")
    office.now = oslo(4, 12, 2026) - timedelta(seconds=1)
    assert attention(office) == []
    office.now = oslo(4, 12, 2026)
    assert attention(office) == [(number, "overdue_for_contact")]
    said = office.ok("status").stdout
    assert said == (
        "1 assignment needs follow-up.\n\nAssignment 1: Home visit\n"
        "Reason: 1 day past the contact deadline\nMentor: Kari Nordmann\n"
    )
    assert "Overdue for contact: yes\n" in office.ok("status --full").stdout
    office.ok(f"contact {number}", profile="kari")
    assert office.ok("status").stdout == "Nothing needs follow-up now.\n"


@pytest.mark.parametrize(
    ("sent", "due", "offset_then"),
    a_few(
        2,
        of=[
            (oslo(20, 3, 2027, 23), datetime(2027, 3, 29, 22, tzinfo=UTC), 2),
            (oslo(20, 10, 2027, 0, offset=2), datetime(2027, 10, 29, 22, tzinfo=UTC), 2),
            (oslo(25, 10, 2027, 1, offset=2), datetime(2027, 11, 3, 23, tzinfo=UTC), 1),
        ],
    ),
    ids=["summer time begins", "before it ends", "it ends"],
)
def test_deadlines_are_calendar_days_across_daylight_saving(
    office: Office, sent: datetime, due: datetime, offset_then: int
) -> None:
    office.now = sent
    number = office.dispatch()
    assert office.ok(f"show {number} --json").json["contact_due_at"] == f"{due:%FT%TZ}"
    local = due + timedelta(hours=offset_then)
    assert (local.hour, local.minute) == (0, 0)
    office.now = due - timedelta(seconds=1)
    assert listed(office, "--overdue") == []
    office.now = due
    assert listed(office, "--overdue") == [number]


def test_the_default_expiry_keeps_the_clock_across_daylight_saving(office: Office) -> None:
    office.now = oslo(10, 3, 2027, 12)
    number = office.dispatch()
    assert office.ok(f"show {number} --json").json["expires_at"] == "2027-04-09T10:00:00Z"


def test_what_is_about_to_expire(office: Office) -> None:
    number = office.dispatch("--expires 31.12.2026 --deadline-days 60")
    office.to_status(number, "contact_made")
    office.now = oslo(29, 12, 2026) - timedelta(seconds=1)
    assert attention(office) == []
    office.now = oslo(29, 12, 2026)
    assert attention(office) == [(number, "about_to_expire")]
    office.now = oslo(1, 1, 2027)
    said = office.ok("status").stdout
    assert "\nAssignment 1: Home visit\nReason: expired\n" in said
    assert "Status: contact made, past its expiry\n" in office.ok("status --full").stdout
    office.ok(f"cancel --yes {number} --reason 'Too late'")
    assert attention(office) == []


def test_drafts_that_were_not_sent(office: Office) -> None:
    first, second = office.create(), office.create()
    assert sorted(attention(office)) == [(first, "not_dispatched"), (second, "not_dispatched")]
    office.ok(f"dispatch {first}")
    office.ok(f"recall --yes {second}")
    assert attention(office) == []


def test_an_assignment_is_said_once_with_every_reason(office: Office) -> None:
    number = office.dispatch("--deadline-days 1")
    office.later(days=3)
    assert attention(office) == [(number, "overdue_for_contact, unread")]
    assert office.ok("status").stdout.startswith(
        "1 assignment needs follow-up.\n\nAssignment 1: Home visit\n"
        "Reason: 3 days past the contact deadline, not read\n"
    )


ALIKE = (
    UUID("abcd1234-0000-4000-8000-000000000001"),
    UUID("abcd1234-0000-4000-8000-000000000002"),
    UUID("00120000-0000-4000-8000-000000000003"),
    UUID("12340000-0000-4000-8000-000000000004"),
)


@pytest.mark.slow
def test_how_an_assignment_is_named(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(ALIKE)
    monkeypatch.setattr(draft_action, "uuid4", lambda: next(ids))
    for _ in ALIKE:
        office.create()
    named = {
        "1": 1,
        str(ALIKE[1]): 2,
        str(ALIKE[1]).upper(): 2,
        ALIKE[1].hex: 2,
        "00120000": 3,
        "00120000-0000": 3,
        "12340000": 4,  # longer than any number, so it is the beginning of an id
        "abcd1234-0000-4000-8000-000000000001": 1,
        " 4 ": 4,
    }
    found = {name: office.ok(f"show '{name}' --json").json["number"] for name in named}
    assert found == named
    for name in ("abcd", "abcd1234", str(ALIKE[0])[:-1]):
        said = refused(office, f"show {name}", "assignment_ambiguous", 2).stderr
        assert "assignment's number" in said
    for name in ("abc", "abce", "0", "5", "12", "0012", "1234", "00120001", "ab cd", "%", "abcdg"):
        refused(office, f"show '{name}'", "assignment_not_found", 3)
    office.ok("dispatch 00120000")
    office.ok(f"recall --yes {ALIKE[2]}")
