"""`audit verify` holds the assignments' rows, and those of their keys, against the entries.

Every status and moment and whoever took a step, of live and archived ones; a row that is gone, and
one that somebody made up. Number and column are named.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from assigncli.server.verify import whole as verifying
from assigncli.server.verify.difference import Difference
from tests.acting import acting
from tests.attacker import guards_down, hex_id, value
from tests.office import ACCEPT, Office
from tests.quick import a_few, one_of_each
from tests.sweeping import stored, whole

OTHER = "2026-11-20T11:00:00.000000Z"


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with an assignment in each state, an archived one, and a reminder that was sent.

    Its guards are gone for good: verifying asks for none.
    """
    office = founded.copy_to(tmp_path_factory.mktemp("stage") / "office")
    archived = office.dispatch()
    office.to_status(archived, "completed")
    office.later(days=367)
    office.run("sweep")
    with closing(sqlite3.connect(office.store)) as db:
        assert db.execute("SELECT number FROM archived_assignments").fetchall() == [(archived,)]
    for number in range(2, 8):
        assert office.dispatch("--consent-required" if number == 7 else "") == number
    assert office.create() == 8
    office.to_status(3, "read")
    office.to_status(4, "completed")
    office.ok("recall 5 --yes")
    office.read(6)
    office.ok("cancel 6 --reason Moved --yes")
    office.ok(f"consent 7 {ACCEPT}", profile="kari")
    office.later(days=11)
    office.run("sweep")
    office.ok("edit 8 --title Another")
    whole(office)
    with closing(sqlite3.connect(office.store)) as db:
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            db.execute(f"DROP TRIGGER {name}")
    return office


@contextmanager
def altered(office: Office, table: str, column: str, new: object, where: str) -> Iterator[None]:
    """Hold another value in one row's column until the end of the block."""
    with closing(sqlite3.connect(office.store)) as db:
        (old,) = db.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()
    assert old != new, (table, column, where)
    for each in (new, old):
        with closing(sqlite3.connect(office.store)) as db:
            db.execute("PRAGMA ignore_check_constraints = ON")
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (each,))
            db.commit()
        if each is new:
            yield


def differences(office: Office) -> list[tuple[int | None, str | None]]:
    """Return number and column of each finding, which are all of rows."""
    with acting(office, "anne") as session:
        found = verifying.verify(session.turn).findings
    for each in found:
        assert isinstance(each, Difference), each
        assert each.code in ("assignment_column_differs", "assignment_column_unrecorded"), each
    return [(each.number, each.column) for each in found if isinstance(each, Difference)]


SAMPLE = ("reminder_sent_at",)
MOMENTS = (
    *("created_at", "dispatched_at", "delivered_at", "first_read_at", "acknowledged_at"),
    *("contact_made_at", "completed_at", "recalled_at", "cancelled_at"),
    *("reminder_sent_at", "consent_completed_at", "updated_at", "expires_at"),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "column",
    [
        column if column in SAMPLE else pytest.param(column, marks=pytest.mark.slow)
        for column in MOMENTS
    ],
)
def test_a_moment_of_a_live_assignment(office: Office, column: str) -> None:
    for number in (2, 4, 5, 6, 7):
        where = f"number = {number}"
        for new in (OTHER, None, "rubbish") if number == 4 else (OTHER, None):
            if new is None and column in ("created_at", "updated_at"):
                continue
            held = value(office, f"SELECT {column} FROM assignments WHERE {where}")
            if held == new:
                continue
            with altered(office, "assignments", column, new, where):
                assert differences(office) == [(number, column)], (number, new)
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_the_status_of_a_live_assignment(office: Office) -> None:
    for number, status in ((2, "acknowledged"), (3, "dispatched"), (4, "contact_made")):
        with altered(office, "assignments", "status", status, f"number = {number}"):
            assert differences(office) == [(number, "status")]
    for number, status in ((2, "recalled"), (5, "expired"), (6, "read"), (8, "dispatched")):
        with altered(office, "assignments", "status", status, f"number = {number}"):
            assert (number, "status") in differences(office)


@pytest.mark.parametrize(
    ("number", "column"),
    a_few(
        2,
        of=[
            (5, "recalled_by_user_id"),
            (6, "cancelled_by_user_id"),
            (2, "cancelled_by_user_id"),
            (2, "dispatched_by_user_id"),
            (8, "dispatched_by_user_id"),
        ],
    ),
)
def test_who_took_a_step(office: Office, number: int, column: str) -> None:
    other = hex_id(office, "ola")
    with altered(office, "assignments", column, other, f"number = {number}"):
        assert differences(office) == [(number, column)]


