"""`profile list` and `profile use`: which profiles there are, and which acts if none is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assigncli.folders import folders
from tests.office import Office
from tests.refusals import refused


def acting(office: Office) -> str | None:
    """Return the profile that is said to act if none is named."""
    listed = office.ok("profile list --json", profile=None).json["profiles"]
    named = [each["profile"] for each in listed if each["is_current"]]
    return named[0] if named else None


def test_each_profile_is_listed_with_its_store_and_the_one_that_acts_is_named(
    office: Office,
) -> None:
    office.ok("profile use kari", profile=None)
    said = office.ok("profile list", profile=None).stdout
    first, _empty, *rest = said.splitlines()
    count = said.count("Profile: ")
    assert (
        first
        == f"{count} profiles on this machine. Commands act as profile kari if no other is named."
    )
    assert rest[0] == "Profile: anne"
    assert f"Store: {office.store}" in rest
    assert "problem" not in said.lower()


def test_the_profile_that_is_chosen_acts_in_commands_that_name_none(office: Office) -> None:
    office.dispatch()
    said = office.ok("profile use kari", profile=None).stdout
    assert said.startswith("Commands act as profile kari now, if no other is named.\n")
    assert acting(office) == "kari"
    assert office.ok("inbox --json", profile=None).json["assignments"]
    office.ok("profile use anne", profile=None)
    assert acting(office) == "anne"
    assert office.ok("inbox", profile=None).stdout == "No assignments for you.\n"


def test_a_profile_that_is_not_there_is_not_chosen(office: Office) -> None:
    office.ok("profile use anne", profile=None)
    refused(office, "profile use nobody", "profile_missing", 3)
    refused(office, "profile use ../anne", "profile_name", 2)
    assert acting(office) == "anne"


def test_a_damaged_profile_is_listed_as_damaged_and_not_chosen(office: Office) -> None:
    office.ok("profile use anne", profile=None)
    (folders(office.env).profiles / "kari.json").write_text('{"handle": "41234567"}')
    said = office.ok("profile list", profile=None).stdout
    assert "Profile: kari\nProblem: " in said
    assert "41234567" not in said
    listed = office.ok("profile list --json", profile=None).json["profiles"]
    problems = {each["profile"]: each["problem"] for each in listed}
    assert problems["kari"] == "profile_damaged"
    assert problems["anne"] is None
    refused(office, "profile use kari", "profile_damaged", 2)
    assert acting(office) == "anne"


@pytest.mark.parametrize("address", ["unix:/run/assign/socket", "ssh://kari@office:2222"])
def test_a_profile_of_a_server_is_listed_with_its_address(office: Office, address: str) -> None:
    path = folders(office.env).profiles / "kari.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "store": address, "vault": None}))
    assert f"Profile: kari\nStore: {address}\n" in office.ok("profile list", profile=None).stdout
    listed = office.ok("profile list --json", profile=None).json["profiles"]
    stores = {each["profile"]: each["store"] for each in listed}
    assert stores["kari"] == address
    assert stores["anne"] == str(office.store)
    office.ok("profile use kari", profile=None)
    refused(office, "store check", "needs_server_machine", 2, profile="kari")


def test_an_address_that_would_be_an_option_of_ssh_makes_a_damaged_profile(office: Office) -> None:
    path = folders(office.env).profiles / "kari.json"
    address = "ssh://-oProxyCommand=id"
    path.write_text(json.dumps({**json.loads(path.read_text()), "store": address}))
    refused(office, "inbox", "profile_damaged", 2, profile="kari")


def test_a_profile_in_the_environment_goes_before_the_chosen_one_and_that_is_said(
    office: Office,
) -> None:
    office.environ["ASSIGN_PROFILE"] = "anne"
    said = office.ok("profile use kari", profile=None)
    assert "ASSIGN_PROFILE names another profile, and that one is used before it." in said.stderr
    assert acting(office) == "anne"
    assert office.ok("profile use anne", profile=None).stderr == ""


def test_neither_store_nor_keys_are_needed_to_choose_a_profile(office: Office) -> None:
    office.store.rename(office.store.with_name("away"))
    (office.folder / "keyring.json").unlink()
    assert office.ok("profile list", profile=None).stdout
    assert office.ok("profile use ola", profile=None).stdout
    assert acting(office) == "ola"


def test_where_several_profiles_are_and_none_is_chosen_none_is_said_to_act(office: Office) -> None:
    folders(office.env).current.unlink()
    assert acting(office) is None
    first = office.ok("profile list", profile=None).stdout.splitlines()[0]
    assert first.endswith("profiles on this machine.")


def test_a_new_machine_has_no_profiles(tmp_path: Path) -> None:
    office = Office(tmp_path / "new")
    assert office.ok("profile list", profile=None).stdout == "No profiles on this machine.\n"
    assert office.ok("profile list --json", profile=None).json == {"profiles": []}
