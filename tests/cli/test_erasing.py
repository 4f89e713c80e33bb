"""`privacy erase`: everything about one person goes, and what the mentors have earned stays."""

from __future__ import annotations

from typing import Any

import pytest

from assigncli.client import privacy
from assigncli.errors import PartlyDone, StoreUnavailable
from assigncli.protocol.message import MessageKind
from tests.acting import acting
from tests.attacker import alter, guards_down, value, write
from tests.must_hold import require_nothing_left_in_vault, require_whole
from tests.office import Office
from tests.refusals import rows

ERASE = "privacy erase --reference SAK-7"
TEXTS = ("title", "subject_reference", "coordinator_notes", "internal_notes")


@pytest.fixture
def visited(office: Office) -> Office:
    """An office with a completed, a cancelled and another person's assignment."""
    notes = "--coordinator-notes 'Bring the magnifier.' --internal-notes 'Second request.'"
    office.to_status(office.dispatch(f"--reference SAK-7 {notes}"), "completed")
    office.dispatch("--reference SAK-7", title="Second visit")
    office.ok("cancel 2 --yes --reason 'Moved to the coast.'")
    office.to_status(office.dispatch("--reference SAK-8", title="Another person"), "completed")
    return office


def figures(office: Office) -> Any:
    return office.ok("honorarium report --json").json, office.ok("honorarium explain kari").stdout


def test_every_assignment_about_a_person_is_erased_and_the_totals_stay(visited: Office) -> None:
    before = figures(visited)
    done = visited.ok(f"{ERASE} --yes --json").json
    assert [each["number"] for each in done["assignments"]] == [1, 2]
    assert done["message"] == "2 assignments are erased. Nobody can read them any more."
    assert figures(visited) == before
    require_whole(visited)
    visited.ok("sweep")
    require_nothing_left_in_vault(visited)
    kept = b"".join(visited.snapshot().values())
    for text in ("Second visit", "Bring the magnifier.", "Second request.", "Moved to the coast."):
        assert text.encode() not in kept, text
    visited.refused("show 1", "assignment_archived", 3)
    assert "Another person" in visited.ok("show 3").stdout
    visited.ok("open 3 --reveal", profile="kari")


@pytest.mark.slow
def test_the_log_says_who_erased_what(visited: Office) -> None:
    visited.ok(f"{ERASE} --yes")
    said = visited.ok("audit log --assignment 2 --json").json["entries"][0]
    assert (said["action"], said["actor"], said["details"]["number"]) == (
        "assignment.erased",
        "Anne Berg",
        2,
    )


@pytest.mark.slow
def test_what_is_about_to_go_is_said_and_needs_a_yes(visited: Office) -> None:
    before = visited.store.read_bytes()
    visited.refused(ERASE, "confirmation_needed", 2)
    assert visited.store.read_bytes() == before
    told = visited.ok(f"{ERASE} --yes").stderr.splitlines()
    assert told[:2] == [
        "Assignment 1, Home visit, for Kari Nordmann, completed.",
        "Assignment 2, Second visit, for Kari Nordmann, cancelled.",
    ]


@pytest.mark.slow
def test_nothing_is_erased_while_one_of_them_is_open(visited: Office) -> None:
    visited.dispatch("--reference SAK-7")
    visited.create("--reference SAK-7")
    before = rows(visited, "SELECT * FROM audit_log ORDER BY id")
    refused = visited.refused(f"{ERASE} --yes", "assignment_open", 6)
    assert "4, 5" in refused.stderr
    assert rows(visited, "SELECT * FROM audit_log ORDER BY id") == before


@pytest.mark.slow
def test_a_reference_that_nobody_has_is_said(visited: Office) -> None:
    for line in (ERASE.lower(), "privacy erase --reference 'SAK-7 X'"):
        visited.refused(f"{line} --yes", "reference_not_found", 3)
    visited.ok(f"{ERASE} --yes")
    visited.refused(f"{ERASE} --yes", "reference_not_found", 3)


@pytest.mark.slow
def test_what_was_archived_before_is_erased_too(visited: Office) -> None:
    visited.later(days=800)
    visited.ok("sweep")
    assert value(visited, "SELECT count(*) FROM archived_assignments") == 3
    require_whole(visited)
    before = figures(visited)
    done = visited.ok(f"{ERASE} --yes --json").json
    assert [each["is_archived"] for each in done["assignments"]] == [True, True]
    assert figures(visited) == before
    require_whole(visited)
    kept = rows(visited, "SELECT number, title, subject_reference FROM archived_assignments")
    assert sorted(kept) == [(1, "", None), (2, "", None), (3, "Another person", "SAK-8")]


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["kari", "coordinator"])
def test_only_an_administrator_may(visited: Office, profile: str) -> None:
    if profile == "coordinator":
        visited.ok("member invite cora --name 'Cora Dal' --here --keys keyring --role coordinator")
        profile = "cora"
    visited.refused(f"{ERASE} --yes", "role_missing", 4, profile=profile)


