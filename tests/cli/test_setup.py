"""`init`: all that can be asked is asked before the first write, and every folder is ours alone."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator

import pytest

from tests.office import Office
from tests.quick import a_few, only

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(params=only(0o277, of=[0o022, 0o277]), ids=lambda mask: f"{mask:03o}")
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def line(office: Office, organization: str = "Nyforeningen", *, handle: str = "bo") -> str:
    return (
        f"init --organization '{organization}' --handle {handle} --name 'Bo B' --keys keyring"
        f" --store {office.folder}/elsewhere/deep/assign.db"
    )


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_folders_and_files_are_ours_alone_whatever_the_umask(machine: Office, umask: int) -> None:
    secret = machine.folder / "passphrase"
    secret.write_text(PASSPHRASE)
    secret.chmod(0o600)
    command = line(machine).replace("--keys keyring", f"--keys file --passphrase-file {secret}")
    machine.ok(command, profile=None)
    made = [*machine.home.rglob("*"), *(machine.folder / "elsewhere").rglob("*"), machine.home]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()}
    assert set(modes.values()) == {0o700}, modes
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()}
    assert set(modes.values()) == {0o600}, modes
    assert umask == os.umask(umask)


@pytest.mark.parametrize(
    "name",
    a_few(
        2,
        of=["testforeningen", "TESTFORENINGEN", "Ｔestforeningen", " Test\u200aforeningen".strip()],
    ),
)
def test_a_name_twice_in_a_store_is_refused(office: Office, name: str) -> None:
    before = office.snapshot()
    command = f"init --organization '{name}' --handle bo --name Bo --keys keyring"
    if name.split() == [name]:
        found = office.refused(command, "organization_exists", 2, profile=None)
        assert "assign join" in found.stderr
        assert office.snapshot() == before
    else:
        office.ok(command, profile=None)  # a space is another name


def test_the_database_refuses_a_name_twice_as_well(office: Office) -> None:
    connection = sqlite3.connect(office.store)
    with pytest.raises(sqlite3.IntegrityError, match="name_key"):
        connection.execute(
            "INSERT INTO organizations SELECT hex(randomblob(16)), 'Other', name_salt, name_key,"
            " time_zone,"
            " root_public_key, created_at FROM organizations"
        )
    connection.close()


def test_a_letter_put_together_in_another_way_is_the_same_name(machine: Office) -> None:
    machine.ok(line(machine, "Blåforeningen"), profile=None)
    other = line(machine, "BLA\u030aforeningen", handle="other")
    machine.refused(other, "organization_exists", 2, profile=None)


@pytest.mark.parametrize("trouble", ["profile", "config", "folder", "file", "vault", "handle"])
def test_what_is_wrong_is_said_before_anything_is_written(machine: Office, trouble: str) -> None:
    command, profile = line(machine), "bo"
    place = machine.folder / "elsewhere" / "deep"
    place.mkdir(parents=True, mode=0o700)
    code, exit_code = "store_unsafe", 7
    if trouble == "profile":
        profile, code, exit_code = "Not a name", "profile_name", 2
    elif trouble == "config":
        machine.home.mkdir(mode=0o755)
        machine.home.chmod(0o755)
        code = "folder_unsafe"
    elif trouble == "folder":
        place.chmod(0o755)
    elif trouble == "file":
        (place / "assign.db").write_text("A letter.")
        (place / "assign.db").chmod(0o600)
        code = "store_not_ours"
    elif trouble == "vault":
        (place / "assign.db.vault").write_text("A letter.")
        (place / "assign.db.vault").chmod(0o600)
        code = "vault_not_ours"
    else:
        command, code, exit_code = line(machine, handle="'b o'"), "handle_invalid", 2
    before = sorted(path for path in machine.folder.rglob("*") if path.name != "profiles.lock")
    machine.refused(f"{command} --profile '{profile}'", code, exit_code, profile=None)
    after = sorted(path for path in machine.folder.rglob("*") if path.name != "profiles.lock")
    assert [path for path in after if path.is_file()] == [path for path in before if path.is_file()]


def test_an_unused_vault_left_behind_is_taken_up_and_a_used_one_is_not(machine: Office) -> None:
    machine.ok(line(machine), profile=None)
    store = machine.folder / "elsewhere" / "deep" / "assign.db"
    store.unlink()
    machine.refused(line(machine, handle="per"), "profile_exists", 2, profile="bo")
    machine.ok(line(machine, handle="per"), profile=None)
    machine.ok("member invite ola --name Ola --here --keys keyring", profile="per")
    machine.ok(f"create --to ola --title V --payload {machine.person()} --dispatch", profile="per")
    store.unlink()
    machine.refused(line(machine, handle="eva"), "vault_exists", 7, profile=None)


@pytest.mark.parametrize("content", [b"", None], ids=["empty", "half"])
def test_an_empty_store_left_behind_is_filled(machine: Office, content: bytes | None) -> None:
    command = line(machine)
    place = machine.folder / "elsewhere" / "deep"
    place.mkdir(parents=True, mode=0o700)
    for name in ("assign.db", "assign.db.vault"):
        (place / name).touch(mode=0o600)
        if content is None:  # a table, written and then undone: pages are there, and nothing else
            connection = sqlite3.connect(place / name)
            connection.execute("BEGIN")
            connection.execute("CREATE TABLE half (id)")
            connection.rollback()
            connection.close()
    machine.ok(command, profile=None)
    assert "whole" in machine.ok("audit verify", profile="bo").stdout


@pytest.mark.slow
def test_two_at_once_found_one(machine: Office) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda _: machine.spawn(line(machine), profile=None), range(2)))
    codes = sorted(each.returncode for each in ended)
    assert codes[0] == 0
    assert codes[1] in (2, 7), ended
    connection = sqlite3.connect(machine.folder / "elsewhere" / "deep" / "assign.db")
    assert connection.execute("SELECT count(*) FROM organizations").fetchone() == (1,)
    connection.close()


def test_a_profile_that_another_command_makes_meanwhile_is_waited_for(machine: Office) -> None:
    from assigncli.beginnings import alone

    with alone(machine.env):
        machine.refused(line(machine), "profiles_busy", 7, profile=None)
    machine.ok(line(machine), profile=None)
