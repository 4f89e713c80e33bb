"""`join --kit`: taking over with the printed root key, and what becomes of a stopped run."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assigncli.crypto.kit import kit_groups
from assigncli.protocol.message import MessageKind
from assigncli.server.handle import Server
from tests.attacker import enrol, value
from tests.kit import root_of, take_over
from tests.office import Office, Result
from tests.paper import typed_in_lines
from tests.refusals import refused
from tests.serving import serving

NEW = "--handle bo --name 'Bo Dahl' --coordinator"


def machine_of(tmp_path: Path, name: str = "machine") -> Office:
    """Return a machine on which nobody has a profile."""
    found = Office(tmp_path / name)
    found.folder.mkdir(mode=0o700)
    return found


def done(result: Result) -> Result:
    assert result.code == 0, result.said
    return result


def members(office: Office) -> object:
    return value(office, "SELECT count(*) FROM members")


def live(office: Office) -> object:
    return value(office, "SELECT count(*) FROM certificates WHERE revoked_at IS NULL")


def waiting(office: Office) -> object:
    return value(office, "SELECT count(*) FROM invitations")


def test_an_administrator_gets_a_new_device_by_the_kit_alone(
    office: Office, machine: Office
) -> None:
    said = done(take_over(office, machine))
    assert said.stdout.startswith("You are an administrator of Testforeningen on this machine.\n")
    assert "assign key lost anne" in said.stderr
    assert "whole" in machine.ok("audit verify", profile=None).stdout
    keys = machine.ok("key list --json", profile=None).json["keys"]
    assert [each["approved_by"] for each in keys] == [None, None]
    assert machine.ok("key list", profile=None).stdout.count("Approved by: the root key") == 2
    log = machine.ok("audit log --limit 3", profile=None).stdout
    assert log.count("By: the root key, ") == 2
    shown = machine.ok("audit log --limit 1 --json", profile=None).json["entries"]
    assert (shown[0]["action"], shown[0]["actor"]) == ("device.approved", None)
    machine.ok("member invite zed --name Zed", profile=None)
    assert waiting(office) == 1
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_a_new_administrator_takes_over_and_acts(office: Office, machine: Office) -> None:
    done(take_over(office, machine, NEW))
    assert "coordinator and administrator" in machine.ok("member show bo", profile=None).stdout
    number = machine.ok(
        f"create --to kari --title Visit --payload {office.person()} --dispatch --json",
        profile=None,
    ).json["number"]
    office.read(number)
    assert "whole" in machine.ok("audit verify", profile=None).stdout
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_the_root_key_is_left_nowhere(office: Office, machine: Office) -> None:
    done(take_over(office, machine))
    root = root_of(office)
    machine.ok("member list", profile=None)
    secrets = [root.seed, root.seed.hex().encode(), root.to_bytes()]
    secrets += [group.encode() for group in kit_groups(root)]
    kept = {path.name: path.read_bytes() for path in machine.folder.rglob("*") if path.is_file()}
    assert kept
    assert not [name for name, data in kept.items() if any(each in data for each in secrets)]
    keyring = (machine.folder / "keyring.json").read_text()
    assert "_identity" in keyring
    assert "_root" not in keyring


@pytest.mark.slow
def test_a_second_run_does_nothing_twice(office: Office, machine: Office) -> None:
    done(take_over(office, machine))
    before = office.snapshot()
    done(take_over(office, machine))
    assert office.snapshot() == before
    assert live(office) == 6


@pytest.mark.slow
@pytest.mark.parametrize("more", ["--handle anne", NEW])
@pytest.mark.parametrize("lost", [1, 2, 3])
@pytest.mark.parametrize("is_done", [False, True])
def test_a_run_that_is_stopped_at_any_act_is_finished_by_the_next(
    office: Office, machine: Office, more: str, lost: int, is_done: bool
) -> None:
    """Each of the three acts is lost, before the server has it or with its answer."""
    carry, acts = Server.handle, 0

    def lossy(server: Server, message: bytes, *rest: Any) -> bytes:
        nonlocal acts
        acts += message[1] == MessageKind.ACT
        is_lost = message[1] == MessageKind.ACT and acts == lost
        if is_lost and not is_done:
            raise KeyboardInterrupt
        answer = carry(server, message, *rest)
        if is_lost:
            raise KeyboardInterrupt
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "handle", lossy)
        assert take_over(office, machine, more).code == 130
    done(take_over(office, machine, more))
    assert (members(office), live(office)) == ((5, 6) if "anne" in more else (6, 6))
    assert waiting(office) in (0, 1)  # an invitation whose token is lost joins nobody
    machine.ok("member invite zed --name Zed", profile=None)
    assert "whole" in machine.ok("audit verify", profile=None).stdout


@pytest.mark.slow
def test_at_a_server_the_kit_says_which_organisation_it_is(office: Office, machine: Office) -> None:
    with serving(office) as served:
        machine.now = datetime.now(UTC)
        done(take_over(office, machine, NEW, at=f"unix:{served.socket}"))
        assert "Bo Dahl" in machine.ok("member list", profile=None).stdout
        assert "whole" in machine.ok("audit verify", profile=None).stdout


@pytest.mark.slow
@pytest.mark.parametrize("served", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_kit_of_another_organisation_opens_nothing(
    office: Office, machine: Office, tmp_path: Path, served: bool
) -> None:
    other = machine_of(tmp_path, "other")
    other.ok("init --organization Annen --handle eva --name Eva --keys keyring", profile=None)
    line = f"join --kit {office.store} --keys keyring --handle anne"
    if not served:
        strange = "\n".join(kit_groups(root_of(other)))
        refused(machine, line, "kit_of_another", 3, profile=None, stdin=strange)
        return
    with serving(office) as at:
        machine.now = datetime.now(UTC)
        line = f"join --kit unix:{at.socket} --keys keyring --handle anne"
        strange = "\n".join(kit_groups(root_of(other)))
        machine.refused(line, "kit_of_another", 3, profile=None, stdin=strange)


@pytest.mark.slow
def test_who_is_no_administrator_does_not_become_one_by_their_handle(
    office: Office, machine: Office
) -> None:
    line = f"join --kit {office.store} --keys keyring --handle kari"
    refused(machine, line, "handle_taken", 2, profile=None, stdin=typed_in_lines(office))
    assert live(office) == 5


@pytest.mark.slow
def test_a_kit_and_an_invitation_are_not_given_together(office: Office, machine: Office) -> None:
    refused(machine, f"join --kit {office.store} assign-join-1 x", "kit_alone", 2, profile=None)
    refused(machine, "join --handle anne", "kit_needed", 2, profile=None)


@pytest.mark.slow
def test_a_machine_that_holds_a_key_of_the_member_keeps_it(office: Office) -> None:
    before = office.snapshot()
    assert take_over(office, office).code == 0  # it counts already: nothing is done
    assert office.snapshot() == before


@pytest.mark.slow
def test_a_device_of_the_lost_one_is_ended_by_the_new_one(office: Office, machine: Office) -> None:
    done(take_over(office, machine))
    listed = machine.ok("key list --full --json", profile=None).json["keys"]
    old = next(each for each in listed if not each["is_this_device"])
    line = f"key lost anne --device {old['certificate_id']} --cause passphrase_forgotten --yes"
    machine.ok(line, profile=None)
    office.refused("member invite per2 --name Per", "key_not_certified", 4)
    assert "whole" in machine.ok("audit verify", profile=None).stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo terminals here")
def test_in_a_terminal_the_organisation_is_said_and_the_administrators_are_offered(
    office: Office, machine: Office
) -> None:
    from tests.terminal import terminal

    line = f"join --kit {office.store} --keys keyring --lang en"
    with terminal(machine, line, profile=None, patience=120) as screen:
        for place, group in enumerate(typed_in_lines(office).splitlines(), start=1):
            screen.answer(f"Group {place} of 10: ", group)
        told = screen.answer("Type a number from 1 to 2, or press Enter for 1, ", "2")
        assert "This is the root key of Testforeningen." in told
        assert "1: Anne Berg, anne" in told
        screen.answer("Your handle, a short name: ", "bo")
        screen.answer("Your full name: ", "Bo Dahl")
        screen.answer("Type a number from 1 to 2, or press Enter for 1, ", "2")
        said = screen.rest()
    assert screen.code == 0, screen.heard
    assert "You are an administrator of Testforeningen on this machine." in said
    assert "Your handle: bo" in said
    assert not any(group in screen.heard for group in typed_in_lines(office).splitlines())
    assert "Bo Dahl, administrator" in machine.ok("member show bo", profile=None).stdout


@pytest.mark.slow
def test_who_was_approved_by_a_member_of_two_devices_goes_on_acting(
    office: Office, machine: Office
) -> None:
    """The row of the approver has the keys of the newest device, which did not approve."""
    enrol(office, "eva", "coordinator")
    done(take_over(office, machine))
    office.ok("member invite zed --name Zed", profile="eva")
    office.ok("inbox", profile="kari")
