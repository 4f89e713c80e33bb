"""`honorarium report` and `explain`: exact at every threshold, whatever lies between."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.acts import make, sent
from tests.cli.test_output import needs_terminal, on_terminal
from tests.office import Office
from tests.quick import a_few
from tests.refusals import damage, everything, refused

STEPS = ("open", "ack", "contact", "complete")
THRESHOLDS = (
    "The standard honorarium is given from 3 completed assignments, the elevated one from 15.\n"
)
NEW_YEAR = datetime(2027, 1, 2, 12, tzinfo=UTC)


def complete(office: Office, numbers: Sequence[str], *, mentor: str = "kari") -> None:
    """Take dispatched assignments to their end as their mentor."""
    for verb in STEPS:
        make(office, mentor, verb, numbers)


def completed(office: Office, count: int, *, mentor: str = "kari") -> tuple[str, ...]:
    """Dispatch and complete; return the numbers."""
    numbers = sent(office, count, to=mentor)
    complete(office, numbers, mentor=mentor)
    return numbers


def mentors(office: Office, more: str = "") -> dict[str, dict[str, Any]]:
    """Return the report's rows by handle."""
    found = office.ok(f"honorarium report {more} --json").json["mentors"]
    return {row["handle"]: row for row in found}


def cycles(office: Office, more: str = "") -> list[dict[str, Any]]:
    """Return what the report says of its cycles."""
    found: list[dict[str, Any]] = office.ok(f"honorarium report {more} --json").json["cycles"]
    return found


def reached(row: dict[str, Any]) -> tuple[object, ...]:
    """Return a row's count, tier, numbers at which it was reached, and what is left."""
    return (
        row["completed"],
        row["honorarium_tier"],
        row["standard_reached_number"],
        row["elevated_reached_number"],
        row["next_tier"],
        row["remaining"],
    )


@pytest.mark.slow
def test_exact_at_every_threshold_with_withdrawals_between(office: Office) -> None:
    """Counted at 2, 3, 4, 14, 15 and 16; the numbers withdrawn are 1, 5 and 7."""
    expected = {
        2: (2, "none", None, None, "standard", 1),
        3: (3, "standard", 4, None, "elevated", 12),
        4: (4, "standard", 4, None, "elevated", 11),
        14: (14, "standard", 4, None, "elevated", 1),
        15: (15, "elevated", 4, 18, None, None),
        16: (16, "elevated", 4, 18, None, None),
    }
    office.ok(f"recall --yes {office.dispatch()}")
    done = 0
    found = {}
    moments = {}
    for count in expected:
        office.later(minutes=1)
        completed(office, count - done)
        done = count
        moments[count] = f"{office.now:%FT%TZ}"
        if count == 3:
            office.ok(f"cancel --yes {office.dispatch()} --reason Moved")
        if count == 4:
            expiring = office.dispatch("--expires 22.11.2026")
            office.later(days=2)
            office.ok("sweep")
            assert office.ok(f"show {expiring} --json").json["status"] == "expired"
        found[count] = mentors(office)["kari"]
    assert {count: reached(row) for count, row in found.items()} == expected
    assert found[2]["standard_reached_at"] is None
    assert found[14]["standard_reached_at"] == found[16]["standard_reached_at"] == moments[3]
    assert found[16]["elevated_reached_at"] == moments[15]
    assert found[16]["dispatched"] == 16
    assert cycles(office)[0] == {
        "name": "2026",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "standard_from": 3,
        "elevated_from": 15,
        "dispatched": 16,
        "completed": 16,
        "mentors_none": 0,
        "mentors_standard": 0,
        "mentors_elevated": 1,
    }
    said = office.ok("honorarium explain kari").stdout
    assert said.startswith(
        f"38 lines for Kari Nordmann in cycle 2026.\n{THRESHOLDS}\nAssignment 1: sent 21 November\n"
    )
    assert said.endswith(
        "\n\nSent: 19, less 1 recalled, 1 cancelled, 1 expired, is 16.\n"
        "Completed: 16. Honorarium: elevated.\n"
    )
    assert re.search(
        r"^Assignment 18: completed 23 November\n"
        r"After it: 15 completed, 15 sent; elevated reached$",
        said,
        re.MULTILINE,
    )
    assert said.count(" reached\n") == 2


