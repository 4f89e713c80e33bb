"""The cycle that covers today: closed on purpose only, reopened, and told by four commands."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.office import Office
from tests.quick import a_few, only
from tests.refusals import refused, rows

ADVICE = re.compile(r"^(?:What to do|To undo it): (.*)$", re.MULTILINE)
COMMAND = re.compile(r"assign (cycle (?:open|reopen|close) [^.,]*|config set [a-z_ ]*[a-z])")
NEW_YEAR = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
"""Midnight in Oslo."""
SHEET = "examples/dispatch-without-mentor.csv"


def close(office: Office) -> str:
    """Close the cycle of today, and return what is said of it."""
    return office.ok("cycle close 2026 --force --yes").stdout


def advised(said: str) -> list[str]:
    """Return the commands that are advised."""
    return [line for advice in ADVICE.findall(said) for line in COMMAND.findall(advice)]


def stopped(office: Office) -> set[str]:
    """Return what status, doctor and a sheet's check say must be done; all or none say so."""
    status = office.ok("status")
    doctor = office.run("doctor --json").json["findings"]
    (found,) = [each for each in doctor if each["name"] == "reporting_cycle"]
    sheet = office.run(f"dispatch --csv {SHEET} --to kari --dry-run")
    why = office.ok("status --json").json["dispatch_stopped"]
    if found["well"]:
        assert (why, sheet.code) == (None, 0)
        assert "No assignment can be sent today." not in status.stdout
        return set()
    assert why["code"] == "reporting_cycle_active"
    assert status.stdout.startswith("No assignment can be sent today. ")
    assert (sheet.code, sheet.error_code) == (6, "reporting_cycle_active")
    assert why["message"] in found["finding"]
    for said in (status.stdout, sheet.stderr):
        assert f"What to do: {why['hint']}" in said
    assert why["hint"] in found["finding"]
    return {why["hint"]}


def test_it_is_not_closed_without_force(office: Office) -> None:
    said = refused(office, "cycle close 2026 --yes", "cycle_covers_today", 2).stderr
    assert advised(said) == ["cycle close --force 2026"]
    office.ok(f"{advised(said)[0]} --yes")
    refused(office, f"create --to kari --title V --payload {office.person()} --dispatch",
            "reporting_cycle_active")  # fmt: skip


def test_a_cycle_of_other_days_needs_no_force(office: Office) -> None:
    office.ok("cycle open Spring --from 01.01.2027 --to 30.06.2027")
    said = office.ok("cycle close Spring --yes --json").json
    assert (said["status"], said["stops_dispatch"], said["undo"]) == ("closed", False, None)
    office.now = NEW_YEAR
    assert office.ok("cycle close 2026 --yes --json").json["stops_dispatch"] is False


@pytest.mark.slow
def test_what_closing_it_means_is_said_and_is_so(office: Office) -> None:
    number = office.dispatch()
    office.to_status(number, "contact_made")
    meant = (
        "Cycle 2026 is closed.\n"
        "What it means: nothing can be sent up to and including 31 December; "
        "what is completed counts in the cycle in which it was sent\n"
        "To undo it: assign cycle reopen 2026\n"
    )
    assert close(office) == meant
    assert office.ok("cycle reopen 2026").stdout == (
        "Cycle 2026 is open again, to and including 31 December.\n"
    )
    assert close(office) == meant
    office.ok(f"complete {number}", profile="kari")
    (mentor,) = office.ok("honorarium report --mentor kari --json").json["mentors"]
    assert mentor["completed"] == 1
    draft = office.create()
    office.now = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    refused(office, f"dispatch {draft}", "reporting_cycle_active")
    office.later(minutes=1)
    office.ok(f"dispatch {draft}")


@pytest.mark.slow
def test_a_reopened_cycle_takes_dispatches_and_is_whole(office: Office) -> None:
    office.dispatch()
    office.later(minutes=1)
    (command,) = advised(close(office))
    said = office.ok(f"{command} --json").json
    assert (said["message"], said["status"]) == (
        "Cycle 2026 is open again, to and including 31 December.",
        "open",
    )
    assert rows(office, "SELECT status, closed_at FROM reporting_cycles") == [("open", None)]
    number = office.dispatch()
    assert office.ok(f"show {number} --json").json["threshold_sequence_number"] == 2
    refused(office, command, "cycle_already_open", 2)
    refused(office, "cycle reopen 1999", "cycle_not_found", 3)
    assert "whole" in office.ok("audit verify").stdout
    actions = [each["action"] for each in office.ok("audit log --json").json["entries"]]
    assert {"cycle.closed", "cycle.reopened"} <= set(actions)
    assert ": reporting cycle reopened\n" in office.ok("audit log").stdout


@pytest.mark.slow
def test_a_reopened_cycle_is_closed_by_the_sweep_when_it_has_ended_and_stays_closed(
    office: Office,
) -> None:
    close(office)
    office.ok("cycle reopen 2026")
    office.now = NEW_YEAR
    assert "The reporting cycle 2026 has ended and is closed." in office.run("sweep").stdout
    said = refused(office, "cycle reopen 2026", "cycle_has_ended", 2).stderr
    assert "assign status" in said
    assert office.run("sweep").stdout == ""
    assert "whole" in office.ok("audit verify").stdout


