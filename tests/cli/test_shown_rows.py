"""What `list`, `show` and `status` show is held against the log; a row that differs is named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.attacker import guards_down, hex_id
from tests.office import Office
from tests.quick import a_few

WARNED = "Assignment 2 is not as the audit log says."
OTHER = "2026-11-20T11:00:00.000000Z"
LIES = {
    "title": "'Another visit'",
    "status": "'acknowledged'",
    "priority": "'urgent'",
    "recipient_user_id": "(SELECT id FROM members WHERE handle = 'ola')",
    "dispatched_by_user_id": "(SELECT id FROM members WHERE handle = 'ola')",
    "dispatched_at": f"'{OTHER}'",
    "expires_at": f"'{OTHER}'",
    "delivered_at": f"'{OTHER}'",
    "created_at": f"'{OTHER}'",
    "updated_at": f"'{OTHER}'",
    "contact_deadline_days": "99",
    "honorarium_tier": "'elevated'",
    "threshold_sequence_number": "14",
    "reminder_sent_at": f"'{OTHER}'",
    "coordinator_notes": "'Come at night.'",
}
"""What somebody may write into the store, by column."""


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Three that were sent; the first was opened and the third was called off."""
    office = founded.copy_to(tmp_path_factory.mktemp("shown") / "office")
    for _ in range(3):
        office.dispatch()
    office.read(1)
    office.ok("cancel 3 --yes --reason Moved")
    office.later(days=12)
    return office


def write(office: Office, statement: str) -> None:
    with guards_down(office) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        assert db.execute(statement).rowcount > 0
        db.commit()


@pytest.mark.slow
def test_what_agrees_is_shown_without_a_word(office: Office) -> None:
    for line in ("list", "show 1", "show 2", "show 3", "status"):
        assert office.ok(line).stderr == ""


@pytest.mark.parametrize("column", a_few(2, of=LIES))
def test_a_lie_in_a_row_is_named_beside_it(office: Office, column: str) -> None:
    write(office, f"UPDATE assignments SET {column} = {LIES[column]} WHERE number = 2")
    for line in ("list", "show 2"):
        assert WARNED in office.ok(line).stderr, line
    assert office.ok("show 1").stderr == ""
    warned = office.ok("list --json").json["warnings"]
    assert [each["code"] for each in warned] == ["assignments_differ"]


def test_what_needs_follow_up_is_held_against_the_log_too(office: Office) -> None:
    write(office, "UPDATE assignments SET status = 'dispatched' WHERE number = 1")
    assert "Assignment 1 is not as the audit log says." in office.ok("status").stderr


def test_several_are_named_together(office: Office) -> None:
    write(office, "UPDATE assignments SET title = 'Another'")
    assert "Assignments 3, 2, 1 are not as the audit log says." in office.ok("list").stderr


def test_a_mentor_called_otherwise_is_named(office: Office) -> None:
    write(office, "UPDATE members SET display_name = 'Ola Dunk' WHERE handle = 'kari'")
    assert "Assignments 3, 2, 1 are not as the audit log says." in office.ok("list").stderr


@pytest.mark.parametrize(
    "change",
    a_few(
        2,
        of=[
            "UPDATE assignment_status_logs SET at = ",
            "UPDATE assignment_status_logs SET reason = 'Ill' WHERE to_status = 'cancelled'",
            "DELETE FROM assignment_status_logs WHERE to_status = 'dispatched'",
        ],
    ),
)
def test_a_timeline_that_was_altered(office: Office, change: str) -> None:
    write(office, f"{change}'{OTHER}'" if change.endswith("= ") else change)
    assert "Assignment 3 is not as the audit log says." in office.ok("show 3").stderr


@pytest.mark.parametrize("column", a_few(1, of=["at", "details", "signature", "actor_id"]))
def test_an_entry_that_was_altered(office: Office, column: str) -> None:
    new = {
        "at": f"'{OTHER}'",
        "details": "'{}'",
        "signature": "zeroblob(64)",
        "actor_id": f"'{hex_id(office, 'ola')}'",
    }[column]
    where = "subject_id = (SELECT id FROM assignments WHERE number = 2)"
    write(office, f"UPDATE audit_log SET {column} = {new} WHERE {where}")
    assert WARNED in office.ok("list").stderr


def test_who_took_a_step_is_whose_device_the_entry_names(office: Office) -> None:
    """Row, status log and the entry's own column say the same; the signed device is another's."""
    ola = hex_id(office, "ola")
    for table, column, where in (
        ("assignments", "cancelled_by_user_id", "number = 3"),
        ("assignment_status_logs", "actor_id", "to_status = 'cancelled'"),
        ("audit_log", "actor_id", "action = 'assignment.cancelled'"),
    ):
        write(office, f"UPDATE {table} SET {column} = '{ola}' WHERE {where}")
    assert "Assignment 3 is not as the audit log says." in office.ok("show 3").stderr


@pytest.mark.parametrize("column", a_few(2, of=["status", "recipient_user_id", "dispatched_at"]))
def test_a_column_that_cannot_be_read_is_said_in_plain_words(office: Office, column: str) -> None:
    write(office, f"UPDATE assignments SET {column} = 'rubbish' WHERE number = 2")
    said = office.refused("list", "store_damaged", 1)
    assert "rubbish" not in said.said
    assert office.run("audit verify").code == 1


def test_a_row_that_somebody_made_up(office: Office) -> None:
    with closing(sqlite3.connect(office.store)) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(assignments)")]
    others = {"id": "lower(hex(randomblob(16)))", "number": "50"}
    values = ", ".join(others.get(name, name) for name in columns)
    write(
        office,
        f"INSERT INTO assignments ({', '.join(columns)}) SELECT {values} FROM assignments"
        " WHERE number = 2",
    )
    assert "Assignment 50 is not as the audit log says." in office.ok("list").stderr


LINE = "assignment_threshold_logs"


@pytest.fixture(scope="module")
def earned(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Kari has completed one, too."""
    office = founded.copy_to(tmp_path_factory.mktemp("earned") / "office")
    office.to_status(2, "completed")
    return office


@pytest.mark.slow
@pytest.mark.parametrize("line", ["report", "report --activity", "explain kari"])
@pytest.mark.parametrize(
    "change",
    a_few(
        2,
        of=[
            "completed_count = 9",
            f"at = '{OTHER}'",
            "member_id = (SELECT id FROM members WHERE handle = 'ola')",
        ],
    ),
)
def test_figures_that_differ_are_named(
    earned: Office, tmp_path: Path, line: str, change: str
) -> None:
    office = earned.copy_to(tmp_path / "office")
    assert office.ok(f"honorarium {line}").stderr == ""
    write(office, f"UPDATE {LINE} SET {change} WHERE kind = 'completed'")
    if "member_id" not in change:
        warned = office.ok(f"honorarium {line}").stderr
        assert "The figures of kari are not as the audit log says." in warned
    elif "explain" not in line:
        assert "The figures of ola are not" in office.ok(f"honorarium {line}").stderr
