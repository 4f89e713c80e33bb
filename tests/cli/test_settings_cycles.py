"""Settings and reporting cycles, and what they do to sequence numbers and tiers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.office import Office
from tests.quick import one_of_each, only
from tests.refusals import refused, rows


def sent(office: Office, *, to: str = "kari") -> tuple[int, str]:
    """Dispatch one; return its sequence number and tier."""
    line = f"create --to {to} --title Visit --payload {office.person()} --dispatch --json"
    said = office.ok(line).json
    return said["threshold_sequence_number"], said["honorarium_tier"]


def cycles(office: Office) -> list[tuple[str, str]]:
    """Return name and status of every cycle."""
    return [
        (each["name"], each["status"]) for each in office.ok("cycle list --json").json["cycles"]
    ]


def ledger(office: Office) -> list[tuple[object, ...]]:
    """Return the ledger's lines: cycle and kind."""
    return rows(
        office,
        "SELECT c.name, t.kind FROM assignment_threshold_logs t"
        " JOIN reporting_cycles c ON c.id = t.reporting_cycle_id ORDER BY t.id",
    )


def test_settings_have_defaults_and_are_heard(office: Office) -> None:
    said = office.ok("config list").stdout
    assert said.startswith("13 settings.\n\nlanguage: not set\nMeaning: ")
    values = {
        each["name"]: each["value"] for each in office.ok("config list --json").json["settings"]
    }
    assert values == {
        "language": None,
        "output": None,
        "contact_deadline_days": "10",
        "expires_after_days": "30",
        "unread_attention_days": "2",
        "reporting_cycles": "calendar_year",
        "honorarium_standard_from": "3",
        "honorarium_elevated_from": "15",
        "retention_days": "30",
        "quiet_hours": "21:00-08:00",
        "quiet_days": "sundays_and_holidays",
        "notification_sender": "assign",
        "notification_language": "nb",
    }
    assert office.ok("config get expires_after_days").stdout == ("expires_after_days is 30.\n")


@pytest.mark.slow
def test_settings_are_used(office: Office) -> None:
    office.ok("config set contact_deadline_days 007")
    office.ok("config set expires_after_days 14")
    assert office.ok("config get contact_deadline_days --json").json["value"] == "7"
    shown = office.ok(f"show {office.dispatch()} --json").json
    assert (shown["contact_deadline_days"], shown["expires_at"]) == (7, "2026-12-05T11:00:00Z")
    assert shown["contact_due_at"] == "2026-11-27T23:00:00Z"
    own = office.ok(f"show {office.dispatch('--deadline-days 2')} --json").json
    assert own["contact_deadline_days"] == 2


@pytest.mark.parametrize(
    ("line", "code", "exit_code"),
    one_of_each(
        [
            ("honorarium_standard_from 15", "thresholds_invalid", 2),
            ("honorarium_standard_from 16", "thresholds_invalid", 2),
            ("honorarium_standard_from 0", "thresholds_invalid", 2),
            ("honorarium_elevated_from 3", "thresholds_invalid", 2),
            ("honorarium_elevated_from 2", "thresholds_invalid", 2),
            ("honorarium_elevated_from -1", "usage", 2),
            ("honorarium_elevated_from many", "setting_invalid", 2),
            ("honorarium_elevated_from ''", "setting_invalid", 2),
            ("honorarium_elevated_from 3.5", "setting_invalid", 2),
            ("honorarium_elevated_from ١٥", "setting_invalid", 2),
            ("honorarium_elevated_from 99999999", "setting_invalid", 2),
            ("contact_deadline_days 0", "contact_deadline_days_positive", 6),
            ("contact_deadline_days 366", "contact_deadline_too_long", 2),
            ("expires_after_days 0", "setting_invalid", 2),
            ("expires_after_days 3651", "setting_invalid", 2),
            ("unread_attention_days 0", "setting_invalid", 2),
            ("reporting_cycles monthly", "setting_invalid", 2),
            ("output table2", "setting_invalid", 2),
            ("nothing 1", "setting_not_found", 3),
        ],
        kind=lambda case: (case[0].split()[0], case[1]),
    ),
)
def test_values_that_a_setting_cannot_have(
    office: Office, line: str, code: str, exit_code: int
) -> None:
    refused(office, f"config set {line}", code, exit_code, unsaid=("99999999", "monthly"))