@pytest.mark.slow
def test_the_columns_of_an_archived_assignment(office: Office) -> None:
    other = hex_id(office, "ola")
    for column in ("dispatched_at", "completed_at", "closed_at", "archived_at", "created_at"):
        with altered(office, "archived_assignments", column, OTHER, "number = 1"):
            assert differences(office) == [(1, column)]
    for column, new in (("status", "cancelled"), ("dispatched_by_user_id", other)):
        with altered(office, "archived_assignments", column, new, "number = 1"):
            assert differences(office) == [(1, column)]


@pytest.mark.parametrize(
    ("number", "column", "new"),
    one_of_each(
        [
            (2, "revoked_at", OTHER),
            (5, "revoked_at", None),
            (5, "revoked_at", OTHER),
            (4, "retired_at", OTHER),
            (4, "retired_at", None),
            (2, "retired_at", OTHER),
            (2, "shredded_at", OTHER),
            (2, "assignment_id", "0" * 32),
        ],
        kind=lambda case: case[1],
    ),
)
def test_a_key_s_columns(office: Office, number: int, column: str, new: object) -> None:
    key = value(office, f"SELECT encryption_key_id FROM assignments WHERE number = {number}")
    with altered(office, "encryption_keys", column, new, f"id = '{key}'"):
        found = differences(office)
    assert found[0] == (number, f"encryption_keys.{column}") or (
        (number, f"encryption_keys.{column}") in found
    )
    assert {each for each, _column in found} == {number}


def test_a_key_that_an_edit_replaced_brought_to_life(office: Office) -> None:
    """The draft's first key is in the register still, and its entries say that it ended."""
    where = (
        "revoked_at IS NOT NULL AND assignment_id = (SELECT id FROM assignments WHERE number = 8)"
    )
    key = value(office, f"SELECT id FROM encryption_keys WHERE {where}")
    with altered(office, "encryption_keys", "revoked_at", None, f"id = '{key}'"):
        assert (8, "encryption_keys.revoked_at") in differences(office)


def test_numbers_of_two_assignments_swapped(office: Office) -> None:
    with guards_down(office) as db:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            db.execute("UPDATE assignments SET number = ? WHERE number = ?", (new, old))
    assert sorted(differences(office), key=str) == [(2, "number"), (3, "number")]


def codes(office: Office) -> set[tuple[str, int | None]]:
    found = office.run("audit verify --json").json["findings"]
    return {(each["code"], each["number"]) for each in found}


@pytest.mark.parametrize(("table", "number"), [("assignments", 2), ("archived_assignments", 1)])
def test_a_row_that_is_gone(office: Office, table: str, number: int) -> None:
    with guards_down(office) as db:
        db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
    assert ("assignment_missing", number) in codes(office)


@pytest.mark.parametrize(("table", "number"), [("assignments", 2), ("archived_assignments", 1)])
def test_a_row_that_somebody_made_up(office: Office, table: str, number: int) -> None:
    with guards_down(office) as db:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        others = {"id": "lower(hex(randomblob(16)))", "number": "50"}
        values = ", ".join(others.get(name, name) for name in columns)
        db.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}"
            " WHERE number = ?",
            (number,),
        )
    assert codes(office) == {("assignment_unrecorded", 50)}


def test_a_live_one_put_in_the_archive_and_an_archived_one_that_lives(office: Office) -> None:
    with guards_down(office) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(archived_assignments)")]
        others = {"closed_at": "updated_at", "archived_at": "updated_at", "erased_at": "NULL"}
        values = ", ".join(others.get(name, name) for name in columns)
        db.execute(
            f"INSERT INTO archived_assignments ({', '.join(columns)}) SELECT {values}"
            " FROM assignments WHERE number = 4"
        )
    assert differences(office) == [(4, "archived_at")]


def test_it_is_said_in_plain_words(office: Office) -> None:
    with altered(office, "assignments", "status", "acknowledged", "number = 2"):
        said = office.run("audit verify")
    assert said.code == 1
    assert "Assignment: 2\n" in said.stdout
    assert "Column: status\n" in said.stdout
    assert "Code: assignment_column_differs\n" in said.stdout


def test_a_brief_never_opened_is_not_believed_to_be_acknowledged(office: Office) -> None:
    """All columns that a mentor's steps fill, at once."""
    at = stored(office.now - timedelta(days=1))
    moments = ("delivered_at", "first_read_at", "acknowledged_at")
    with guards_down(office) as db:
        filled = ", ".join(f"{column} = '{at}'" for column in moments)
        db.execute(f"UPDATE assignments SET status = 'acknowledged', {filled} WHERE number = 2")
    assert sorted(differences(office), key=str) == [
        (2, each) for each in sorted((*moments, "status"))
    ]
