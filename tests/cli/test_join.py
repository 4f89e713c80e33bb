"""Joining from a machine of one's own: the request, the digits on both sides, the approval."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assigncli.crypto.identity import RootKey
from tests.office import Office, Result
from tests.quick import only
from tests.refusals import damage, refused, require_three_lines


def joining(office: Office) -> str:
    """Invite dag, and return the command that is run on the machine."""
    return f"join {office.invitation('dag', 'Dag Dal')} --keys keyring"


def joined(office: Office, machine: Office, more: str = "") -> str:
    """Ask to join from the machine; return the digits that are read out there."""
    return office.join("dag", "Dag Dal", on=machine, more=more)


def kept_out(machine: Office, line: str, code: str = "token_invalid", exit_code: int = 4) -> Result:
    """Run a join that must be refused, and hold that neither profile nor keys are left of it."""
    said = machine.refused(line, code, exit_code, profile=None)
    require_three_lines(said.stderr, code)
    assert list(machine.home.glob("profiles/*")) == []
    keyring = machine.folder / "keyring.json"
    keys = json.loads(keyring.read_text()) if keyring.exists() else {}
    assert [label for kept in keys.values() for label in kept if "identity" in label] == []
    assert list((machine.home / "outstanding").rglob("*.json")) == []
    return said


def approve(office: Office, digits: str, more: str = "") -> None:
    office.ok(f"member approve dag --fingerprint '{digits}' {more}")


@pytest.mark.slow
def test_the_whole_way_from_another_machine(office: Office, machine: Office) -> None:
    said = machine.ok(joining(office), profile=None)
    assert said.stdout.startswith("You have asked to join Testforeningen.\n")
    assert "assign member approve dag" in said.stderr
    own = machine.ok("key list --json", profile=None).json["keys"][0]
    assert own["status"] == "requested"
    assert f"Your fingerprint: {own['fingerprint']}\n" in said.stdout
    # The office is to hear the digits, so it is not told them.
    asked = office.run("member approve dag")
    assert not any(group in asked.said for group in own["fingerprint"].split())
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


def test_status_names_who_waits_for_approval_until_it_is_given(
    office: Office, machine: Office
) -> None:
    asks = "Dag Dal asks to join. Compare the fingerprint on the telephone, with assign member "
    nothing = "Nothing needs follow-up now.\n"
    assert office.ok("status").stdout == nothing
    digits = joined(office, machine)
    assert office.ok("status").stdout == f"{asks}approve dag.\n{nothing}"
    (key,) = office.ok("status --json").json["keys"]
    assert (key["handle"], key["status"]) == ("dag", "requested")
    approve(office, digits)
    assert office.ok("status").stdout == nothing


@pytest.mark.slow
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
    refused(machine, consent, "not_approved", 4, profile=None)
    line = f"create --to kari --title Visit --payload {machine.person()}"
    refused(machine, line, "not_approved", 4, profile=None)
    for line in ("list", "status", f"show {number}", "audit log"):
        refused(machine, line, "role_missing", 4, profile=None)
    mine = f"create --to dag --title Visit --payload {office.person()}"
    refused(office, mine, "recipient_must_belong_to_same_organization")


@pytest.mark.slow
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


def test_a_store_that_names_another_root_key_is_not_asked_for_it(
    office: Office, machine: Office
) -> None:
    """The root key comes with the invitation, so that the digits are the right ones."""
    line = joining(office)
    damage(
        office,
        "UPDATE organizations SET root_public_key ="
        " (SELECT signing_key FROM members WHERE handle = 'kari')",
    )
    digits = machine.ok(f"{line} --json", profile=None).json["fingerprint"]
    approve(office, digits)


def test_another_root_key_in_the_invitation_vouches_for_no_service(
    office: Office, machine: Office
) -> None:
    words = joining(office).split()
    words[5] = RootKey.generate().public.hex()
    kept_out(machine, " ".join(words), "certificate_invalid", 1)


def test_an_invitation_is_used_once(office: Office, machine: Office, tmp_path: Path) -> None:
    line = joining(office)
    machine.ok(line, profile=None)
    third = Office(tmp_path / "third", office.now)
    third.folder.mkdir(mode=0o700)
    assert "invite you again" in kept_out(third, line).stderr
    machine.refused(f"{line} --profile two", "device_is_here", 2, profile=None)
    assert machine.ok("key list --json", profile=None).json["keys"][0]["status"] == "requested"


@pytest.mark.parametrize(("late", "is_in_time"), [(0, True), (1, False)])
def test_an_invitation_holds_for_fourteen_days(
    office: Office, machine: Office, late: int, is_in_time: bool
) -> None:
    line = joining(office)
    machine.later(days=14, microseconds=late)
    if is_in_time:
        machine.ok(line, profile=None)
    else:
        kept_out(machine, line)


def test_who_was_invited_in_vain_is_invited_again_as_the_same_member(
    office: Office, machine: Office
) -> None:
    first = office.invitation("dag", "Dag Dal").split()
    machine.later(days=20)
    office.later(days=20)
    again = office.invitation("dag", "Dag Dal").split()
    assert (again[3], again[5] != first[5]) == (first[3], True)
    machine.ok(f"join {' '.join(again)} --keys keyring", profile=None)
    refused(office, "member invite dag --name 'Dag Dal'", "handle_taken", 2)


def test_an_older_invitation_that_has_not_ended_is_good_beside_the_newer(
    office: Office, machine: Office
) -> None:
    first = joining(office)
    joining(office)
    machine.ok(first, profile=None)


@pytest.mark.parametrize(
    "line",
    [
        "assign-join-1",
        "assign-join-2 {rest}",
        "assign-join-1 {rest} more",
        "assign-join-1 {rest}0",
        "hello",
    ],
)
def test_a_line_that_is_no_invitation_is_not_repeated(
    office: Office, machine: Office, line: str
) -> None:
    rest = office.invitation("dag", "Dag Dal").partition(" ")[2]
    line = f"join {line.format(rest=rest)}"
    said = refused(machine, line, "invitation_malformed", 2, profile=None)
    assert rest.split()[-1] not in said.stderr


def test_an_invitation_may_be_given_as_one_word(office: Office, machine: Office) -> None:
    line = office.invitation("dag", "Dag Dal")
    machine.ok(f"join '{line}' --keys keyring", profile=None)


def test_a_folder_with_a_space_and_a_letter_of_its_own_is_one_word_in_the_line(
    office: Office, machine: Office, tmp_path: Path
) -> None:
    there = office.copy_to(tmp_path / "Blåforeningen 100 %")
    line = there.invitation("dag", "Dag Dal")
    assert line.isascii()
    assert len(line.split()) == 6
    machine.ok(f"join {line} --keys keyring", profile=None)


def test_somebody_whose_invitation_was_taken_back_does_not_join(
    office: Office, machine: Office
) -> None:
    line = joining(office)
    office.ok("member revoke dag --yes")
    kept_out(machine, line, "member_already_revoked", 2)


def test_an_invited_handle_is_joined_with_the_roles_it_is_approved_for(
    office: Office, machine: Office
) -> None:
    digits = joined(office, machine, "--role coordinator --role peer_mentor")
    approve(office, digits, "--role coordinator --role peer_mentor")
    shown = office.ok("member show dag --json").json
    assert (shown["roles"], shown["display_name"]) == (["coordinator", "peer_mentor"], "Dag Dal")
    line = f"create --to dag --title Visit --payload {machine.person()} --dispatch --json"
    number = machine.ok(line, profile=None).json["number"]  # to oneself, which is allowed
    machine.ok(f"open {number} --reveal", profile=None)
    assert "whole" in office.ok("audit verify").stdout


def test_the_invitation_says_which_organisation(office: Office, machine: Office) -> None:
    office.ok(
        "init --organization Naboforeningen --handle bo --name Bo --keys keyring", profile=None
    )
    line = office.ok("member invite dag --name 'Dag Dal' --json", profile="bo").json["invitation"]
    machine.ok(f"join {line} --keys keyring", profile=None)
    handles = [each["handle"] for each in office.ok("member list --json").json["members"]]
    assert "dag" not in handles
    waiting = office.ok("member show dag --json", profile="bo").json
    assert waiting["status"] == "requested"
    words = line.split()
    words[2] = "00000000-0000-4000-8000-000000000001"
    line = f"join {' '.join(words)} --profile two"
    refused(machine, line, "organization_not_found", 3, profile=None)


def test_a_profile_of_another_name(office: Office, machine: Office) -> None:
    machine.ok(joining(office), profile="work")
    assert machine.ok("key list --json", profile="work").json["keys"][0]["handle"] == "dag"
    saved = json.loads((machine.home / "profiles" / "work.json").read_text())
    assert saved["store"] == str(office.store)
    assert "root_public_key" in saved
    assert (machine.home / "profiles" / "work.json").stat().st_mode & 0o077 == 0