@pytest.mark.slow
def test_thresholds_can_be_moved_one_after_the_other(office: Office) -> None:
    office.ok("config set honorarium_elevated_from 40")
    office.ok("config set honorarium_standard_from 20")
    refused(office, "config set honorarium_elevated_from 20", "thresholds_invalid", 2)
    office.ok("config set honorarium_elevated_from 21")


def test_a_value_is_kept_in_its_one_spelling(office: Office) -> None:
    office.ok("config set quiet_hours '9:30 - 6:15'")
    assert office.ok("config get quiet_hours --json").json["value"] == "09:30-06:15"
    office.ok("config set notification_sender ' Kontoret  i Åsgata '")
    assert office.ok("config get notification_sender --json").json["value"] == "Kontoret i Åsgata"
    (entry,) = office.ok("audit log --limit 1 --json").json["entries"]
    assert entry["details"] == {"name": "notification_sender"}
    office.ok("audit verify")


@pytest.mark.slow
def test_only_an_administrator_sets(office: Office) -> None:
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    office.ok("member invite bo --name Bo --role org_admin --here --keys keyring")
    for profile in ("kari", "eva"):
        line = "config set contact_deadline_days 5"
        refused(office, line, "role_missing", 4, profile=profile)
        assert office.ok("config get contact_deadline_days --json", profile=profile).json == {
            "message": "contact_deadline_days is 10.",
            "name": "contact_deadline_days",
            "value": "10",
        }
    office.ok("config set contact_deadline_days 5", profile="bo")
    history = rows(office, "SELECT name, value FROM organization_settings")
    assert history == [("contact_deadline_days", "5")]
    (entry,) = office.ok("audit log --limit 1 --json").json["entries"]
    assert (entry["action"], entry["actor"]) == ("setting.changed", "Bo")
    assert entry["details"] == {"name": "contact_deadline_days", "value": "5"}


def test_a_machines_own_settings_need_no_role(office: Office) -> None:
    office.ok("config set language nb", profile="kari")
    assert office.ok("config get language --json", profile="ola").json["value"] == "nb"
    office.ok("config set language en")
    office.ok("config set output table")
    assert "\x1b" not in office.ok("member list").stdout
    office.ok("config set output linear")
    assert office.ok("member list").stdout.startswith(
        "5 members.\n\nName: Anne Berg\nHandle: anne\n"
    )


def test_a_cycle_opened_by_hand(office: Office) -> None:
    line = "cycle open 'Spring  2027' --from 1.1.2027 --to 2027-06-30"
    said = office.ok(line).stdout
    assert said == "Cycle Spring 2027 is open, 1 January 2027 to 30 June 2027.\n"
    assert cycles(office) == [("Spring 2027", "open"), ("2026", "open")]
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.parametrize(
    ("line", "code"),
    one_of_each(
        [
            ("New --from 01.01.2028 --to 31.12.2027", "cycle_days_reversed"),
            ("New --from 31.12.2026 --to 31.01.2027", "cycle_overlaps"),
            ("New --from 01.12.2025 --to 01.01.2026", "cycle_overlaps"),
            ("New --from 01.06.2026 --to 02.06.2026", "cycle_overlaps"),
            ("New --from 01.01.2020 --to 31.12.2029", "cycle_overlaps"),
            ("2026 --from 01.01.2027 --to 31.12.2027", "cycle_name_misleading"),
            ("2028 --from 01.01.2027 --to 31.12.2027", "cycle_name_misleading"),
            ("'' --from 01.01.2027 --to 31.12.2027", "name_invalid"),
            ("' ' --from 01.01.2027 --to 31.12.2027", "name_invalid"),
            (f"{'x' * 101} --from 01.01.2027 --to 31.12.2027", "name_invalid"),
            ("New --from 01.01.2027 --to never", "date_invalid"),
            ("New --from 01.01.2027", "usage"),
        ],
        kind=lambda case: case[1],
    ),
)
def test_cycles_that_cannot_be(office: Office, line: str, code: str) -> None:
    refused(office, f"cycle open {line}", code, 2)