@pytest.mark.slow
def test_the_report_is_heard(office: Office) -> None:
    completed(office, 3)
    office.ok(f"recall --yes {office.dispatch(to='per')}")
    office.dispatch(to="ola")
    before = everything(office)
    assert office.ok("honorarium report").stdout == (
        f"3 mentors in cycle 2026.\n{THRESHOLDS}"
        "\n"
        "Name: Kari Nordmann\nCompleted: 3\nSent: 3\n"
        "Honorarium: standard. 12 completed assignments left to the elevated honorarium.\n"
        "Standard reached: 21 November, with assignment 3\n"
        "\n"
        "Name: Ola Dunk\nCompleted: none\nSent: 1\n"
        "Honorarium: none. 3 completed assignments left to the standard honorarium.\n"
        "\n"
        "Name: Per Ås\nCompleted: none\nSent: none\n"
        "Honorarium: none. 3 completed assignments left to the standard honorarium.\n"
        "\n"
        "The whole organisation: 3 completed, 4 sent.\n"
        "2 mentors have no honorarium yet. 1 mentor has the standard honorarium.\n"
    )
    assert (
        "Name: Kari Nordmann\nHandle: kari\nReporting cycle: 2026\nSent: 3\nCompleted: 3\n"
        "Honorarium: standard\nStandard reached: 21 November\n"
        "Standard reached with assignment: 3\n"
        "Next honorarium: elevated\nCompletions left to the next: 12\n"
    ) in office.ok("honorarium report --full").stdout
    one = office.ok("honorarium report --mentor KARI").stdout
    assert one.startswith("1 mentor in cycle 2026.")
    assert "organisation" not in one
    assert everything(office) == before


@pytest.mark.slow
def test_the_report_is_said_in_norwegian(office: Office) -> None:
    completed(office, 3)
    said = office.ok("honorarium report --lang nb").stdout
    for words in ("Navn: Kari Nordmann\n", "Fullført: 3\n", "nådd: 21. november, med oppdrag 3\n"):
        assert words in said
    assert "\nOppdrag 3: fullført 21. november\nDeretter: 3 fullført, 3 sendt; " in (
        office.ok("honorarium explain kari --lang nb").stdout
    )


@pytest.mark.slow
def test_names_are_in_norwegian_order(office: Office) -> None:
    for handle, name in (
        ("aa", "Aase Vik"),
        ("oe", "Øyvind Ek"),
        ("ae", "Ærlig Lie"),
        ("z2", "Zara Dal"),
        ("z1", "zara dal"),
        ("oo", "Öst Lund"),
    ):
        office.ok(f"member invite {handle} --name '{name}' --here --keys keyring")
        sent(office, 1, to=handle)
    sent(office, 1, to="per")
    assert list(mentors(office)) == ["per", "z1", "z2", "ae", "oo", "oe", "aa"]
    office.ok("honorarium report --activity")


