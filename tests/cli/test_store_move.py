"""`store move`: an office goes to another folder, is served there, and comes back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.errors import StoreUnavailable
from assigncli.server.store import move
from assigncli.server.store.engine import Store
from tests import serving, slots
from tests.office import Office
from tests.refusals import refused


@dataclass
class Elsewhere(Office):
    """The same office where its store lies in a folder other than ASSIGN_HOME."""

    at: Path = Path()

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.at / "assign.db"

    @property
    def vault(self) -> Path:
        """The vault's file."""
        return self.at / "assign.db.vault"


def at(office: Office, folder: Path) -> Elsewhere:
    return Elsewhere(office.folder, office.now, office.environ, folder)


def store_of(office: Office, profile: str) -> str:
    listed = office.ok("profile list --json", profile=None).json["profiles"]
    return next(str(each["store"]) for each in listed if each["profile"] == profile)


def left_at(folder: Path) -> set[str]:
    """Return the names of a store's files in a folder, apart from the note of a move."""
    found = {path.name for path in folder.glob("assign.db*")}
    return found - {"assign.db.move"}


PARTS = {"assign.db", "assign.db.ballast", "assign.db.service", "assign.db.vault"}


@pytest.fixture
def folder(office: Office) -> Path:
    return office.folder / "server"


@pytest.fixture
def other_disk(office: Office) -> Iterator[Path]:
    """A folder on another file system than the office's."""
    for place in ("/dev/shm", "/var/tmp", "/tmp"):  # noqa: S108 - a private folder is made in it
        if Path(place).is_dir() and os.stat(place).st_dev != os.stat(office.folder).st_dev:
            found = Path(tempfile.mkdtemp(prefix="assign-move-", dir=place))
            yield found / "server"
            shutil.rmtree(found)
            return
    pytest.skip("there is only one file system to write to here")


def worked(office: Office, number: int) -> None:
    """Hold that every member goes on where they were."""
    assert office.ok("list --json").json["total"] >= number
    for verb in (f"open {number} --reveal", f"ack {number}"):
        office.ok(verb, profile="kari")
    assert office.ok("inbox --json", profile="ola").json["assignments"] == []
    assert "is whole" in office.ok("audit verify").stdout


def moved_and_worked(office: Office, folder: Path) -> None:
    number, heads = office.dispatch(), (office.home / "heads" / "anne.json").read_text()
    before = slots.shares(office.vault)
    said = office.ok(f"store move --to {folder} --yes").stdout
    assert said.startswith(f"The store is moved to {folder / 'assign.db'}.")
    assert left_at(folder) == PARTS
    assert left_at(office.home) == set()
    assert slots.shares(folder / "assign.db.vault") == before
    assert [oct(path.stat().st_mode & 0o777) for path in sorted(folder.glob("assign.db*"))] == [
        "0o600",
        "0o600",
        "0o700",
        "0o600",
    ]
    assert (office.home / "heads" / "anne.json").read_text() == heads
    assert {store_of(office, each) for each in ("anne", "kari")} == {str(folder / "assign.db")}
    worked(at(office, folder), number)
    assert office.ok("store check").stdout.startswith("The store and the vault are intact")
    assert office.ok("sweep").code == 0


@pytest.mark.slow
def test_everything_goes_to_another_folder_and_everybody_goes_on(
    office: Office, folder: Path
) -> None:
    moved_and_worked(office, folder)


@pytest.mark.slow
def test_everything_goes_to_another_disk_and_back(office: Office, other_disk: Path) -> None:
    moved_and_worked(office, other_disk)
    office.ok(f"store move --to {office.home} --yes")
    assert left_at(other_disk) == set()
    assert left_at(office.home) == PARTS
    assert store_of(office, "kari") == str(office.store)
    worked(office, office.dispatch())


@pytest.mark.slow
def test_it_is_served_where_it_was_moved_and_each_profile_is_pointed_at_the_server(
    office: Office, folder: Path
) -> None:
    office.now = datetime.now(UTC)
    number = office.dispatch()
    office.ok(f"store move --to {folder} --address unix:/run/assign/socket --yes")
    with serving.serving(at(office, folder)) as served:
        refused(office, "list", "store_served", 7, writes=True)
        for name in ("anne", "kari", "ola"):
            said = office.ok(f"profile address unix:{served.socket}", profile=name).stdout
            assert said.startswith(f"The store of profile {name} is at unix:{served.socket} now.")
        worked(office, number)
        refused(office, f"store move --to {office.home}", "needs_server_machine", 2, writes=True)
        back = f"store move --store {folder / 'assign.db'} --to {office.home} --yes"
        assert office.run(back).error_code == "store_served"
        assert served.stop() == 0
    office.ok(back, profile=None)
    assert left_at(folder) == set()
    for name in ("anne", "kari", "ola"):
        office.ok(f"profile address {office.store}", profile=name)
    office.to_status(office.dispatch(), "completed")
    assert "is whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_a_profile_is_not_pointed_at_what_is_not_its_store(office: Office, folder: Path) -> None:
    before = store_of(office, "anne")
    other = office.copy_to(office.folder.parent / "other")
    for number in range(2):
        office.dispatch(title=f"Visit {number}")
    refused(office, f"profile address {other.store}", "log_behind", 1)
    refused(office, f"profile address {folder / 'assign.db'}", "store_missing", 7)
    refused(office, f"profile address unix:{folder}/socket", "server_unreachable", 7)
    refused(office, "profile address ssh://-oProxyCommand=id", "server_address_invalid", 2)
    assert store_of(office, "anne") == before


