"""A profile whose store is a server: what is shown is what is shown beside the store."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from assigncli.cli.session import at_server
from assigncli.errors import AssignError, NotFound
from assigncli.lookups import Nothing
from assigncli.lookups.about_office import CYCLES
from tests.cli.test_startup import imported
from tests.office import Office
from tests.refusals import refused, require_three_lines
from tests.serving import reached

SHOWN = [
    *(("anne", line) for line in ("list", "list --overdue", "list --limit 1", "list --full")),
    *(("anne", line) for line in ("status", "show 1", "show 2", "show 3 --full", "show 999")),
    *(("anne", line) for line in ("member list", "member show kari", "member show karri")),
    *(("anne", line) for line in ("cycle list", "config list", "config get retention_days")),
    *(("anne", line) for line in ("audit log", "audit log --limit 2", "audit log --assignment 2")),
    *(("anne", line) for line in ("honorarium report", "honorarium report --activity")),
    *(("anne", line) for line in ("honorarium explain kari", "honorarium report --cycle 1999")),
    *(("anne", line) for line in ("key list", "config get nothing", "list --mentor nobody")),
    *(("kari", line) for line in ("inbox", "inbox --limit 1", "show 2", "show 1", "list")),
    *(("kari", line) for line in ("honorarium explain kari", "honorarium explain ola", "key list")),
    *(("kari", line) for line in ("member list", "status", "audit log", "recall 2 --yes")),
]


@pytest.fixture
def told(office: Office) -> Office:
    """An office of today with something of every kind to show."""
    office.now = datetime.now(UTC)
    office.create()
    office.to_status(office.dispatch("--priority urgent"), "completed")
    office.dispatch("--consent-required --coordinator-notes 'Ring twice.'")
    office.ok("inbox", profile="kari")  # so that the delivery is behind us
    return office


@pytest.mark.slow
@pytest.mark.parametrize(
    "forms", [("",), pytest.param(("--json", "--lang nb"), marks=pytest.mark.slow)]
)
def test_lists_and_figures_are_the_same_beside_the_store_and_at_a_server(
    told: Office, forms: tuple[str, ...]
) -> None:
    def heard() -> dict[tuple[str, str, str], tuple[int, str, str]]:
        results = {
            (profile, line, more): told.run(f"{line} {more}", profile=profile)
            for profile, line in SHOWN
            for more in forms
        }
        return {key: (each.code, each.stdout, each.stderr) for key, each in results.items()}

    told.create(title="Forgotten")  # so that two are to be followed up
    told.ok("sweep")
    before = heard()
    with reached(told):
        time.sleep(0.5)  # the first sweep is over
        after = heard()
    assert before == after
    assert {code for code, _out, _err in after.values()} == {0, 3, 4, 6}


def test_acts_are_carried_out_by_the_server_and_no_passphrase_is_needed_to_list(
    told: Office,
) -> None:
    with reached(told) as served:
        number = told.dispatch(title="By the server")
        told.to_status(number, "completed")
        declined = told.dispatch(title="Cannot go")
        assert (
            "call Anne Berg" in told.ok(f"decline {declined} --reason ill", profile="kari").stdout
        )
        told.refused(f"open {declined} --reveal", "assignment_declined", 6, profile="kari")
        assert told.ok("status --json").json["attention"][0]["decline_reason"] == "ill"
        told.ok(f"reassign {declined} --to ola --yes")
        kept = told.create(title="Called off")
        told.ok(f"recall {kept} --yes")
        assert told.ok(f"show {number} --json").json["status"] == "completed"
        assert "is whole" in told.ok("audit verify").stdout
        (told.folder / "keyring.json").unlink()  # without any key
        assert "By the server" in told.ok("list --status completed").stdout
        assert served.stop() == 0


@pytest.mark.slow
def test_what_is_kept_about_people_is_given_out_and_erased_by_the_server(told: Office) -> None:
    told.to_status(told.dispatch("--reference SAK-7"), "completed")
    lines = ("privacy access --reference SAK-7 --names", "privacy export kari")
    erase = "privacy erase --reference SAK-7 --yes"
    beside = [told.ok(line).stdout.splitlines()[0] for line in lines]
    with reached(told) as served:
        assert told.ok(lines[0]).stdout.splitlines()[0] == beside[0]
        assert told.ok(lines[1]).stdout.startswith("What is held about Kari Nordmann")
        told.refused(lines[0], "role_missing", 4, profile="kari")
        told.refused(erase, "role_missing", 4, profile="kari")
        assert "1 assignment is erased." in told.ok(erase).stdout
        assert "is whole" in told.ok("audit verify").stdout
        told.refused(erase, "reference_not_found", 3)
        assert served.stop() == 0


@pytest.mark.slow
def test_a_command_at_a_server_starts_without_what_a_store_needs(told: Office) -> None:
    with reached(told):
        for line in ("list", "inbox --profile kari"):
            words = line if "--profile" in line else f"{line} --profile anne"
            modules = imported(told.home, *words.split(), environ=told.env)
            assert not {"sqlmodel", "sqlalchemy", "sqlite3"} & modules, line
            assert not {each for each in modules if each.startswith("assigncli.server.")}, line


def test_what_needs_the_files_is_refused_where_they_are_elsewhere(told: Office) -> None:
    with reached(told):
        for line in ("sweep", "store info", "store check", "store upgrade"):
            # Meanwhile the server may write: its first sweep is under way.
            said = refused(told, line, "needs_server_machine", 2, writes=True)
            assert "unix:" in said.stderr


@pytest.mark.slow
def test_a_server_that_has_stopped_is_said_to_be_out_of_reach(told: Office) -> None:
    with reached(told) as served:
        assert served.stop() == 0
        said = refused(told, "list", "server_unreachable", 7)
        assert "nothing was done" in said.stderr
        require_three_lines(said.stderr, "server_unreachable")
        found = told.run("doctor --json").json["findings"]
    wrong = {each["name"] for each in found if not each["well"]}
    assert {"server", "version", "clock"} <= wrong


def test_an_error_that_no_sentence_is_known_for_is_said_by_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def newer(*_asked: object) -> None:
        raise NotFound("not_known_here", "yet", thing=3)

    monkeypatch.setattr(at_server, "look", newer)
    with pytest.raises(AssignError) as error:
        at_server._look(None, None, CYCLES, Nothing())  # type: ignore[arg-type]
    assert (error.value.code, error.value.why) == ("not_known_here", "refused")
