"""Raw SQL against ledger, status log, settings and cycles: `assign audit verify` names each.

The audit log itself is left as it is, and the guards are taken out of the way once and for all:
what is found is found because the signed entries say otherwise.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from assigncli.domain.actions import Action
from assigncli.domain.tiers import Counts
from tests.attacker import Value, column, hex_id, insert, insert_opening, remove_entries, value
from tests.office import Office
from tests.quick import a_few, one_of_each, only
from tests.refusals import rows

Finding = tuple[str, int | None, str | None]
LEDGER = "assignment_threshold_logs"
STEPS = "assignment_status_logs"
DONE, RECALLED, CANCELLED, EXPIRED, DRAFT, READ = range(1, 7)
"""The assignments of the story, by number."""


@pytest.fixture(scope="module")
def told(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office in which everything has happened that the ledger knows of."""
    office = founded.copy_to(tmp_path_factory.mktemp("told") / "office")
    for more in ("", "", "", "--expires 23.11.2026"):
        office.dispatch(more)
    office.create()
    office.dispatch("--expires 31.1.2027", to="ola")
    office.ok("config set honorarium_standard_from 2")
    office.ok("config set honorarium_standard_from 4")
    office.ok("config set honorarium_standard_from 2")
    office.later(minutes=1)
    for step in ("inbox", f"open {DONE} --reveal", f"ack {DONE}", f"contact {DONE}"):
        office.ok(step, profile="kari")
    office.ok(f"complete {DONE} --in-person", profile="kari")
    office.ok(f"recall --yes {RECALLED}")
    office.ok(f"cancel --yes {CANCELLED} --reason Moved")
    office.ok(f"recall --yes {DRAFT}")
    office.later(days=3)
    assert office.run("sweep").code == 0
    office.read(READ, profile="ola")
    office.ok("cycle open Next --from 1.1.2027 --to 31.12.2027")
    office.ok("cycle close --yes Next")
    assert_whole(office)
    return office


@pytest.fixture(scope="module")
def unguarded(told: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The same without guards, which verifying does not rely on."""
    office = told.copy_to(tmp_path_factory.mktemp("unguarded") / "office")
    with closing(sqlite3.connect(office.store)) as db:
        guards = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            db.execute(f"DROP TRIGGER {name}")
        db.commit()
    return office


@pytest.fixture
def office(unguarded: Office, tmp_path: Path) -> Office:
    """One for a test to attack."""
    return unguarded.copy_to(tmp_path / "office")


def write(office: Office, statement: str, *values: Value) -> None:
    """Write by raw SQL; something must have been changed."""
    with closing(sqlite3.connect(office.store)) as db:
        assert db.execute(statement, values).rowcount > 0
        db.commit()


def assert_whole(office: Office) -> None:
    said = office.ok("audit verify --json").json
    assert said["entries"] == value(office, "SELECT max(sequence) FROM audit_log")


def differences(office: Office) -> list[Finding]:
    """Return what verifying finds, which must not be the entries: code, assignment, what of it."""
    result = office.run("audit verify --json")
    assert result.code == 1, result.said
    assert result.error["message"] == "The store does not say what the audit log says."
    listed = result.json["findings"]
    assert result.error["code"] == listed[0]["code"]
    for finding in listed:
        recorded = not finding["code"].endswith("_unrecorded")
        assert (finding["sequence"] is not None) is recorded, finding
        assert finding["meaning"] != finding["code"]
    return [(each["code"], each["number"], each["name"]) for each in listed]


def other_cycle(office: Office) -> str:
    return str(value(office, "SELECT id FROM reporting_cycles WHERE name = 'Next'"))


def about(office: Office, number: int, kind: str) -> str:
    """Return the condition for one line of the ledger."""
    return f"assignment_id = '{column(office, number, 'id')}' AND kind = '{kind}'"


def step_of(office: Office, number: int, status: str) -> str:
    """Return the condition for one row of the status log."""
    return f"assignment_id = '{column(office, number, 'id')}' AND to_status = '{status}'"


def copied(office: Office, table: str, where: str, **changes: str | int | None) -> None:
    """Add a copy of a row with other values."""
    names = [str(row[1]) for row in rows(office, f"PRAGMA table_info({table})") if row[1] != "id"]
    values = ", ".join("?" if name in changes else name for name in names)
    bound = [changes[name] for name in names if name in changes]
    query = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {where}"
    write(office, query, *bound)


def without_uniqueness(office: Office) -> None:
    """Make the ledger's table anew, without the constraint that keeps a line from being doubled."""
    with closing(sqlite3.connect(office.store)) as db:
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (LEDGER,)).fetchone()
        loose = sql.replace("CONSTRAINT threshold_line_once UNIQUE (assignment_id, kind),", "")
        assert loose != sql
        db.execute(f"ALTER TABLE {LEDGER} RENAME TO old")
        db.execute(loose)
        db.execute(f"INSERT INTO {LEDGER} SELECT * FROM old")
        db.execute("DROP TABLE old")
        db.commit()