def test_cycle_names_are_unique_and_closing_is_once(office: Office) -> None:
    office.ok("cycle open Spring --from 01.01.2027 --to 30.06.2027")
    refused(office, "cycle open Spring --from 01.07.2027 --to 31.07.2027", "cycle_name_taken", 2)
    office.ok("cycle close Spring --yes")
    refused(office, "cycle close Spring --yes", "cycle_already_closed", 2)
    refused(office, "cycle close spring --yes", "cycle_not_found", 3)
    refused(
        office, "cycle open Other --from 01.01.2027 --to 30.06.2027", "cycle_overlaps", 2
    )  # closed or not, a day belongs to one cycle


def test_who_may_open_and_close_cycles(office: Office) -> None:
    line = "cycle open Spring --from 01.01.2027 --to 30.06.2027"
    refused(office, line, "role_missing", 4, profile="kari")
    refused(office, "cycle close 2026 --yes", "role_missing", 4, profile="kari")
    refused(office, "cycle reopen 2026", "role_missing", 4, profile="kari")
    office.ok("cycle list", profile="kari")


def test_a_calendar_year_opens_by_itself(office: Office) -> None:
    assert cycles(office) == [("2026", "open")]
    office.now = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
    office.dispatch()
    assert cycles(office) == [("2026", "open")]
    office.later(seconds=1)  # midnight in Oslo
    office.dispatch()
    assert cycles(office) == [("2027", "open"), ("2026", "open")]
    (newest, _) = office.ok("cycle list --json").json["cycles"]
    assert (newest["starts_on"], newest["ends_on"]) == ("2027-01-01", "2027-12-31")
    assert ledger(office) == [("2026", "dispatched"), ("2027", "dispatched")]
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_a_year_does_not_open_over_cycles_opened_by_hand(office: Office) -> None:
    office.ok("cycle open Spring --from 01.01.2027 --to 30.06.2027")
    office.now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    office.dispatch()
    office.now = datetime(2027, 8, 1, 12, tzinfo=UTC)
    draft = office.create()
    said = refused(office, f"dispatch {draft}", "reporting_cycle_active").stderr
    assert "assign cycle open" in said
    office.ok("cycle open Autumn --from 01.07.2027 --to 31.12.2027")
    office.ok(f"dispatch {draft}")
    assert ledger(office) == [("Spring", "dispatched"), ("Autumn", "dispatched")]


@pytest.mark.slow
def test_by_hand_no_year_opens_by_itself(office: Office) -> None:
    office.ok("config set reporting_cycles by_hand")
    office.now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    draft = office.create()
    refused(office, f"dispatch {draft}", "reporting_cycle_active")
    assert cycles(office) == [("2026", "open")]
    office.ok("cycle open 2027 --from 01.01.2027 --to 31.12.2027")
    office.ok(f"dispatch {draft}")


@pytest.mark.slow
def test_a_new_cycle_counts_from_one(office: Office) -> None:
    assert [sent(office) for _ in range(3)] == [(1, "none"), (2, "none"), (3, "standard")]
    office.now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    assert sent(office) == (1, "none")


@pytest.mark.slow
def test_completing_in_the_new_year_counts_there(office: Office) -> None:
    number = office.dispatch("--expires 31.01.2027")
    office.to_status(number, "contact_made")
    office.now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    office.ok(f"complete {number}", profile="kari")
    assert ledger(office) == [("2026", "dispatched"), ("2027", "completed")]