@pytest.mark.slow
def test_completed_in_the_new_year(office: Office) -> None:
    """Dispatched 30 December, completed 2 January: it counts in January's cycle."""
    completed(office, 2)
    office.now = datetime(2026, 12, 30, 12, tzinfo=UTC)
    late = sent(office, 1)
    office.now = NEW_YEAR
    complete(office, late)
    new, old = (mentors(office, f"--cycle {year}")["kari"] for year in (2027, 2026))
    assert (old["dispatched"], old["completed"], old["completed_from_earlier"]) == (3, 2, 0)
    assert (new["dispatched"], new["completed"], new["completed_from_earlier"]) == (0, 1, 1)
    assert (old["honorarium_tier"], new["honorarium_tier"]) == ("none", "none")
    assert list(mentors(office)) == ["kari"]
    said = office.ok("honorarium report").stdout
    assert said.startswith("1 mentor in cycle 2027.")
    assert "Completed, sent in another cycle: 1\n" in said
    assert said.endswith(
        "What is completed counts in the cycle of that day; the number given at dispatch stays in"
        " the cycle of the dispatch.\n"
    )
    assert (
        "completed 2 January, sent in cycle 2026\n" in office.ok("honorarium explain kari").stdout
    )
    old_lines = office.ok("honorarium explain kari --cycle 2026 --json").json["lines"]
    assert [line["kind"] for line in old_lines].count("completed") == 2
    both = office.ok("honorarium report --cycle 2027 --cycle 2026 --cycle 2027 --json").json
    assert [row["reporting_cycle"] for row in both["mentors"]] == ["2027", "2026"]
    every = office.ok("honorarium report --cycle all").stdout
    assert every.startswith("1 mentor in cycle 2026.")
    assert "\n\n1 mentor in cycle 2027." in every


@pytest.mark.slow
def test_last_years_report_uses_last_years_thresholds(office: Office) -> None:
    numbers = completed(office, 3)
    assert mentors(office)["kari"]["honorarium_tier"] == "standard"
    office.ok("config set honorarium_standard_from 2")  # still last year, so it holds for it
    office.now = NEW_YEAR
    office.ok("config set honorarium_elevated_from 3")
    office.ok("config set honorarium_standard_from 1")
    completed(office, 1)
    old, new = cycles(office, "--cycle 2026 --cycle 2027")
    assert (old["standard_from"], old["elevated_from"]) == (2, 15)
    assert (new["standard_from"], new["elevated_from"]) == (1, 3)
    row = mentors(office, "--cycle 2026")["kari"]
    assert row["standard_reached_number"] == int(numbers[1])
    assert reached(mentors(office)["kari"]) == (1, "standard", 4, None, "elevated", 2)
    said = office.ok("honorarium explain kari --cycle 2026").stdout
    assert "from 2 completed assignments, the elevated one from 15.\n" in said


@pytest.mark.slow
def test_a_threshold_set_in_the_last_second_of_the_year_holds_for_it(office: Office) -> None:
    completed(office, 1)
    office.now = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)  # 23:59:59 in Oslo
    office.ok("config set honorarium_elevated_from 20")
    office.later(seconds=1)
    office.ok("config set honorarium_elevated_from 30")
    assert cycles(office, "--cycle 2026")[0]["elevated_from"] == 20


@pytest.mark.slow
def test_what_came_since_the_last_export(office: Office) -> None:
    completed(office, 2)
    completed(office, 1, mentor="ola")
    said = office.ok("honorarium report --since").stdout
    assert "Nothing of this cycle was exported before, so everything counts as new.\n" in said
    assert cycles(office, "--since")[0]["exported_at"] is None
    office.ok("honorarium report --format csv")
    (entry,) = office.ok("audit log --limit 1 --json").json["entries"]
    assert (entry["action"], entry["actor"]) == ("honorarium.exported", "Anne Berg")
    assert entry["details"] == {"format": "csv", "report": "honorarium", "up_to": 6}
    assert office.ok("honorarium report --since").stdout.startswith(
        f"No mentors in cycle 2026.\n{THRESHOLDS}Since the export of 21 November at 12:00.\n"
    )
    office.later(days=3)
    completed(office, 2)
    found = mentors(office, "--since")
    assert list(found) == ["kari"]
    row = found["kari"]
    assert (row["dispatched_since"], row["completed_since"], row["reached_since"]) == (
        2,
        2,
        "standard",
    )
    assert (row["completed"], row["dispatched"]) == (4, 4)
    (cycle,) = cycles(office, "--since")
    assert (cycle["exported_at"], cycle["completed"]) == ("2026-11-21T11:00:00Z", 5)
    assert (
        "Completed since the last export: 2; standard reached\n"
        in office.ok("honorarium report --since").stdout
    )
    office.ok("honorarium report --since --format json")
    completed(office, 1)
    assert mentors(office, "--since")["kari"]["reached_since"] is None
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_an_export_counts_for_what_it_held_and_nothing_else(office: Office) -> None:
    """One mentor's, another cycle's, or the visits: none of them is an export of the rest."""
    completed(office, 1)
    completed(office, 1, mentor="ola")
    office.ok("honorarium report --mentor ola --format csv")
    assert list(mentors(office, "--since")) == ["kari", "ola"]
    assert mentors(office, "--since --mentor ola") == {}
    assert list(mentors(office, "--since --mentor kari")) == ["kari"]
    office.ok("honorarium report --activity --format csv")
    assert list(mentors(office, "--since")) == ["kari", "ola"]
    office.now = NEW_YEAR
    completed(office, 1)
    office.ok("honorarium report --cycle 2026 --format csv")
    assert list(mentors(office, "--since")) == ["kari"]
    assert mentors(office, "--since --cycle 2026") == {}