KINDS = [
    (DONE, "dispatched"),
    (DONE, "completed"),
    (RECALLED, "recalled"),
    (CANCELLED, "cancelled"),
    (EXPIRED, "expired"),
    (READ, "dispatched"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "kind"), a_few(1, of=one_of_each(KINDS, kind=lambda case: case[1]))
)
def test_a_line_deleted(office: Office, number: int, kind: str) -> None:
    write(office, f"DELETE FROM {LEDGER} WHERE {about(office, number, kind)}")
    assert differences(office) == [("ledger_line_missing", number, kind)]


@pytest.mark.parametrize(("number", "kind"), a_few(2, of=KINDS))
def test_a_line_doubled(office: Office, number: int, kind: str) -> None:
    where = about(office, number, kind)
    without_uniqueness(office)
    copied(office, LEDGER, where)
    assert differences(office) == [("ledger_line_doubled", number, kind)]


@pytest.mark.parametrize(("number", "kind"), a_few(1, of=KINDS[1::2]))
@pytest.mark.parametrize(
    ("name", "other"),
    one_of_each(
        [
            ("member_id", None),
            ("reporting_cycle_id", None),
            ("dispatched_change", 7),
            ("completed_change", 2),
            ("in_person", 0),
            ("at", "2026-11-20T11:00:00.000000Z"),
            ("at", "rubbish"),
            ("at", b"\xff\x00"),
        ],
        kind=lambda case: case[0],
    ),
)
def test_a_line_altered(
    office: Office, number: int, kind: str, name: str, other: str | int | bytes | None
) -> None:
    others = {"member_id": hex_id(office, "per"), "reporting_cycle_id": other_cycle(office)}
    statement = f"UPDATE {LEDGER} SET {name} = ? WHERE {about(office, number, kind)}"
    write(office, statement, others.get(name, other))
    assert differences(office) == [("ledger_line_differs", number, kind)]


@pytest.mark.parametrize("said", [0, None])
def test_a_visit_in_person_denied(office: Office, said: int | None) -> None:
    where = about(office, DONE, "completed")
    assert rows(office, f"SELECT in_person FROM {LEDGER} WHERE {where}") == [(1,)]
    write(office, f"UPDATE {LEDGER} SET in_person = ? WHERE {where}", said)
    assert differences(office) == [("ledger_line_differs", DONE, "completed")]


def test_lines_in_another_order(office: Office) -> None:
    """Their order says which completion is the third."""
    first, last = (
        value(office, f"SELECT id FROM {LEDGER} WHERE {about(office, number, 'dispatched')}")
        for number in (DONE, CANCELLED)
    )
    for old, new in ((first, 999), (last, first), (999, last)):
        write(office, f"UPDATE {LEDGER} SET id = ? WHERE id = ?", new, old)
    assert {code for code, _number, _name in differences(office)} == {"ledger_lines_reordered"}


@pytest.mark.slow
@pytest.mark.parametrize("name", a_few(2, of=Counts._fields))
@pytest.mark.parametrize(
    ("number", "kind"),
    one_of_each([*KINDS, (RECALLED, "dispatched")], kind=lambda case: case[1] == "completed"),
)
def test_a_running_count_altered(office: Office, number: int, kind: str, name: str) -> None:
    """Of a ledger whose counts go on from a wrong one, the first line is named."""
    where = about(office, number, kind)
    write(office, f"UPDATE {LEDGER} SET {name} = {name} + 1 WHERE {where}")
    assert differences(office) == [("ledger_line_differs", number, kind)]
    later = f"member_id = (SELECT member_id FROM {LEDGER} WHERE {where})"
    first = value(office, f"SELECT id FROM {LEDGER} WHERE {where}")
    with closing(sqlite3.connect(office.store)) as db:
        db.execute(f"UPDATE {LEDGER} SET {name} = {name} + 1 WHERE {later} AND id > {first}")
        db.commit()
    assert differences(office) == [("ledger_line_differs", number, kind)]