@pytest.mark.slow
def test_the_log_is_whole_after_a_mentor_was_the_first_in_the_new_year(office: Office) -> None:
    test_completing_in_the_new_year_counts_there(office)
    office.ok("audit verify")


def test_a_recall_in_the_new_year_is_taken_off_the_old_one(office: Office) -> None:
    number = office.dispatch("--expires 31.01.2027")
    office.now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    office.ok(f"recall --yes {number}")
    assert ledger(office) == [("2026", "dispatched"), ("2026", "recalled")]


@pytest.mark.slow
def test_tiers_at_their_thresholds(office: Office) -> None:
    found = [sent(office) for _ in range(15)]
    assert [number for number, _tier in found] == list(range(1, 16))
    tiers = {number: tier for number, tier in found if number in (2, 3, 14, 15)}
    assert tiers == {2: "none", 3: "standard", 14: "standard", 15: "elevated"}
    assert sent(office, to="ola") == (1, "none")


@pytest.mark.slow
def test_tiers_follow_the_settings_of_the_moment(office: Office) -> None:
    office.ok("config set honorarium_standard_from 1")
    office.ok("config set honorarium_elevated_from 2")
    assert [sent(office) for _ in range(3)] == [(1, "standard"), (2, "elevated"), (3, "elevated")]
    office.ok("config set honorarium_elevated_from 9")
    assert sent(office) == (4, "standard")
    kept = rows(office, "SELECT honorarium_tier FROM assignments ORDER BY number")
    assert [tier for (tier,) in kept] == ["standard", "elevated", "elevated", "standard"]


@pytest.mark.slow
@pytest.mark.parametrize("ending", only("recall", of=["recall", "cancel", "expire"]))
def test_numbers_after_one_was_withdrawn(office: Office, ending: str) -> None:
    office.ok("config set honorarium_standard_from 2")
    office.ok("config set honorarium_elevated_from 3")
    first = office.dispatch("--expires 22.11.2026")
    assert sent(office) == (2, "standard")
    if ending == "expire":
        office.later(days=2)
        office.refused(f"open {first} --reveal", "expired_payload_inaccessible", 6, profile="kari")
    else:
        office.ok(f"{ending} --yes {first}" + (" --reason Moved" if ending == "cancel" else ""))
    assert sent(office) == (2, "standard")
    assert sent(office) == (3, "elevated")


@pytest.mark.slow
def test_a_completed_one_still_counts(office: Office) -> None:
    office.to_status(office.dispatch(), "completed")
    assert sent(office) == (2, "none")


@pytest.mark.slow
def test_a_draft_that_is_withdrawn_leaves_no_line(office: Office) -> None:
    office.ok(f"recall --yes {office.create()}")
    said = office.ok(f"cancel --yes {office.create()} --reason Moved").stdout
    assert said == "Draft 2 is recalled. It was never sent.\n"
    assert ledger(office) == []
    assert sent(office) == (1, "none")


def test_a_name_that_is_nearly_one_is_answered_with_that_one(office: Office) -> None:
    for line, near in (
        ("config get contact-deadline", "contact_deadline_days"),
        ("config set retension_days 400", "retention_days"),
        ("cycle close 2062 --yes", "2026"),
        ("honorarium report --cycle 2062", "2026"),
    ):
        assert f"Did you mean {near}?" in office.refused(line, _code(line), 3).stderr
    for line in ("config get nothing", "cycle close spring --yes"):
        assert "Did you mean" not in office.refused(line, _code(line), 3).stderr


def test_a_value_that_is_nearly_allowed_is_answered_with_that_one(office: Office) -> None:
    told = office.refused("list --status delivred", "usage", 2).stderr
    assert "Did you mean delivered? Use one of these: draft, sent, " in told
    told = office.run("list --status=kompletert --lang nb").stderr
    assert "Mente du levert?" in told
    assert "Did you mean" not in office.refused("list --status zork", "usage", 2).stderr


def _code(line: str) -> str:
    return "setting_not_found" if line.startswith("config") else "cycle_not_found"
