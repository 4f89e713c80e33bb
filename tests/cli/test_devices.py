"""A member's further devices: invited by themselves, joined, and approved by somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacker import enrol, value
from tests.office import Office
from tests.refusals import refused


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where eva coordinates, and kari has been sent a brief."""
    office = founded.copy_to(tmp_path_factory.mktemp("devices") / "office")
    enrol(office, "eva", "coordinator")
    office.dispatch()
    return office


def asks(office: Office, machine: Office, handle: str = "kari", by: str | None = None) -> str:
    """Let a member's other machine ask for approval; return the digits that it shows."""
    line = office.ok(f"member invite {handle} --device --json", profile=by or handle)
    join = f"join {line.json['invitation']} --keys keyring --json"
    digits: str = machine.ok(join, profile=None).json["fingerprint"]
    return digits


def second(office: Office, machine: Office, handle: str = "kari", by: str = "eva") -> None:
    """Give a member a second device."""
    digits = asks(office, machine, handle)
    office.ok(f"member approve {handle} --fingerprint '{digits}'", profile=by)


def test_a_second_device_reads_what_is_sent_after_its_approval(
    office: Office, machine: Office
) -> None:
    digits = asks(office, machine)
    before = office.dispatch()
    refused(machine, "open 1 --reveal", "key_not_certified", 4, profile=None)
    said = office.ok(f"member approve kari --fingerprint '{digits}'", profile="eva")
    assert said.stdout.startswith("The device ")
    number = office.dispatch()
    for where, profile in ((machine, None), (office, "kari")):
        where.ok(f"open {number} --reveal", profile=profile)
    office.read(before)
    assert "whole" in office.ok("audit verify").stdout
    assert "whole" in machine.ok("audit verify", profile=None).stdout


def test_both_devices_are_listed_with_who_approved_them_and_which_is_this_one(
    office: Office, machine: Office
) -> None:
    digits = asks(office, machine)
    waits = machine.ok("key list --json", profile=None).json["keys"]
    assert [(each["status"], each["is_this_device"]) for each in waits] == [
        ("active", False),
        ("requested", True),
    ]
    office.ok(f"member approve kari --fingerprint '{digits}'", profile="eva")
    first, other = machine.ok("key list --json", profile=None).json["keys"]
    assert (first["approved_by"], other["approved_by"]) == ("Anne Berg", "Name of eva")
    assert (first["is_this_device"], other["is_this_device"]) == (False, True)
    assert other["fingerprint"] == digits
    own = office.ok("key list --json", profile="kari").json["keys"]
    assert [each["is_this_device"] for each in own] == [True, False]
    theirs = office.ok("key list kari --json", profile="eva").json["keys"]
    assert [each["is_this_device"] for each in theirs] == [False, False]
    assert [each["device"] for each in theirs] == [each["device"] for each in own]
    refused(office, "key list kari", "role_missing", 4, profile="ola")


def test_nobody_approves_a_device_of_their_own(office: Office, machine: Office) -> None:
    digits = asks(office, machine, "anne")
    line = f"member approve anne --fingerprint '{digits}'"
    assert "another coordinator" in refused(office, line, "may_not_vouch", 4).stderr
    refused(office, line, "may_not_vouch", 4, profile="eva")  # of an administrator


@pytest.mark.parametrize("by", ["eva", "anne"])
def test_a_coordinator_invites_a_device_of_a_mentor(
    office: Office, machine: Office, by: str
) -> None:
    digits = asks(office, machine, by=by)
    office.ok(f"member approve kari --fingerprint '{digits}'", profile=by)


def test_who_may_not_invite_a_device(office: Office, machine: Office) -> None:
    refused(office, "member invite kari --device", "role_missing", 4, profile="ola")
    refused(office, "member invite anne --device", "may_not_vouch", 4, profile="eva")
    refused(office, "member invite nobody --device", "member_not_found", 3)
    refused(office, "member invite kari --device --role coordinator", "device_alone", 2)
    office.invitation("dag", "Dag Dal")
    refused(office, "member invite dag --device", "device_of_no_member", 2)
    office.ok("member revoke kari --yes")
    refused(office, "member invite kari --device", "member_already_revoked", 2)


@pytest.mark.parametrize("place", [0, -1])
def test_a_wrong_digit_approves_no_device(office: Office, machine: Office, place: int) -> None:
    digits = list(asks(office, machine))
    digits[place] = str((int(digits[place]) + 1) % 10)
    line = f"member approve kari --fingerprint '{''.join(digits)}'"
    refused(office, line, "fingerprint_mismatch", 1, profile="eva")
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = 'device.approved'") == 0


def test_one_machine_holds_one_key_of_a_member(office: Office) -> None:
    """It would take the place of the key that is there, which opens what was sent."""
    line = office.ok("member invite kari --device --json", profile="kari").json["invitation"]
    refused(office, f"join {line} --keys keyring --profile two", "device_is_here", 2)
    office.read(1)


def test_of_two_waiting_devices_the_one_with_the_digits_is_approved(
    office: Office, machine: Office, tmp_path: Path
) -> None:
    third = Office(tmp_path / "third", office.now)
    third.folder.mkdir(mode=0o700)
    asks(office, machine)
    digits = asks(office, third)
    office.ok(f"member approve kari --fingerprint '{digits}'", profile="eva")
    keys = office.ok("key list --json", profile="kari").json["keys"]
    assert [(each["status"], each["fingerprint"] == digits) for each in keys] == [
        ("active", False),
        ("active", True),
        ("requested", False),
    ]