@pytest.mark.parametrize("other", a_few(2, of=[b"\xff\x00", "rubbish", -1, 7.5]))
def test_a_running_count_that_is_no_count(office: Office, other: Value) -> None:
    where = about(office, EXPIRED, "expired")
    write(office, f"UPDATE {LEDGER} SET dispatched_count = ? WHERE {where}", other)
    assert differences(office) == [("ledger_line_differs", EXPIRED, "expired")]


def test_a_report_made_wrong_by_its_last_line_is_found(office: Office) -> None:
    """A report reads the last line of each mentor; verifying says which one not to believe."""
    last = f"SELECT max(id) FROM {LEDGER} WHERE member_id = ?"
    write(
        office,
        f"UPDATE {LEDGER} SET completed_count = 15 WHERE id = ({last})",
        hex_id(office, "kari"),
    )
    (row,) = office.ok("honorarium report --mentor kari --cycle 2026 --json").json["mentors"]
    assert row["completed"] == 15
    assert [code for code, _number, _name in differences(office)] == ["ledger_line_differs"]


def test_an_assignment_moved_to_another_mentor_with_its_line(office: Office) -> None:
    number = office.dispatch(to="ola")
    for table, name, key in (
        ("assignments", "recipient_user_id", "id"),
        (LEDGER, "member_id", "assignment_id"),
    ):
        where = f"{key} = '{column(office, number, 'id')}'"
        write(office, f"UPDATE {table} SET {name} = ? WHERE {where}", hex_id(office, "per"))
    assert ("assignment_differs", number, "dispatched") in differences(office)


@pytest.mark.parametrize(
    "change", a_few(1, of=["threshold_sequence_number = 9", "honorarium_tier = 'elevated'"])
)
def test_an_assignment_counted_otherwise(office: Office, change: str) -> None:
    write(office, f"UPDATE assignments SET {change} WHERE number = {READ}")
    assert differences(office) == [("assignment_differs", READ, "dispatched")]


@pytest.mark.parametrize(
    ("number", "kind"),
    a_few(
        1,
        of=[
            (READ, "completed"),
            (RECALLED, "completed"),
            (DONE, "recalled"),
            (DRAFT, "dispatched"),
        ],
    ),
)
def test_a_line_added(office: Office, number: int, kind: str) -> None:
    assignment = column(office, number, "id")
    where = about(office, DONE, "completed")
    copied(office, LEDGER, where, assignment_id=str(assignment), kind=kind)
    assert differences(office) == [("ledger_line_unrecorded", number, kind)]


@pytest.mark.slow
def test_a_draft_that_was_recalled_has_no_line(office: Office) -> None:
    assignment = str(column(office, DRAFT, "id"))
    copied(office, LEDGER, about(office, RECALLED, "recalled"), assignment_id=assignment)
    assert differences(office) == [("ledger_line_unrecorded", DRAFT, "recalled")]


def test_a_line_about_no_assignment(office: Office) -> None:
    copied(office, LEDGER, about(office, DONE, "completed"), assignment_id="0" * 32)
    assert differences(office) == [("ledger_line_unrecorded", None, "completed")]


def test_a_line_of_no_known_kind(office: Office) -> None:
    with closing(sqlite3.connect(office.store)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'kind IN (', 'kind IN (''[2J'', ')"
            " WHERE name = ?",
            (LEDGER,),
        )
        db.commit()
    write(office, f"UPDATE {LEDGER} SET kind = '[2J' WHERE {about(office, DONE, 'completed')}")
    assert differences(office) == [
        ("ledger_line_unrecorded", DONE, None),
        ("ledger_line_missing", DONE, "completed"),
    ]


def test_lines_moved_to_another_organisation_are_found_by_both(office: Office) -> None:
    office.ok("init --organization Other --handle berit --name Berit --keys keyring", profile=None)
    other = value(office, "SELECT id FROM organizations WHERE name = 'Other'")
    where = about(office, DONE, "completed")
    write(office, f"UPDATE {LEDGER} SET organization_id = ? WHERE {where}", other)
    assert differences(office) == [("ledger_line_differs", DONE, "completed")]
    theirs = office.run("audit verify --json", profile="berit").json["findings"]
    assert [each["code"] for each in theirs] == ["ledger_line_unrecorded"]


