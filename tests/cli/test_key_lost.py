"""`key lost`: the key ends, what it could open and what it certified is told, and what to do."""

from __future__ import annotations

import pytest

from assigncli.cli import lost as command
from tests.attacker import enrol, value
from tests.cli.test_devices import asks, second
from tests.devices import given, joins
from tests.office import Office
from tests.refusals import refused


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where eva coordinates; kari has two open briefs, of which she read one."""
    office = founded.copy_to(tmp_path_factory.mktemp("lost") / "office")
    enrol(office, "eva", "coordinator")
    for _each in range(2):
        office.dispatch()
    office.read(1)
    return office


def test_a_stolen_telephone_opens_nothing_more_and_the_facts_of_a_breach_are_said(
    office: Office,
) -> None:
    said = office.ok("key lost kari --cause stolen --yes").stdout
    assert said.startswith("The key of the device ")
    for line in (
        "It could open: assignment 1, Home visit, read before\n",
        "It could open: assignment 2, Home visit, not read\n",
        "Next: assign member invite kari --device\n",
        "Next: assign key reseal --for kari\n",
        "Report by: 24 November at 12:00, to Datatilsynet: 72 hours from when you learnt of it\n",
    ):
        assert line in said
    refused(office, "open 2 --reveal", "membership_revoked", 4, profile="kari")
    assert office.ok("member show kari --json").json["status"] == "active"
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_with_the_new_telephone_everything_open_is_read_again(
    office: Office, machine: Office
) -> None:
    office.ok("key lost kari --cause lost --yes")
    digits = asks(office, machine, by="eva")
    office.ok(f"member approve kari --fingerprint '{digits}'", profile="eva")
    assert office.ok("key reseal --for kari").stdout.startswith("2 of 2 open assignments can")
    for number in (1, 2):
        machine.ok(f"open {number} --reveal", profile=None)
    assert "whole" in machine.ok("audit verify", profile=None).stdout


@pytest.mark.slow
def test_a_member_ends_their_other_device(office: Office, machine: Office) -> None:
    second(office, machine)
    refused(machine, "key lost --device nothing", "device_not_found", 2, profile=None)
    said = machine.ok("key lost --cause passphrase_forgotten --yes --json", profile=None).json
    assert [each["readable"] for each in said["assignments"]] == [True, True]  # by the coordinator
    assert said["breach"] is None
    refused(office, "open 1 --reveal", "key_not_certified", 4, profile="kari")
    refused(machine, "key lost --cause lost --yes", "device_in_use", 2, profile=None)


@pytest.mark.slow
def test_what_a_stolen_coordinator_s_device_approved_is_suspended_until_compared(
    office: Office, machine: Office
) -> None:
    enrol(office, "siri", "peer_mentor", by="eva")
    digits = office.ok("key list siri --json").json["keys"][0]["fingerprint"]
    said = office.ok("key lost eva --cause stolen --since 1.11.2026 --yes").stdout
    assert "of Name of siri\n" in said
    assert "Next: assign member approve siri\n" in said
    refused(office, "inbox", "certificate_suspended", 4, profile="siri")
    assert office.ok("key list --json", profile="siri").json["keys"][0]["status"] == "suspended"
    line = f"create --to siri --title Visit --payload {office.person()} --dispatch"
    assert office.run(line).code == 6
    wrong = f"{(int(digits[0]) + 1) % 10}{digits[1:]}"
    refused(office, f"member approve siri --fingerprint '{wrong}'", "fingerprint_mismatch", 1)
    confirmed = office.ok(f"member approve siri --fingerprint '{digits}'").stdout
    assert confirmed.endswith("is compared, and counts again.\n")
    office.ok(line)
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_what_a_lost_administrator_s_device_approved_is_listed_with_what_that_approved(
    office: Office,
) -> None:
    """Bo approved dag, who approved siri: each counts again once somebody else has compared it."""
    enrol(office, "bo", "org_admin")
    enrol(office, "dag", "coordinator", by="bo")
    enrol(office, "siri", "peer_mentor", by="dag")
    digits = {
        handle: office.ok(f"key list {handle} --json").json["keys"][0]["fingerprint"]
        for handle in ("dag", "siri")
    }
    line = "key lost bo --cause lost --since 1.11.2026"
    assert office.run(line).error_code == "confirmation_needed"
    said = office.ok(f"{line} --yes").stdout
    for handle in ("dag", "siri"):
        assert f"of Name of {handle}\n" in said
        assert f"Next: assign member approve {handle}\n" in said
    assert [each["status"] for each in office.ok("status --json").json["keys"]] == ["suspended"] * 2
    for line, profile in (("member pause ola", "dag"), ("inbox", "siri")):
        refused(office, line, "certificate_suspended", 4, profile=profile)
    office.ok(f"member approve dag --fingerprint '{digits['dag']}'")
    office.ok("member pause ola", profile="dag")
    refused(office, "inbox", "certificate_suspended", 4, profile="siri")
    office.ok(f"member approve siri --fingerprint '{digits['siri']}'", profile="dag")
    office.ok("inbox", profile="siri")
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_what_was_approved_by_whom_a_stolen_device_approved_is_listed_though_they_left(
    office: Office,
) -> None:
    enrol(office, "bo", "org_admin")
    enrol(office, "dag", "coordinator", by="bo")
    enrol(office, "siri", "peer_mentor", by="dag")
    office.ok("member revoke dag --yes")
    said = office.ok("key lost bo --cause stolen --since 1.11.2026 --yes").stdout
    assert "of Name of siri\n" in said
    assert "of Name of dag\n" not in said
    refused(office, "inbox", "certificate_suspended", 4, profile="siri")
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
@pytest.mark.parametrize("has_approved", [False, True])
def test_what_a_thief_approves_while_the_loss_is_reported_is_suspended_and_listed(
    office: Office, monkeypatch: pytest.MonkeyPatch, *, has_approved: bool
) -> None:
    """Between what anne was shown and her signature, whether or not eva had approved anybody."""
    if has_approved:
        enrol(office, "dag", "peer_mentor", by="eva")
    digits = office.join("siri", "Siri Moe")

    def approves(*_asked: object) -> None:
        office.ok(f"member approve siri --fingerprint '{digits}'", profile="eva")

    monkeypatch.setattr(command, "confirm", approves)
    said = office.ok("key lost eva --cause stolen --since 1.11.2026").stdout
    assert "of Siri Moe\n" in said
    assert "Next: assign member approve siri\n" in said
    assert ("of Name of dag\n" in said) is has_approved
    refused(office, "inbox", "certificate_suspended", 4, profile="siri")
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_who_sends_is_told_of_a_suspended_device_of_the_mentor(office: Office) -> None:
    """Siri has a second device, which anne approved, and which can open what is sent."""
    enrol(office, "siri", "peer_mentor", by="eva")
    given(office, "anne", "siri", joins(office, "siri")).send(office, "anne")
    office.ok("key lost eva --cause stolen --since 1.11.2026 --yes")
    line = f"create --to siri --title Visit --payload {office.person()} --dispatch"
    assert " of Name of siri is suspended and cannot open this. " in office.ok(line).stderr


@pytest.mark.slow
def test_what_was_approved_before_the_theft_is_not_suspended(office: Office) -> None:
    enrol(office, "siri", "peer_mentor", by="eva")
    said = office.ok("key lost eva --cause stolen --since 22.11.2026 --yes --json").json
    assert said["suspended"] == []
    office.ok("inbox", profile="siri")


@pytest.mark.slow
def test_who_may_not_end_a_key(office: Office) -> None:
    refused(office, "key lost kari --cause lost --yes", "role_missing", 4, profile="ola")
    refused(office, "key lost anne --cause lost --yes", "may_not_vouch", 4, profile="eva")
    refused(office, "key lost nobody --cause lost --yes", "member_not_found", 3)
    refused(office, "key lost --cause lost --yes", "device_in_use", 2, profile="kari")
    assert office.run("key lost kari --cause lost").error_code == "confirmation_needed"
    ended = "SELECT count(*) FROM audit_log WHERE action = 'device.revoked'"
    assert value(office, ended) == 0


def test_status_names_what_no_key_reads_any_more_and_keys_that_wait(
    office: Office, machine: Office
) -> None:
    enrol(office, "liv", "org_admin")
    office.ok("key lost kari --cause lost --yes")
    said = office.ok("status").stdout
    assert "Assignment 2, Home visit, can be read on no device of Kari Nordmann until" in said
    digits = asks(office, machine, by="eva")
    assert "Kari Nordmann has a new key, on the device " in office.ok("status").stdout
    line = f"create --to kari --title Visit --payload {office.person()} --dispatch"
    assert office.run(line).code == 6  # nobody has compared it
    office.ok("key lost anne --cause left --yes", profile="liv")
    said = office.ok("status --json", profile="eva").json
    assert [(each["number"], each["by_nobody"]) for each in said["unreadable"]] == [
        (1, True),
        (2, True),
    ]
    assert [(each["handle"], each["status"]) for each in said["keys"]] == [("kari", "requested")]
    text = office.ok("status", profile="eva").stdout
    assert "Assignment 1, Home visit, can be read by nobody any more" in text
    assert digits not in text
