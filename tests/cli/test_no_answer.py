"""`contact --no-answer`: an attempt is recorded, and nothing else changes."""

from __future__ import annotations

import pytest

from tests.attacker import column, guards_down, write
from tests.hostile import Hostile
from tests.must_hold import require_whole
from tests.office import Office
from tests.refusals import rows

TRY = "contact 1 --no-answer"
UNANSWERED = "contact.unanswered"


@pytest.fixture
def read(office: Office) -> Office:
    """An office with an assignment whose mentor is to make contact."""
    office.to_status(office.dispatch(), "acknowledged")
    return office


def test_attempts_are_recorded_and_shown_and_take_no_step(read: Office) -> None:
    before = column(read, 1, "updated_at")
    first = read.ok(TRY, profile="kari").stdout.splitlines()
    assert first[0] == "Assignment 1: 1 attempt without an answer is recorded."
    assert first[-1] == "Next: assign contact 1"
    read.later(hours=2)
    done = read.ok(f"{TRY} --json", profile="kari").json
    assert (done["attempt"], done["status"]) == (2, "acknowledged")
    assert column(read, 1, "updated_at") == before
    for profile in ("anne", "kari"):
        shown = read.ok("show 1", profile=profile).stdout
        assert "Not answered: 2 attempts, the last 21 November at 14:00" in shown
    assert len(read.ok("show 1 --json").json["contact_attempts"]) == 2
    require_whole(read)


@pytest.mark.slow
def test_no_reminder_is_stopped_and_contact_is_still_possible(read: Office) -> None:
    read.ok(TRY, profile="kari")
    read.later(days=11)
    assert "reminded" in read.ok("sweep --json").stdout
    read.ok("contact 1", profile="kari")
    read.refused(TRY, "valid_status_transition", 6, profile="kari")
    require_whole(read)


@pytest.mark.slow
def test_it_is_possible_only_where_contact_is(office: Office) -> None:
    office.dispatch()
    office.refused(TRY, "valid_status_transition", 6, profile="kari")
    office.to_status(1, "read")
    office.refused(TRY, "valid_status_transition", 6, profile="kari")
    office.refused(TRY, "not_your_assignment", 4, profile="ola")
    office.later(days=40)
    office.refused(TRY, "expired_payload_inaccessible", 6, profile="kari")
    assert rows(office, "SELECT * FROM contact_attempts") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "code"), [("anne", "role_missing"), ("ola", "not_your_assignment")]
)
def test_a_client_of_somebody_s_own_making_gets_no_further(
    read: Office, profile: str, code: str
) -> None:
    assert Hostile(read, profile).does(UNANSWERED, 1).code == code
    kari = Hostile(read, "kari")
    assert kari.does(UNANSWERED, 1, {"attempt": 7}).code == "statement_malformed"
    assert kari.does(UNANSWERED, 1).code == ""
    again = kari.raw(kari.sent[-1])
    assert again.code == ""
    assert rows(read, "SELECT attempt FROM contact_attempts") == [(1,)]
    read.ok("cancel 1 --yes --reason Moved")
    assert kari.does(UNANSWERED, 1).code == "valid_status_transition"
    read.ok("audit verify")


LIES = (
    "UPDATE contact_attempts SET at = '2026-01-01T00:00:00.000000Z'",
    "UPDATE contact_attempts SET attempt = 3 WHERE attempt = 2",
    "DELETE FROM contact_attempts WHERE attempt = 2",
    "INSERT INTO contact_attempts (organization_id, assignment_id, member_id, attempt, at)"
    " SELECT organization_id, assignment_id, member_id, 3, at FROM contact_attempts LIMIT 1",
)


@pytest.mark.slow
@pytest.mark.parametrize("lie", LIES)
def test_an_attempt_that_no_entry_has_is_found(read: Office, lie: str) -> None:
    read.ok(TRY, profile="kari")
    read.ok(TRY, profile="kari")
    write(read, lie)
    assert read.run("audit verify").code == 1
    assert "assignments_differ" in read.ok("show 1 --json").stdout
    with guards_down(read) as db:
        assert db.execute("SELECT count(*) FROM contact_attempts").fetchone()