def test_a_line_in_our_cycle_under_another_organisation_s_name(office: Office) -> None:
    office.ok("init --organization Other --handle berit --name Berit --keys keyring", profile=None)
    other = str(value(office, "SELECT id FROM organizations WHERE name = 'Other'"))
    where = about(office, DONE, "completed")
    copied(office, LEDGER, where, assignment_id="0" * 32, organization_id=other)
    assert differences(office) == [("ledger_line_unrecorded", None, "completed")]


# Status log


@pytest.mark.parametrize(
    ("number", "status"),
    a_few(
        1,
        of=[
            *(
                (DONE, status)
                for status in ("pending", "dispatched", "delivered", "read", "completed")
            ),
            (RECALLED, "recalled"),
            (EXPIRED, "expired"),
            (DRAFT, "recalled"),
        ],
    ),
)
def test_a_step_deleted_doubled_or_altered(office: Office, number: int, status: str) -> None:
    where = step_of(office, number, status)
    copied(office, STEPS, where)
    assert differences(office) == [("status_log_doubled", number, status)]
    write(office, f"DELETE FROM {STEPS} WHERE {where}")
    assert differences(office) == [("status_log_missing", number, status)]


@pytest.mark.parametrize(
    "status", only("dispatched", of=["pending", "dispatched", "read", "completed"])
)
@pytest.mark.parametrize(
    ("name", "other"),
    a_few(
        2,
        of=[
            ("at", "2026-11-20T11:00:00.000000Z"),
            ("at", 7),
            ("actor_id", "0" * 32),
            ("from_status", "cancelled"),
        ],
    ),
)
def test_a_step_altered(office: Office, status: str, name: str, other: str | int) -> None:
    statement = f"UPDATE {STEPS} SET {name} = ? WHERE {step_of(office, DONE, status)}"
    write(office, statement, other)
    assert differences(office) == [("status_log_differs", DONE, status)]


def test_a_step_renamed(office: Office) -> None:
    where = step_of(office, READ, "read")
    write(office, f"UPDATE {STEPS} SET to_status = 'completed' WHERE {where}")
    assert sorted(differences(office)) == [
        ("status_log_missing", READ, "read"),
        ("status_log_unrecorded", READ, "completed"),
    ]


@pytest.mark.slow
def test_a_step_added(office: Office) -> None:
    copied(office, STEPS, step_of(office, READ, "read"), to_status="completed")
    assert differences(office) == [("status_log_unrecorded", READ, "completed")]


def test_a_step_of_no_assignment(office: Office) -> None:
    copied(office, STEPS, step_of(office, READ, "read"), assignment_id="0" * 32)
    assert differences(office) == [("status_log_unrecorded", None, "read")]


def test_a_completion_written_in_all_its_rows_but_the_entry(office: Office) -> None:
    """What would be paid for: found in the ledger and in the status log."""
    assignment = str(column(office, READ, "id"))
    copied(office, STEPS, step_of(office, READ, "read"), to_status="completed")
    where = about(office, DONE, "completed")
    ola = hex_id(office, "ola")
    copied(office, LEDGER, where, assignment_id=assignment, member_id=ola)
    assert differences(office) == [
        ("ledger_line_unrecorded", READ, "completed"),
        ("status_log_unrecorded", READ, "completed"),
    ]
    spoken = office.run("audit verify").stdout
    assert spoken.startswith(
        "The entries are whole, but the store differs from them in 2 places.\n\n"
        "Assignment: 6\nConcerns: completed\nCode: ledger_line_unrecorded\n"
        "Meaning: the honorarium ledger has a line that no entry speaks of\n"
    )


def test_a_cut_off_tail_leaves_rows_that_no_entry_speaks_of(office: Office) -> None:
    last = value(
        office, "SELECT sequence FROM audit_log WHERE action = 'assignment.read' ORDER BY 1 DESC"
    )
    remove_entries(office, "sequence >= ?", last)
    assert sorted(differences(office)) == [
        ("assignment_column_differs", READ, None),
        ("assignment_column_unrecorded", READ, None),
        ("cycle_unrecorded", None, "Next"),
        ("status_log_unrecorded", READ, "read"),
    ]


# Members, assignments


@pytest.mark.slow
def test_a_recipient_altered_in_the_archive(office: Office) -> None:
    archive(office)
    write(
        office,
        "UPDATE archived_assignments SET recipient_user_id = ? WHERE number = ?",
        hex_id(office, "per"),
        DONE,
    )
    per = sorted(differences(office))
    assert per == [
        ("assignment_differs", DONE, "dispatched"),
        ("ledger_line_differs", DONE, "dispatched"),
        *(
            ("recipient_differs", DONE, status)
            for status in ("acknowledged", "completed", "contact_made", "read")
        ),
    ]