@pytest.mark.slow
def test_a_forged_export_hides_nothing(office: Office) -> None:
    completed(office, 1)
    office.ok("honorarium report --format csv")
    damage(
        office,
        'UPDATE audit_log SET details = \'{"report":"honorarium","up_to":99}\''
        " WHERE action = 'honorarium.exported'",
        guards=guards_of(office, "audit_log"),
    )
    completed(office, 1)
    refused(office, "honorarium report --since", "certificate_invalid", 1)


def guards_of(office: Office, table: str) -> tuple[str, ...]:
    """Return the names of a table's triggers."""
    with closing(sqlite3.connect(office.store)) as db:
        found = db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall()
    return tuple(name for (name,) in found)


@pytest.mark.slow
def test_visits_by_how_they_were_made(office: Office) -> None:
    for how in ("--in-person", "--in-person", "--not-in-person", ""):
        number = office.dispatch()
        for verb in STEPS[:-1]:
            make(office, "kari", verb, [str(number)])
        office.ok(f"complete {number} {how}", profile="kari")
    completed(office, 1, mentor="per")
    office.dispatch(to="ola")
    assert office.ok("honorarium report --activity").stdout == (
        "2 mentors have completed assignments in cycle 2026.\n"
        "\n"
        "Name: Kari Nordmann\nCompleted: 4\nIn person: 2\nNot in person: 1\nNot said: 1\n"
        "\n"
        "Name: Per Ås\nCompleted: 1\nNot said: 1\n"
        "\n"
        "In all 5 completed: 2 in person, 1 not in person, 2 not said.\n"
    )
    found = office.ok("honorarium report --activity --json").json
    assert found["mentors"][0] == {
        "display_name": "Kari Nordmann",
        "handle": "kari",
        "reporting_cycle": "2026",
        "in_person": 2,
        "not_in_person": 1,
        "not_said": 1,
        "visits": 4,
    }
    assert found["cycles"][0]["visits"] == 5


@pytest.mark.slow
def test_numbers_of_what_is_archived(office: Office) -> None:
    completed(office, 3)
    before = mentors(office)["kari"]
    office.now = datetime(2028, 1, 10, 12, tzinfo=UTC)
    office.ok("sweep")
    office.ok("sweep")
    with closing(sqlite3.connect(office.store)) as db:
        (archived,) = db.execute("SELECT count(*) FROM archived_assignments").fetchone()
    assert archived == 3
    assert mentors(office, "--cycle 2026")["kari"] == before
    lines = office.ok("honorarium explain kari --cycle 2026 --json").json["lines"]
    assert [line["number"] for line in lines] == [1, 2, 3, 1, 2, 3]


