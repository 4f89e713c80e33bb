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


@pytest.mark.slow
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


@pytest.mark.slow
def test_who_sends_is_told_which_device_of_the_mentor_cannot_open_it_yet(
    office: Office, machine: Office
) -> None:
    """And is told what makes it so: the device is approved, and what was sent is sealed again."""
    office.dispatch()
    send = f"create --to kari --title Visit --payload {office.person()}"
    digits = asks(office, machine)
    (device,) = {each["device"] for each in office.ok("key list kari --json").json["keys"]}
    told = (
        f"The device {device} of Kari Nordmann is not approved and cannot open this. Compare it "
        "with assign member approve kari, then run assign key reseal --for kari.\n"
    )
    number = office.ok(f"{send} --json").json["number"]
    said = office.ok(f"dispatch {number}")
    assert said.stderr == told
    assert told not in said.stdout
    assert office.ok(f"{send} --dispatch").stderr == told
    assert "cannot open" not in office.ok(f"{send} --dispatch".replace("kari", "ola")).said
    refused(machine, f"open {number} --reveal", "key_not_certified", 4, profile=None)
    office.ok(f"member approve kari --fingerprint '{digits}'", profile="eva")
    office.ok("key reseal --for kari")
    machine.ok(f"open {number} --reveal", profile=None)
    assert office.ok(f"{send} --dispatch").stderr == ""


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


@pytest.mark.slow
def test_nobody_approves_a_device_of_their_own(office: Office, machine: Office) -> None:
    digits = asks(office, machine, "anne")
    line = f"member approve anne --fingerprint '{digits}'"
    refused(office, line, "may_not_vouch", 4, profile="eva")  # of an administrator
    assert "printed key kit" in office.refused(line, "input_needed", 2).stderr  # the only one
    office.ok("member invite rut --name 'Rut Ruud' --role org_admin --here --keys keyring")
    assert "who can approve you" in refused(office, line, "may_not_vouch", 4).stderr


@pytest.mark.slow
@pytest.mark.parametrize("by", ["eva", "anne"])
def test_a_coordinator_invites_a_device_of_a_mentor(
    office: Office, machine: Office, by: str
) -> None:
    digits = asks(office, machine, by=by)
    office.ok(f"member approve kari --fingerprint '{digits}'", profile=by)


@pytest.mark.slow
def test_who_may_not_invite_a_device(office: Office, machine: Office) -> None:
    refused(office, "member invite kari --device", "role_missing", 4, profile="ola")
    refused(office, "member invite anne --device", "may_not_vouch", 4, profile="eva")
    refused(office, "member invite nobody --device", "member_not_found", 3)
    refused(office, "member invite kari --device --role coordinator", "device_alone", 2)
    office.invitation("dag", "Dag Dal")
    refused(office, "member invite dag --device", "device_of_no_member", 2)
    office.ok("member revoke kari --yes")
    refused(office, "member invite kari --device", "member_already_revoked", 2)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_what_was_sent_before_is_resealed_by_the_other_device(
    office: Office, machine: Office
) -> None:
    office.dispatch()
    office.read(1)
    second(office, machine)
    refused(machine, "open 2 --reveal", "wrap_altered", 1, profile=None)
    said = office.ok("key reseal", profile="kari").stdout
    assert said.startswith(
        "2 of 2 open assignments can be read with the new key."
        " 1 was read before and stays disclosed.\n"
    )
    before = value(office, "SELECT max(sequence) FROM audit_log")
    assert office.ok("key reseal --json", profile="kari").json["readable"] == 2
    assert value(office, "SELECT max(sequence) FROM audit_log") == before  # nothing twice
    for number in (1, 2):
        machine.ok(f"open {number} --reveal", profile=None)
        office.read(number)
    assert "whole" in office.ok("audit verify").stdout
    assert "whole" in machine.ok("audit verify", profile=None).stdout


@pytest.mark.slow
def test_what_was_sent_before_is_resealed_by_its_dispatcher_and_by_no_other_coordinator(
    office: Office, machine: Office
) -> None:
    second(office, machine)
    assert office.ok("key reseal --for kari", profile="eva").stdout.startswith("Nothing is open")
    assert office.ok("key reseal --for kari").stdout.startswith("1 of 1 open assignment can")
    machine.ok("open 1 --reveal", profile=None)
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_a_device_that_cannot_read_seals_nothing(office: Office, machine: Office) -> None:
    second(office, machine)
    said = machine.run("key reseal", profile=None)
    assert (said.code, said.error_code) == (5, "not_all_resealed")
    assert "Assignment 1 cannot be read on this device either: Home visit\n" in said.stdout
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = 'wrap.added'") == 0


@pytest.mark.slow
def test_drafts_are_resealed_to_their_coordinator_s_other_device(
    office: Office, machine: Office
) -> None:
    draft = f"create --to kari --title 'Home visit' --payload {office.person()}"
    office.ok(draft, profile="eva")
    second(office, machine, "eva", by="anne")
    refused(machine, "dispatch 2", "wrap_altered", 1, profile=None)
    office.ok("key reseal", profile="eva")
    machine.ok("dispatch 2", profile=None)
    office.read(2)
    assert "whole" in office.ok("audit verify").stdout