def test_a_completion_signed_by_another_mentor(office: Office) -> None:
    """A client of their own making lets a mentor sign whatever; it is not their assignment."""
    subject = UUID(str(column(office, READ, "id")))
    said = {"number": READ, "from": "read", "to": "acknowledged"}
    insert(office, "per", Action.ASSIGNMENT_ACKNOWLEDGED, subject, **said)
    assert differences(office) == [
        ("recipient_differs", READ, "acknowledged"),
        ("status_log_missing", READ, "acknowledged"),
    ]


@pytest.mark.slow
def test_a_step_signed_twice(office: Office) -> None:
    insert_opening(office, "ola", READ)
    assert differences(office) == [("step_recorded_twice", READ, "read")]


def test_an_assignment_deleted(office: Office) -> None:
    write(office, "DELETE FROM assignments WHERE number = ?", DONE)
    assert differences(office) == [("assignment_missing", DONE, None)]


# Settings and cycles


def test_a_setting_added(office: Office) -> None:
    statement = (
        "INSERT INTO organization_settings (organization_id, name, value, set_by, set_at)"
        " SELECT organization_id, name, '1', set_by, set_at FROM organization_settings LIMIT 1"
    )
    write(office, statement)
    assert differences(office) == [("setting_unrecorded", None, "honorarium_standard_from")]


def test_a_setting_deleted(office: Office) -> None:
    write(office, "DELETE FROM organization_settings WHERE value = '4'")
    assert differences(office) == [("setting_missing", None, "honorarium_standard_from")]


@pytest.mark.parametrize(
    ("name", "other"),
    a_few(
        1,
        of=[("value", "1"), ("set_at", "2025-01-01"), ("set_by", "0" * 32), ("value_salt", "s")],
    ),
)
def test_a_setting_altered(office: Office, name: str, other: str) -> None:
    write(office, f"UPDATE organization_settings SET {name} = ? WHERE value = '4'", other)
    assert differences(office) == [
        ("setting_unrecorded", None, "honorarium_standard_from"),
        ("setting_missing", None, "honorarium_standard_from"),
    ]


@pytest.mark.parametrize(
    "change", a_few(1, of=["value = 'Other'", "value_salt = NULL", "value_salt = zeroblob(16)"])
)
def test_a_worded_setting_altered(office: Office, change: str) -> None:
    office.ok("config set notification_sender 'The office'")
    assert_whole(office)
    where = "name = 'notification_sender'"
    write(office, f"UPDATE organization_settings SET {change} WHERE {where}")
    assert differences(office) == [
        ("setting_unrecorded", None, "notification_sender"),
        ("setting_missing", None, "notification_sender"),
    ]


@pytest.mark.parametrize(
    ("column", "other"),
    a_few(
        2,
        of=[
            ("name", "'Another'"),
            ("name", "x'00'"),
            ("name_salt", "zeroblob(16)"),
            ("name_key", "'another'"),
            ("time_zone", "'Europe/Rome'"),
            ("created_at", "'2026-11-20T11:00:00.000000Z'"),
        ],
    ),
)
def test_the_organisation_itself_altered(office: Office, column: str, other: str) -> None:
    write(office, f"UPDATE organizations SET {column} = {other}")
    assert ("organization_differs", None, None) in differences(office)


def test_a_setting_of_no_known_name_is_not_repeated(office: Office) -> None:
    write(office, "UPDATE organization_settings SET name = '[2J' WHERE value = '4'")
    assert differences(office)[0] == ("setting_unrecorded", None, None)


def test_settings_in_another_order(office: Office) -> None:
    for old, new in ((2, 9), (3, 2), (9, 3)):
        write(office, "UPDATE organization_settings SET id = ? WHERE id = ?", new, old)
    assert differences(office) == [("setting_reordered", None, "honorarium_standard_from")]


@pytest.mark.parametrize(
    "change",
    a_few(
        2,
        of=[
            "status = 'open'",
            "closed_at = NULL",
            "name = 'Other'",
            "name = CAST(name AS BLOB)",
            "name_salt = NULL",
            "name_salt = zeroblob(16)",
            "name = 'Nex', name_salt = CAST(name_salt || 't' AS BLOB)",
            "created_at = '2026-01-01'",
            "ends_on = '2027-11-30'",
            "starts_on = '2027-02-01'",
        ],
    ),
)
def test_a_cycle_altered(office: Office, change: str) -> None:
    write(office, f"UPDATE reporting_cycles SET {change} WHERE name = 'Next'")
    ((code, _number, _name),) = differences(office)
    assert code == "cycle_differs"