def test_the_old_place_says_where_the_store_went(office: Office, folder: Path) -> None:
    (office.home / "profiles" / "kari.json").rename(office.folder / "kari.json")
    office.ok(f"store move --to {folder} --yes")
    (office.folder / "kari.json").rename(office.home / "profiles" / "kari.json")
    said = refused(office, "inbox", "store_moved", 7, profile="kari")
    assert str(folder / "assign.db") in said.stderr
    founding = "init --organization Ny --handle bo --name Bo --keys keyring"
    for line in (f"{founding} --store {office.store}", f"serve --store {office.store}"):
        assert office.run(line, profile=None).error_code == "store_moved"
    assert left_at(office.home) == set()
    office.ok(f"profile address {folder / 'assign.db'}", profile="kari")
    assert office.ok("inbox", profile="kari").code == 0


def test_each_members_line_for_ssh_is_shown_where_a_server_is_to_be_reached_by_it(
    office: Office, folder: Path
) -> None:
    line = f"store move --to {folder} --address ssh://assign-relay@office --yes"
    said = office.ok(line).stdout
    assert "assign profile address ssh://assign-relay@office" in said
    for name in ("anne", "kari", "ola", "per"):
        member = json.loads((office.home / "profiles" / f"{name}.json").read_text())["member_id"]
        (shown,) = (each for each in said.splitlines() if f"--member {member}" in each)
        assert shown.startswith('Line for SSH: restrict,command="')
    again = office.ok(f"{line} --store {office.store} --json", profile=None).json  # all is done
    assert [each["handle"] for each in again["members"]] == ["anne", "kari", "ola", "per"]
    assert again["store"] == str(folder / "assign.db")


def test_a_move_is_asked_about_and_refused_without_an_answer(office: Office, folder: Path) -> None:
    said = refused(office, f"store move --to {folder}", "confirmation_needed", 2)
    assert f"assign store move --to {folder} --profile anne --yes" in said.stderr
    assert left_at(folder) == set()


def test_a_move_to_where_a_store_is_or_to_itself_is_refused(office: Office, folder: Path) -> None:
    other = office.copy_to(office.folder.parent / "other")
    refused(office, f"store move --to {other.home} --yes", "store_exists", 7)
    refused(office, f"store move --to {office.home} --yes", "same_folder", 2)
    refused(office, f"store move --to {folder} --owner no-such --yes", "account_unknown", 2)
    folder.mkdir(mode=0o755)
    refused(office, f"store move --to {folder} --yes", "store_unsafe", 7)
    assert office.ok("list").code == 0


def test_nothing_is_left_behind_where_the_new_disk_is_full(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shutil.disk_usage(office.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: room._replace(free=1 << 20))
    # What it leaves is the file with which a server, or a move, locks others out.
    refused(office, f"store move --to {folder} --yes", "disk_full", 7, writes=True)
    assert list(folder.iterdir()) == []
    assert not (office.home / "assign.db.move").exists()
    assert office.ok("list").code == 0


def test_who_had_the_store_open_writes_nothing_that_is_lost(
    office: Office, other_disk: Path
) -> None:
    """A conversation began before the move: its act must not go to the file that was left."""
    with Store.open(office.store) as store:
        with store.read() as tx:
            assert tx.connection().exec_driver_sql("SELECT count(*) FROM members").scalar()
        office.ok(f"store move --to {other_disk} --yes")
        with pytest.raises(StoreUnavailable) as refusal, store.write() as tx:
            tx.connection().exec_driver_sql("UPDATE members SET handle = handle")
    assert refusal.value.code in ("store_io", "store_replaced")  # nothing was changed, both say


def test_what_a_restore_left_and_the_notes_of_vault_copies_go_along(
    office: Office, folder: Path
) -> None:
    for suffix in (".before-restore", ".vault-copies"):
        path = office.store.with_name(office.store.name + suffix)
        path.write_text("[]")
        path.chmod(0o600)
    office.ok(f"store move --to {folder} --yes")
    assert left_at(folder) == PARTS | {"assign.db.before-restore", "assign.db.vault-copies"}
    assert left_at(office.home) == set()


@pytest.mark.slow
def test_no_backup_is_restored_where_the_store_was(office: Office, folder: Path) -> None:
    secret = office.folder / "secret"
    secret.write_text("a passphrase of the tests\n")
    backup = office.folder / "store.backup"
    office.ok(f"store backup {backup} --passphrase-file {secret}")
    office.ok(f"store move --to {folder} --yes")
    line = f"store restore {backup} --store {office.store} --deletions {backup} --yes"
    result = office.run(f"{line} --passphrase-file {secret}", profile=None)
    assert result.error_code == "store_moved", result.said
    assert left_at(office.home) == set()


def test_a_store_in_use_is_not_moved(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move, "_BUSY_SECONDS", 0.1)
    with other_process_writes(office.store):
        refused(office, f"store move --to {folder} --yes", "store_busy", 7, writes=True)
    assert list(folder.iterdir()) == []
    office.ok(f"store move --to {folder} --yes")


@contextmanager
def other_process_writes(store: Path) -> Iterator[None]:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('in', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        yield
        process.communicate(b"")