def lie_in(office: Office, statement: str) -> None:
    """Write to the store as somebody who has the file, past triggers and checks."""
    with guards_down(office) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        assert db.execute(statement).rowcount


@pytest.mark.slow
def test_what_stops_in_the_middle_says_how_far_it_came_and_is_finished_by_repeating(
    visited: Office,
) -> None:
    with acting(visited, "anne") as session:
        sent, client = [], session.client
        honest = client.connection

        def failing(message: bytes) -> bytes:
            sent.append(message[1] == MessageKind.ACT)
            if sum(sent) == 2:
                raise StoreUnavailable("store_busy")
            return honest(message)

        client.connection = failing
        with pytest.raises(PartlyDone) as stopped:
            privacy.erase(client, "SAK-7")
    assert (stopped.value.code, stopped.value.facts) == ("erased_partly", {"numbers": ("1",)})
    done = visited.ok(f"{ERASE} --yes --json").json
    assert [each["number"] for each in done["assignments"]] == [2]
    require_whole(visited)


LIES = {
    "a title that was not erased": "UPDATE archived_assignments SET title = 'Home visit'",
    "a salt": "UPDATE archived_assignments SET title_salt = x'00112233445566778899aabbccddeeff'",
    "a reference": "UPDATE archived_assignments SET subject_reference = 'SAK-7'",
    "the moment": "UPDATE archived_assignments SET erased_at = archived_at || ' '",
    "no erasing": "UPDATE archived_assignments SET erased_at = NULL",
    "a reason": "UPDATE assignment_status_logs SET reason = 'x' WHERE to_status = 'cancelled'",
    "a live key": "UPDATE encryption_keys SET revoked_at = NULL, shredded_at = NULL"
    " WHERE assignment_id = (SELECT id FROM archived_assignments WHERE number = 1)",
}


@pytest.mark.slow
@pytest.mark.parametrize("lie", LIES)
def test_audit_verify_accepts_the_emptied_texts_and_nothing_else(visited: Office, lie: str) -> None:
    visited.ok(f"{ERASE} --yes")
    require_whole(visited)
    lie_in(visited, LIES[lie])
    assert visited.run("audit verify").code == 1


@pytest.mark.slow
def test_a_text_emptied_without_an_entry_is_found(visited: Office) -> None:
    lie_in(visited, "UPDATE assignment_status_logs SET reason = NULL, reason_salt = NULL")
    assert visited.run("audit verify").code == 1
    visited.later(days=800)
    visited.ok("sweep")
    require_whole(visited)
    for emptied in ("title = '', title_salt = x''", "subject_reference = NULL"):
        lie_in(visited, f"UPDATE archived_assignments SET {emptied} WHERE number = 3")
        assert visited.run("audit verify").code == 1


@pytest.mark.slow
def test_a_reference_moved_to_another_assignment_erases_nothing(visited: Office) -> None:
    alter(visited, 3, subject_reference="SAK-7")
    visited.refused(f"{ERASE} --yes", "text_altered", 1)
    assert value(visited, "SELECT count(*) FROM archived_assignments") == 0


@pytest.mark.slow
def test_a_reference_moved_in_the_archive_erases_nothing(visited: Office) -> None:
    visited.later(days=800)
    visited.ok("sweep")
    write(visited, "UPDATE archived_assignments SET subject_reference = 'SAK-9' WHERE number = 3")
    visited.refused("privacy erase --reference SAK-9 --yes", "assignment_altered", 1)
    assert value(visited, "SELECT title FROM archived_assignments WHERE number = 3")


@pytest.mark.slow
def test_an_ending_that_no_entry_has_lets_nothing_be_erased(visited: Office) -> None:
    number = visited.dispatch("--reference SAK-9")
    alter(visited, number, status="recalled", recalled_at="2026-11-21T11:00:00.000000Z")
    visited.refused("privacy erase --reference SAK-9 --yes", "manifest_invalid", 1)
    assert value(visited, "SELECT count(*) FROM archived_assignments") == 0