def test_a_mentor_without_lines(office: Office) -> None:
    assert office.ok("honorarium report").stdout.startswith("No mentors in cycle 2026.\n")
    assert mentors(office, "--mentor kari") == {}
    found = office.ok("honorarium explain kari --json").json
    assert (found["lines"], found["completed"], found["remaining"]) == ([], 0, 3)


def test_where_no_cycle_covers_today(office: Office) -> None:
    office.now = NEW_YEAR
    said = (
        "No reporting cycle covers today, so there is nothing to report. Name one with --cycle.\n"
    )
    assert office.ok("honorarium report").stdout == said
    assert office.ok("honorarium explain kari").stdout == said
    assert office.ok("honorarium report --json").json == {"mentors": [], "cycles": []}


@pytest.mark.slow
def test_who_may_ask(office: Office) -> None:
    completed(office, 1)
    office.ok("member invite bo --name Bo --role org_admin --here --keys keyring")
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    for profile in ("bo", "eva"):
        office.ok("honorarium report", profile=profile)
        office.ok("honorarium explain kari", profile=profile)
        office.ok("honorarium report --format csv", profile=profile)
    own = ("report --mentor kari", "report --mentor KARI --activity", "explain kari")
    for line in own:
        office.ok(f"honorarium {line}", profile="kari")
        refused(office, f"honorarium {line}", "role_missing", 4, profile="ola")
    for line in ("report", "report --since", "report --cycle all", "report --mentor nobody"):
        refused(office, f"honorarium {line}", "role_missing", 4, profile="kari")
    before = office.ok("audit log --json").json
    office.ok("honorarium report --mentor kari --format csv", profile="kari")
    assert office.ok("audit log --json").json == before  # their own figures are theirs
    office.ok("member revoke --yes kari")
    refused(office, "honorarium explain kari", "role_missing", 4, profile="kari")
    assert mentors(office)["kari"]["completed"] == 1


@pytest.mark.slow
def test_another_organisation_is_not_in_it(office: Office) -> None:
    completed(office, 1)
    office.ok(
        "init --organization Naboforeningen --handle bo --name 'Bo Lie' --keys keyring"
        f" --store {office.store} --profile bo",
        profile=None,
    )
    assert office.ok("honorarium report --json", profile="bo").json["mentors"] == []
    refused(office, "honorarium explain kari", "member_not_found", 3, profile="bo")


@pytest.mark.parametrize(
    ("line", "code", "exit_code"),
    a_few(
        3,
        of=[
            ("report --cycle 1999", "cycle_not_found", 3),
            ("report --cycle 2026 --cycle nope", "cycle_not_found", 3),
            ("report --cycle ''", "cycle_not_found", 3),
            ("report --mentor nobody", "member_not_found", 3),
            ("report --mentor ''", "member_not_found", 3),
            ("report --since --activity", "usage", 2),
            ("report --format pdf", "usage", 2),
            ("explain", "usage", 2),
            ("explain nobody", "member_not_found", 3),
            ("explain kari --cycle 1999", "cycle_not_found", 3),
            ("explain kari ola", "usage", 2),
        ],
    ),
)
def test_bad_input_is_refused(office: Office, line: str, code: str, exit_code: int) -> None:
    refused(office, f"honorarium {line}", code, exit_code)


@pytest.mark.slow
@needs_terminal
def test_bars_are_for_a_terminal_with_a_table(office: Office) -> None:
    completed(office, 4)
    office.dispatch(to="per")
    shown = on_terminal(office, "honorarium report --table", 140, NO_COLOR="1")
    (kari,) = (line for line in shown.splitlines() if "Kari Nordmann" in line)
    (per,) = (line for line in shown.splitlines() if "Per Ås" in line)
    assert "███|█░░░░░░░░░░░|" in kari
    assert "░░░|░░░░░░░░░░░░|" in per
    for said in (
        on_terminal(office, "honorarium report", 140),
        office.ok("honorarium report --table").stdout,
    ):
        assert "█" not in said
        assert "░" not in said
        assert "standard" in said
