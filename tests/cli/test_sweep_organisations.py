"""Several organisations in one store: what is wrong with one stops no other, and is said of it."""

from __future__ import annotations

import secrets
from pathlib import Path
from uuid import uuid4

import pytest

from tests.attacker import guards_down
from tests.office import Office
from tests.quick import only
from tests.sweeping import (
    EXPIRED,
    LEFT_BEHIND,
    STRAY,
    files_with,
    moment,
    put_back,
    settled,
    sweep,
)

OTHERS = "init --organization {0} --handle {1} --name {1} --keys keyring"
NIGHT = moment("2026-12-01T02:00:00")


@pytest.fixture(scope="module")
def three(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose store holds three organisations; one thing is due in the first."""
    office = founded.copy_to(tmp_path_factory.mktemp("three") / "office")
    for name, handle in (("Others", "berit"), ("Abba", "cilla")):
        office.ok(OTHERS.format(name, handle), profile=None)
    office.dispatch("--expires 28.11.2026")
    settled(office)
    office.now = NIGHT
    return office


@pytest.fixture
def several(three: Office, tmp_path: Path) -> Office:
    """Such an office of a test's own."""
    return three.copy_to(tmp_path / "several")


def set_zone(office: Office, name: str, zone: object) -> None:
    with guards_down(office) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        query = "UPDATE organizations SET time_zone = ? WHERE name = ?"
        assert db.execute(query, (zone, name)).rowcount == 1


ZONES = ["Europe/Olso", "", "Europe", "../../etc/passwd", "/etc/localtime", "\x00", b"\xff\xfe"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "zone",
    [ZONES[0], ZONES[1], *(pytest.param(each, marks=pytest.mark.slow) for each in ZONES[2:])],
)
def test_a_bad_time_zone_stops_no_other_organisation(several: Office, zone: object) -> None:
    set_zone(several, "Others", zone)
    lines = sweep(several, code=5)
    (about,) = (line for line in lines if line.startswith("Others: "))
    assert about.endswith(" Code: time_zone_damaged.")
    assert f"Testforeningen: {EXPIRED.format(1)}" in lines
    assert all("internal_error" not in line and len(line) <= 160 for line in lines)


@pytest.mark.parametrize("zone", only(7, of=[7, "x" * 300]))
def test_other_rubbish_for_a_time_zone(several: Office, zone: object) -> None:
    set_zone(several, "Others", zone)
    lines = sweep(several, code=5)
    assert len([line for line in lines if line.startswith("Others: ")]) == 1
    assert f"Testforeningen: {EXPIRED.format(1)}" in lines


@pytest.mark.parametrize("zone", only("Europe/Olso", of=["Europe/Olso", "", b"\xff"]))
def test_every_command_of_that_organisation_says_the_same(several: Office, zone: object) -> None:
    set_zone(several, "Testforeningen", zone)
    for line in ("list", "status", "inbox", "audit verify", "show 1", "member list", "config list"):
        several.refused(line, "time_zone_damaged", 1)
    several.ok("list", profile="berit")
    findings = several.run("doctor --json").json["findings"]
    (keys,) = (each for each in findings if each["name"] == "keys")
    assert "time zone" in keys["finding"]


def test_the_only_organisation_with_a_bad_time_zone(office: Office) -> None:
    set_zone(office, "Testforeningen", "Mars/Base")
    office.refused("sweep", "time_zone_damaged", 1)


def test_a_value_that_cannot_be_read_stops_no_other_organisation(several: Office) -> None:
    with guards_down(several) as db:
        db.execute(
            "UPDATE sweep_runs SET at = 'yesterday' WHERE organization_id ="
            " (SELECT id FROM organizations WHERE name = 'Others')"
        )
    lines = sweep(several, code=5)
    (about,) = (line for line in lines if line.startswith("Others: "))
    assert about.endswith(" Code: store_damaged.")
    assert f"Testforeningen: {EXPIRED.format(1)}" in lines


def test_a_share_of_a_row_never_written_is_of_no_organisation(several: Office) -> None:
    settled(several)
    stray = secrets.token_bytes(32)
    put_back(several, uuid4(), stray)
    assert sweep(several) == [STRAY]
    put_back(several, uuid4(), stray)
    (found,) = several.run("sweep --json").json["outcomes"]
    assert (found["organization"], found["done"]) == (None, "stray_deleted")
    assert files_with(several, stray) == []
    assert sweep(several) == []


def test_a_share_that_came_back_is_of_its_own_organisation(several: Office) -> None:
    line = "member invite tor --name Tor --here --keys keyring"
    several.ok(line, profile="berit")
    made = f"create --to tor --title Visit --payload {several.person()} --dispatch"
    several.ok(made, profile="berit")
    found = several.vault.read_bytes()
    several.ok("recall 1 --yes", profile="berit")
    settled(several)
    several.vault.write_bytes(found)
    several.later(days=1)
    lines = [line for line in sweep(several) if "notif" not in line]
    assert f"Others: {LEFT_BEHIND}" in lines
    assert f"Abba: {LEFT_BEHIND}" not in lines