@pytest.mark.slow
def test_a_cycle_added_or_deleted(office: Office) -> None:
    write(
        office,
        "INSERT INTO reporting_cycles SELECT '0123456789abcdef0123456789abcdef', organization_id,"
        " 'Past', name_salt, '2025-01-01', '2025-12-31', status, created_at, closed_at"
        " FROM reporting_cycles WHERE name = 'Next'",
    )
    assert differences(office) == [("cycle_unrecorded", None, "Past")]
    write(office, "DELETE FROM reporting_cycles WHERE name = 'Past'")
    write(office, "DELETE FROM reporting_cycles WHERE name = 'Next'")
    assert differences(office) == [("cycle_missing", None, "2027-01-01/2027-12-31")]


# With entries that are not good


def faults(office: Office) -> list[tuple[int | None, str]]:
    listed = office.run("audit verify --json").json["findings"]
    return [(each["sequence"], each["code"]) for each in listed]


def test_a_row_is_not_told_again_where_its_entry_was_removed(office: Office) -> None:
    query = "SELECT sequence FROM audit_log WHERE action = 'assignment.completed'"
    gone = int(str(value(office, query)))
    write(office, "DELETE FROM audit_log WHERE sequence = ?", gone)
    assert faults(office) == [(gone, "audit_missing")]


def test_one_faulty_entry_hides_no_more_than_one_row(office: Office) -> None:
    write(office, "UPDATE audit_log SET details = '[]' WHERE sequence = 7")
    for status in ("acknowledged", "contact_made", "completed"):
        copied(office, STEPS, step_of(office, READ, "read"), to_status=status)
    codes = [code for _sequence, code in faults(office)]
    assert codes.count("status_log_unrecorded") == 3
    assert "audit_altered" in codes


# Nothing to find


def archive(office: Office) -> None:
    """Let everything end, and a year go by, after which a sweep archives it."""
    for _year in range(2):
        office.later(days=400)
        assert office.run("sweep").code == 0
    assert rows(office, "SELECT count(*) FROM archived_assignments") == [(6,)]


@pytest.mark.slow
def test_archived_assignments_compare_as_before(office: Office) -> None:
    archive(office)
    assert rows(office, "SELECT count(*) FROM assignments") == [(0,)]
    assert_whole(office)
    write(office, f"DELETE FROM {LEDGER} WHERE kind = 'completed'")
    assert differences(office) == [("ledger_line_missing", DONE, "completed")]


def test_another_organisation_has_no_finding_of_ours(office: Office) -> None:
    office.ok("init --organization Other --handle berit --name Berit --keys keyring", profile=None)
    write(office, f"DELETE FROM {LEDGER} WHERE kind = 'completed'")
    assert "whole" in office.ok("audit verify", profile="berit").stdout


@pytest.mark.parametrize(
    "statement",
    a_few(
        3,
        of=[
            f"DELETE FROM {LEDGER}",
            f"UPDATE {LEDGER} SET member_id = member_id",
            f"UPDATE {LEDGER} SET in_person = 0 WHERE kind = 'completed'",
            f"UPDATE OR REPLACE {LEDGER} SET kind = 'completed' WHERE kind = 'dispatched'",
            f"INSERT INTO {LEDGER} SELECT * FROM {LEDGER} WHERE kind = 'completed'",
            f"INSERT OR REPLACE INTO {LEDGER} SELECT * FROM {LEDGER} WHERE kind = 'completed'",
            f"INSERT INTO {LEDGER} SELECT NULL, organization_id, assignment_id, member_id,"
            " reporting_cycle_id, 'recalled', -1, 0, dispatched_count - 1, completed_count,"
            " from_earlier_count, in_person_count, not_in_person_count, NULL, at"
            f" FROM {LEDGER} WHERE kind = 'completed'",
        ],
    ),
)
def test_the_ledger_cannot_be_changed_by_raw_sql(told: Office, statement: str) -> None:
    before = rows(told, f"SELECT * FROM {LEDGER}")
    with closing(sqlite3.connect(told.store)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    assert rows(told, f"SELECT * FROM {LEDGER}") == before
    assert_whole(told)
