"""What the root key approves comes without the organisation's keys, and how it gets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.attacker import enrol, value
from tests.kit import take_over
from tests.office import Office
from tests.paper import typed_in_lines
from tests.refusals import refused

SHEET = """navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel
Olga Prøvesen;Granitten 12 B;0181;Oslo;22 11 22 11;Synsrest.;kari;Hjemmebesøk
"""


def sheet(office: Office) -> Path:
    path = office.folder / "sheet.csv"
    path.write_text(SHEET, encoding="utf-8")
    return path


def uses(office: Office, machine: Office, profile: str) -> object:
    """Return which of the organisation's keys are sealed to the device of a profile."""
    kept = json.loads((machine.home / "heads" / f"{profile}.json").read_text())["certificate"]
    query = "SELECT group_concat(use) FROM (SELECT use FROM organization_key_wraps"
    query += " WHERE certificate_id = ? ORDER BY use)"
    return value(office, query, kept.replace("-", ""))


def asks_for_second(office: Office, machine: Office) -> str:
    line = office.ok("member invite anne --device --json").json["invitation"]
    digits: str = machine.ok(f"join {line} --keys keyring --json", profile=None).json["fingerprint"]
    return digits


def test_a_sole_administrator_approves_their_second_device_with_the_kit(
    office: Office, machine: Office
) -> None:
    digits = asks_for_second(office, machine)
    line = f"member approve anne --fingerprint '{digits}'"
    said = office.ok(line, stdin=typed_in_lines(office))
    assert said.stdout.startswith("The device ")
    assert "you are the only administrator" in said.stderr
    assert "sealed to 1 device that had none" in said.stderr
    machine.ok("member list", profile=None)
    machine.ok("member invite zed --name Zed", profile=None)
    assert uses(office, machine, "anne") == "addresses,imports"
    assert "whole" in machine.ok("audit verify", profile=None).stdout


@pytest.mark.slow
def test_the_kit_is_not_asked_for_where_another_administrator_can_compare(
    office: Office, machine: Office
) -> None:
    enrol(office, "bo", "org_admin")
    digits = asks_for_second(office, machine)
    line = f"member approve anne --fingerprint '{digits}'"
    refused(office, line, "may_not_vouch", 4, stdin=typed_in_lines(office))
    office.ok(line, profile="bo")


@pytest.mark.slow
def test_another_kit_and_other_digits_approve_nothing(office: Office, machine: Office) -> None:
    digits = asks_for_second(office, machine)
    line = f"member approve anne --fingerprint '{digits}'"
    groups = typed_in_lines(office).splitlines()
    office.refused(line, "kit_wrong", 2, stdin="\n".join(reversed(groups)))
    line = f"member approve anne --fingerprint '{'1' * 40}'"
    office.refused(line, "fingerprint_mismatch", 1, stdin=typed_in_lines(office))
    assert value(office, "SELECT count(*) FROM certificates") == 5


@pytest.mark.slow
def test_a_device_in_force_gives_the_key_for_sheets_to_who_took_over(
    office: Office, machine: Office
) -> None:
    office.ok(f"dispatch --csv {sheet(office)}")
    assert take_over(office, machine, "--handle bo --name 'Bo Dahl' --coordinator").code == 0
    again = f"dispatch --csv {sheet(office)}"
    refused(machine, again, "organization_key_missing", 4, profile=None)
    said = office.ok("key reseal")
    assert "sealed to 1 device that had none" in said.stderr
    assert "A key of" not in office.ok("key reseal").stderr
    assert uses(office, machine, "bo") == "addresses,imports"
    machine.ok(again, profile=None)
    assert value(office, "SELECT count(*) FROM assignments") == 1  # it is recognised
    assert "key of the organisation shared" in machine.ok("audit log", profile=None).stdout
    assert "whole" in machine.ok("audit verify", profile=None).stdout
    office.ok("store check")


@pytest.mark.slow
def test_where_nobody_has_the_key_for_sheets_any_more_a_new_one_is_made(
    office: Office, machine: Office
) -> None:
    office.ok(f"dispatch --csv {sheet(office)}")
    assert take_over(office, machine).code == 0
    listed = machine.ok("key list --full --json", profile=None).json["keys"]
    lost = next(each["certificate_id"] for each in listed if not each["is_this_device"])
    machine.ok(f"key lost anne --device {lost} --cause passphrase_forgotten --yes", profile=None)
    before = office.snapshot()
    said = machine.run("key reseal", profile=None)
    assert said.code == 5  # the one that was sent cannot be read any more
    assert "assign key reseal --yes" in said.stderr
    assert office.snapshot() == before
    said = machine.run("key reseal --yes", profile=None)
    assert "A new key for sheets is made" in said.stderr
    assert uses(office, machine, "anne") == "addresses,imports"
    machine.ok(f"dispatch --csv {sheet(office)}", profile=None)
    assert value(office, "SELECT count(*) FROM assignments") == 2  # it is not recognised
    assert "whole" in machine.ok("audit verify", profile=None).stdout


@pytest.mark.slow
def test_addresses_stay_readable_for_the_service_and_for_who_took_over(
    office: Office, machine: Office
) -> None:
    path = office.folder / "address"
    path.write_text("mailto://kari@example.org\n", encoding="utf-8")
    office.ok(f"member notify kari --channel {path}")
    assert take_over(office, machine).code == 0
    assert uses(office, machine, "anne") == "addresses"
    for where, profile in ((machine, None), (office, "anne")):
        where.ok(f"member notify ola --channel {path}", profile=profile)
    assert "whole" in machine.ok("audit verify", profile=None).stdout
