"""Joining from a machine of one's own: the request, the digits on both sides, the approval."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.office import Office
from tests.quick import only
from tests.refusals import damage, refused

JOIN = "join --handle dag --name 'Dag Dal' --keys keyring"


@pytest.fixture
def machine(office: Office, tmp_path: Path) -> Office:
    """A second machine: a home and a key store of its own, and the way to the office's store."""
    other = Office(tmp_path / "machine", office.now)
    other.folder.mkdir(mode=0o700)
    return other


def joined(office: Office, machine: Office, more: str = "") -> str:
    """Ask to join from the machine; return the digits that are read out there."""
    said = machine.ok(f"{JOIN} --store {office.store} --json {more}", profile=None).json
    digits: str = said["fingerprint"]
    return digits


def approve(office: Office, digits: str, more: str = "") -> None:
    office.ok(f"member approve dag --fingerprint '{digits}' {more}")


def test_the_whole_way_from_another_machine(office: Office, machine: Office) -> None:
    said = machine.ok(f"{JOIN} --store {office.store}", profile=None)
    assert said.stdout.startswith("You have asked to join Testforeningen.\n")
    assert "assign member approve dag" in said.stderr
    own = machine.ok("key list --json", profile=None).json["keys"][0]
    assert own["status"] == "requested"
    assert f"Your fingerprint: {own['fingerprint']}\n" in said.stdout
    # The office hears the same digits, computed from its own pinned root.
    asked = office.run("member approve dag")
    assert own["fingerprint"] in asked.stderr
    approve(office, own["fingerprint"], "--certified-until 31.12.2027")
    office.ok("sweep")
    assert machine.ok("doctor", profile=None).stdout.startswith("Everything is in order.")
    number = office.dispatch(to="dag")
    for line in ("inbox", f"open {number} --reveal", f"ack {number}", f"contact {number}"):
        machine.ok(line, profile=None)
    assert office.ok(f"show {number} --json").json["status"] == "contact_made"
    assert "whole" in office.ok("audit verify").stdout
    assert "whole" in machine.ok("audit verify", profile=None).stdout


def test_the_digits_are_the_same_on_both_sides_and_after_approval(
    office: Office, machine: Office
) -> None:
    digits = joined(office, machine)
    assert [len(group) for group in digits.split(" ")] == [5] * 8
    approve(office, digits.replace(" ", ""))  # typed as heard, with or without spaces
    (key,) = machine.ok("key list --json", profile=None).json["keys"]
    assert (key["fingerprint"], key["status"]) == (digits, "active")


def test_before_approval_nothing_can_be_done(office: Office, machine: Office) -> None:
    joined(office, machine)
    number = office.dispatch()
    for line in (
        f"open {number} --reveal",
        f"ack {number}",
        "member pause dag",
        "member invite x --name X",
        "cycle close --yes 2026",
        "config set unread_attention_days 3",
    ):
        refused(machine, line, "not_approved", 4, profile=None)
    consent = f"consent {number} --accept purpose"
    refused(machine, consent, "not_your_assignment", 4, profile=None)
    line = f"create --to kari --title Visit --payload {machine.person()}"
    refused(machine, line, "not_approved", 4, profile=None)
    for line in ("list", "status", f"show {number}", "audit log"):
        refused(machine, line, "role_missing", 4, profile=None)
    mine = f"create --to dag --title Visit --payload {office.person()}"
    refused(office, mine, "recipient_must_belong_to_same_organization")


@pytest.mark.parametrize(
    "change", only("last", "other", of=["first", "last", "short", "long", "other", "letters"])
)
def test_other_digits_are_refused(office: Office, machine: Office, change: str) -> None:
    digits = joined(office, machine)
    flipped = str((int(digits[0]) + 1) % 10)
    given = {
        "first": flipped + digits[1:],
        "last": digits[:-1] + str((int(digits[-1]) + 1) % 10),
        "short": digits[:-1],
        "long": f"{digits} 0",
        "other": office.ok("key list --json", profile="kari").json["keys"][0]["fingerprint"],
        "letters": "x" * 40,
    }[change]
    line = f"member approve dag --fingerprint '{given}'"
    said = refused(office, line, "fingerprint_mismatch", 1).stderr
    assert digits not in said
    approve(office, digits)


def test_keys_swapped_after_the_digits_were_read_out_are_refused(
    office: Office, machine: Office
) -> None:
    """Whoever can write the store puts other keys into the request: the digits differ."""
    digits = joined(office, machine)
    damage(
        office,
        "UPDATE members SET signing_key = (SELECT signing_key FROM members"
        " WHERE handle = 'kari') WHERE handle = 'dag'",
    )
    refused(office, f"member approve dag --fingerprint '{digits}'", "fingerprint_mismatch", 1)


def test_another_root_key_gives_other_digits(office: Office, machine: Office) -> None:
    """A store that names a false root is pinned when joining, and found by the comparison."""
    damage(
        office,
        "UPDATE organizations SET root_public_key ="
        " (SELECT signing_key FROM members WHERE handle = 'kari')",
    )
    digits = joined(office, machine)
    refused(office, f"member approve dag --fingerprint '{digits}'", "fingerprint_mismatch", 1)


def test_a_handle_can_be_asked_for_once(office: Office, machine: Office, tmp_path: Path) -> None:
    joined(office, machine)
    third = Office(tmp_path / "third", office.now)
    third.folder.mkdir()
    for handle in ("dag", "kari", "anne", "service", "DAG"):
        line = f"join --handle {handle} --name X --keys keyring --store {office.store}"
        refused(third, line, "handle_taken", 2, profile=None)
        assert not (third.home / "profiles").exists()
    refused(machine, f"{JOIN} --store {office.store}", "profile_exists", 2, profile=None)


def test_an_invited_handle_is_joined_with_the_roles_it_is_approved_for(
    office: Office, machine: Office
) -> None:
    office.ok("member invite dag --name 'Dag D' --role coordinator --role peer_mentor")
    approve(office, joined(office, machine), "--role coordinator --role peer_mentor")
    shown = office.ok("member show dag --json").json
    assert (shown["roles"], shown["display_name"]) == (["coordinator", "peer_mentor"], "Dag Dal")
    line = f"create --to dag --title Visit --payload {machine.person()} --dispatch --json"
    number = machine.ok(line, profile=None).json["number"]  # to oneself, which is allowed
    machine.ok(f"open {number} --reveal", profile=None)
    assert "whole" in office.ok("audit verify").stdout


def test_which_organisation_where_there_are_several(office: Office, machine: Office) -> None:
    office.ok(
        "init --organization Naboforeningen --handle bo --name Bo --keys keyring", profile=None
    )
    line = f"{JOIN} --store {office.store}"
    refused(machine, line, "organization_ambiguous", 2, profile=None)
    refused(machine, f"{line} --organization Andre", "organization_not_found", 3, profile=None)
    machine.ok(f"{line} --organization naboforeningen", profile=None)
    handles = [each["handle"] for each in office.ok("member list --json").json["members"]]
    assert "dag" not in handles
    waiting = office.ok("member show dag --json", profile="bo").json
    assert waiting["status"] == "requested"


def test_a_profile_of_another_name(office: Office, machine: Office) -> None:
    machine.ok(f"{JOIN} --store {office.store}", profile="work")
    assert machine.ok("key list --json", profile="work").json["keys"][0]["handle"] == "dag"
    saved = json.loads((machine.home / "profiles" / "work.json").read_text())
    assert saved["store"] == str(office.store)
    assert "root_public_key" in saved
    assert (machine.home / "profiles" / "work.json").stat().st_mode & 0o077 == 0