def test_an_ended_cycle_that_no_sweep_has_closed_is_not_reopened(office: Office) -> None:
    close(office)
    office.now = NEW_YEAR
    refused(office, "cycle reopen 2026", "cycle_has_ended", 2)
    office.dispatch()


@pytest.mark.parametrize(
    "change",
    a_few(
        2,
        of=[
            "status = 'closed'",
            "status = 'closed', closed_at = created_at",
            "closed_at = created_at",
        ],
    ),
)
def test_verify_finds_a_reopened_cycle_that_stands_otherwise(office: Office, change: str) -> None:
    close(office)
    office.ok("cycle reopen 2026")
    with closing(sqlite3.connect(office.store)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute(f"UPDATE reporting_cycles SET {change}")
        db.commit()
    (finding,) = office.run("audit verify --json").json["findings"]
    assert (finding["code"], finding["name"]) == ("cycle_differs", "2026")


def test_closing_and_reopening_change_no_thresholds(office: Office) -> None:
    """A cycle that runs earns by today's thresholds, closed or not; one that is over by its own."""

    def thresholds() -> tuple[int, int]:
        (cycle,) = office.ok("honorarium report --cycle 2026 --json").json["cycles"]
        return cycle["standard_from"], cycle["elevated_from"]

    close(office)
    office.ok("config set honorarium_standard_from 5")
    assert thresholds() == (5, 15)
    office.ok("cycle reopen 2026")
    office.ok("config set honorarium_standard_from 6")
    assert thresholds() == (6, 15)
    office.now = NEW_YEAR
    office.ok("config set honorarium_standard_from 7")
    assert thresholds() == (6, 15)


@pytest.mark.slow
def test_status_doctor_and_a_sheets_check_say_what_a_dispatch_says(office: Office) -> None:
    draft = office.create()
    assert stopped(office) == set()
    close(office)
    said = refused(office, f"dispatch {draft}", "reporting_cycle_active").stderr
    assert {f"What to do: {hint}" for hint in stopped(office)} <= set(said.splitlines())
    (command,) = advised(said)
    office.ok(command)
    assert stopped(office) == set()
    office.ok(f"dispatch {draft}")


@pytest.mark.slow
@pytest.mark.parametrize("which", only(0, of=[0, 1]))
def test_by_hand_each_of_the_two_ways_out_can_be_followed(office: Office, which: int) -> None:
    office.ok("config set reporting_cycles by_hand")
    assert stopped(office) == set()
    office.now = NEW_YEAR
    draft = office.create()
    said = refused(office, f"dispatch {draft}", "reporting_cycle_active").stderr
    assert stopped(office)
    office.ok(advised(said)[which])
    assert stopped(office) == set()
    office.ok(f"dispatch {draft}")


@pytest.mark.slow
def test_between_cycles_opened_by_hand_the_gap_is_offered(office: Office) -> None:
    office.ok("cycle open 'Spring 2027' --from 01.01.2027 --to 30.06.2027")
    office.ok("cycle open 2027 --from 01.10.2027 --to 31.01.2028")
    office.now = datetime(2027, 8, 1, 12, tzinfo=UTC)
    (hint,) = stopped(office)
    assert hint == "Open one with assign cycle open 2027-2 --from 2027-07-01 --to 2027-09-30."
    office.ok(hint.removeprefix("Open one with assign ").rstrip("."))
    assert stopped(office) == set()
    office.ok("cycle close 2027-2 --force --yes")
    assert stopped(office) == {"Reopen it with assign cycle reopen 2027-2."}


@pytest.mark.slow
def test_before_the_first_dispatch_of_a_year_all_is_well(office: Office) -> None:
    office.now = NEW_YEAR
    assert stopped(office) == set()
    doctor = office.run("doctor --full").stdout
    assert "Finding: This year's reporting cycle opens by itself at the next dispatch." in doctor
    assert rows(office, "SELECT name FROM reporting_cycles") == [("2026",)]
    office.dispatch()
    doctor = office.run("doctor --full").stdout
    assert "Finding: The reporting cycle 2027 is open and covers today." in doctor


def test_a_mentors_doctor_says_nothing_of_cycles(office: Office) -> None:
    close(office)
    findings = office.run("doctor --json", profile="kari").json["findings"]
    assert "reporting_cycle" not in {each["name"] for each in findings}


@pytest.mark.parametrize("more", a_few(2, of=["--dry-run", "", "--skip-invalid"]))
def test_a_sheet_is_checked_whole_and_nothing_sent(office: Office, more: str) -> None:
    close(office)
    line = f"dispatch --csv {SHEET} --to kari {more}"
    said = office.run(line)
    assert (said.code, said.error_code) == (6, "reporting_cycle_active")
    assert said.stdout.startswith("No row can be sent today. Nothing is sent.\n")
    found = office.run(f"{line} --json")
    assert found.json["dispatch_stopped"] == "reporting_cycle_active"
    assert found.json["rows"] == found.json["good"]
    assert rows(office, "SELECT count(*) FROM assignments") == [(0,)]


def test_a_sheet_of_drafts_needs_no_cycle(office: Office) -> None:
    close(office)
    office.ok(f"dispatch --csv {SHEET} --to kari --no-dispatch --dry-run")
    office.ok(f"dispatch --csv {SHEET} --to kari --no-dispatch")
