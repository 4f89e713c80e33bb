"""`audit log` says how many entries there are in all, and the whole command for the next page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.office import Office, Result


@pytest.fixture(scope="module")
def stage(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office of 25 entries: 7 of founding and enrolling, 18 of six assignments."""
    office = founded.copy_to(tmp_path_factory.mktemp("stage") / "office")
    for _ in range(6):
        office.ok(f"recall {office.dispatch()} --yes")
    return office


@pytest.fixture
def office_with_log(stage: Office, tmp_path: Path) -> Office:
    """Such an office of a test's own."""
    return stage.copy_to(tmp_path / "office")


def total(office: Office) -> int:
    entries: int = office.ok("audit verify --json").json["entries"]
    return entries


def following(office: Office, said: Result) -> Result:
    """Run the command that the last line gives, as a user would."""
    last = said.stdout.splitlines()[-1]
    assert last.startswith("There are more. Next page: assign audit log ")
    words = last.partition("Next page: assign ")[2]
    return office.ok(words, profile=None)


def sequences(said: Result) -> list[int]:
    return [int(number) for number in re.findall(r"^Entry (\d+): ", said.stdout, re.MULTILINE)]


@pytest.mark.slow
def test_the_total_comes_first_and_the_next_command_last(office_with_log: Office) -> None:
    office, count = office_with_log, total(office_with_log)
    assert count > 20
    first = office.ok("audit log")
    assert first.stdout.startswith(
        f"20 of {count} entries.\n\nEntry {count}: recalled, assignment 6\n"
    )
    assert first.stdout.endswith(
        f"\nThere are more. Next page: assign audit log --before {count - 19} --profile anne\n"
    )
    second = following(office, first)
    assert second.stdout.startswith(f"{count - 20} of {count} entries.\n")
    assert "There are more" not in second.stdout
    assert sequences(first) + sequences(second) == list(range(count, 0, -1))


def test_the_filter_counts_what_it_filters(office_with_log: Office) -> None:
    office = office_with_log
    assert office.ok("audit log --assignment 3").stdout.startswith("3 entries.\n")
    page = office.ok("audit log --assignment 3 --limit 2")
    assert page.stdout.startswith("2 of 3 entries.\n")
    last = following(office, page)
    assert last.stdout.startswith("1 of 3 entries.\n")
    assert len(set(sequences(page) + sequences(last))) == 3
    assert office.ok("audit log --before 1").stdout == (
        f"No entries here, {total(office)} in all.\n"
    )


def test_json_says_the_total_and_the_next_command(office_with_log: Office) -> None:
    office, seen, line = office_with_log, [], "audit log --limit 10 --json"
    while line:
        document = office.ok(line, profile="anne" if not seen else None).json
        assert document["total"] == total(office)
        seen += [entry["sequence"] for entry in document["entries"]]
        following = document["next"]
        line = "" if following is None else " ".join(shlex.split(following)[1:])
        assert (document["before"] is None) == (following is None)
    assert seen == list(range(total(office), 0, -1))


def test_the_next_command_is_said_as_it_has_to_be_typed(office_with_log: Office) -> None:
    office = office_with_log
    found = office.ok("show 3 --json").json["id"]
    said = office.ok(f"audit log --limit 1 --assignment {found[:8]} --lang nb --table").stdout
    assert said.endswith(
        f"Neste side: assign audit log --assignment {found[:8]} --limit 1"
        f" --before {sequences(office.ok('audit log --assignment 3'))[0]}"
        " --profile anne --lang nb --table\n"
    )
    assert said.startswith("1 av 3 oppføringer.\n")


def test_another_organisation_s_entries_are_not_counted(office_with_log: Office) -> None:
    office = office_with_log
    before = total(office)
    office.ok(
        "init --organization Others --handle berit --name 'Berit By' --keys keyring", profile=None
    )
    assert office.ok("audit log --limit 1 --json").json["total"] == before
    theirs = office.ok("audit log --json", profile="berit").json
    assert theirs["total"] == len(theirs["entries"]) < before
