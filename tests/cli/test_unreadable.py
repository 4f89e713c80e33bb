"""What is there but may not be read is said to be that, and what is missing is named.

As another account where we are root, whom modes do not bind.
"""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from tests.office import Office, Result

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
NOBODY = 65534


@pytest.fixture
def theirs(office: Office) -> Office:
    """An office that belongs to an account which modes bind."""
    if os.geteuid() == 0:
        for path in (office.folder, *office.folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        for parent in office.folder.parents:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    return office


def run(office: Office, line: str) -> Result:
    """Run the line as that account, in a process of its own."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_as_other, args=(office, line, sending))
    process.start()
    sending.close()
    result: Result = receiving.recv()
    process.join(60)
    return result


def _as_other(office: Office, line: str, sending: Any) -> None:
    office.run(line)  # as we are: that account may not read the modules, which are loaded then
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    sending.send(office.run(line))


@pytest.mark.parametrize("line", ["list", "status", "open 1 --reveal", "store info", "store check"])
@pytest.mark.parametrize("closed", ["folder", "file"])
def test_a_store_that_may_not_be_read(theirs: Office, line: str, closed: str) -> None:
    place = theirs.folder / "data"
    place.mkdir(mode=0o700)
    for name in ("assign.db", "assign.db.vault"):
        (theirs.home / name).rename(place / name)
    profile = theirs.home / "profiles" / "anne.json"
    profile.write_text(profile.read_text().replace(f"{theirs.home}/assign", f"{place}/assign"))
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
    (place if closed == "folder" else place / "assign.db").chmod(0)
    ended = run(theirs, line)
    said = ended.said
    place.chmod(0o700)
    assert "There is no store" not in said
    assert "store_unreachable" in said, said
    assert (ended.code, "internal_error" in said) == (7, False)
    assert str(place) in said


def test_the_doctor_says_so_too(theirs: Office) -> None:
    theirs.store.chmod(0)
    ended = run(theirs, "doctor")
    assert "You may not read the store" in ended.stdout


def test_a_vault_that_may_not_be_read(theirs: Office) -> None:
    theirs.vault.chmod(0)
    ended = run(theirs, "doctor")
    assert f"You may not read the vault at {theirs.vault}" in ended.stdout


@pytest.mark.parametrize("folder", ["home", "home/profiles"])
def test_profiles_that_may_not_be_read_are_not_missing(theirs: Office, folder: str) -> None:
    (theirs.folder / folder).chmod(0)
    ended = run(theirs, "list")
    (theirs.folder / folder).chmod(0o700)
    assert "settings_unreachable" in ended.stderr
    assert ended.code == 7


def test_a_missing_profile_is_named_with_those_there_are(office: Office) -> None:
    found = office.refused("list", "profile_missing", 3, profile="nobody")
    assert "There is no profile nobody on this machine." in found.stderr
    assert "anne, kari, ola, per" in found.stderr
    command = found.stderr.partition("assign status")[2].splitlines()[0]
    assert command == " --profile anne."
    office.ok("status --profile anne", profile=None)


def test_where_there_is_no_profile_at_all(tmp_path: Path) -> None:
    empty = Office(tmp_path)
    found = empty.refused("list", "profile_missing", 3, profile="nobody")
    assert "nobody" in found.stderr
    assert "assign init" in found.stderr
