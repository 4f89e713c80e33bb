"""`doctor --store`: whoever has the store looks at it, without a profile and beside a server."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.server.store import move_note
from assigncli.server.store.move_note import MoveNote, Way
from tests import serving
from tests.office import Office

NAMES = [
    *("program", "time_zone_data", "access", "store", "vault"),
    *("vault_copies", "move", "service_key", "accounts"),
    *("network_file_system", "old_blocks", "locks", "disk_room", "server", "version"),
    *("clock", "sweep"),
]
MACHINES = {"network_file_system", "old_blocks", "locks", "disk_room"}
"""What depends on whose machine runs the test."""


def looked(office: Office, more: str = "") -> dict[str, tuple[bool, str]]:
    """Return what each check found, by its name, without any profile."""
    said = office.run(f"doctor --store {office.store} {more} --json", profile=None)
    assert said.code in (0, 1), said.said
    found = {each["name"]: (each["well"], each["finding"]) for each in said.json["findings"]}
    assert said.code == int(not all(well for well, _text in found.values()))
    return found


def wrong(office: Office, more: str = "") -> dict[str, str]:
    found = looked(office, more)
    return {name: text for name, (well, text) in found.items() if not well and name not in MACHINES}


@pytest.fixture
def alone(office: Office) -> Office:
    """An office that has been swept, without profiles, keys or heads of anybody."""
    office.dispatch()
    office.ok("sweep")
    for path in (office.home / "profiles").iterdir():
        path.unlink()
    (office.folder / "keyring.json").unlink()
    return office


def test_everything_is_looked_at_without_a_profile_or_a_key(alone: Office) -> None:
    found = looked(alone)
    assert list(found) == NAMES
    assert {name for name, (well, _text) in found.items() if not well} <= MACHINES
    assert "nobody else may read them" in found["access"][1]
    assert found["store"][1] == "The store is intact."
    assert found["server"][1] == "No server has this store now."
    assert found["sweep"][1].startswith("Last sweep: today")


@pytest.mark.slow
def test_what_is_wrong_is_found_and_said(alone: Office) -> None:
    os.chmod(alone.vault, 0o640)
    assert list(looked(alone)) == [*NAMES[:2], "access"]  # no file is opened that others may change
    assert str(alone.vault) in wrong(alone)["access"]
    os.chmod(alone.vault, 0o600)
    accounts = alone.store.with_name("assign.db.accounts")
    accounts.write_text("# a line\nuid=me member=kari\n")
    accounts.chmod(0o600)
    assert "Line 2 of" in wrong(alone)["accounts"]
    accounts.unlink()
    alone.later(days=-2)
    assert "behind what was last written" in wrong(alone)["clock"]
    alone.later(days=5)
    assert wrong(alone)["sweep"].startswith("The last sweep was 3 days ago.")
    keys = alone.store.with_name("assign.db.service")
    keys.rename(keys.with_name("away"))
    assert "service_key" in wrong(alone)


def test_an_interrupted_move_is_said(alone: Office) -> None:
    note = MoveNote(Way.TO, alone.folder / "server" / "assign.db")
    move_note.write(alone.store, note)
    assert str(note.other) in wrong(alone)["move"]
    assert "A copy of the vault may be there" in wrong(alone)["move"]


@pytest.mark.slow
def test_a_member_is_told_of_an_interrupted_move_too(office: Office) -> None:
    office.ok("sweep")
    move_note.write(office.store, MoveNote(Way.TO, office.folder / "server" / "assign.db"))
    found = office.run("doctor --json").json["findings"]
    assert [each["well"] for each in found if each["name"] == "move"] == [False]
    assert [each["well"] for each in found if each["name"] == "store"] == [True]


def test_a_store_without_an_organisation_or_no_store_is_looked_at(machine: Office) -> None:
    (found,) = machine.run(f"doctor --store {machine.store} --json", profile=None).json["findings"][
        2:
    ]
    assert (found["name"], found["well"]) == ("access", False)


@pytest.mark.slow
def test_it_works_beside_a_running_server_and_does_not_take_its_store(alone: Office) -> None:
    alone.now = datetime.now(UTC)
    with serving.serving(alone) as served:
        served.until("Listening at")
        found = looked(alone, f"--socket {served.socket}")
        assert list(found) == NAMES
        assert not wrong(alone, f"--socket {served.socket}")
        assert f"answers at unix:{served.socket}." in found["server"][1]
        assert found["store"][1].startswith("The store is of this version.")
        assert served.stop() == 0
        assert "Fault" not in served.output()


@pytest.mark.slow
def test_a_server_that_does_not_answer_at_its_socket_is_said(alone: Office, tmp_path: Path) -> None:
    alone.now = datetime.now(UTC)
    with serving.serving(alone):
        assert "cannot be reached" in wrong(alone, f"--socket {tmp_path}/none")["server"]
