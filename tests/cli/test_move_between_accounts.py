"""`store move` by root between real accounts: from a person's to the server's, and back."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import accounts
from tests.accounts import Account, Installed
from tests.office import ROOT, Office
from tests.points import spread
from tests.processes import Command, counted, killed_at

pytestmark = pytest.mark.slow

PASSPHRASE = ("--passphrase-file", "passphrase")
PARTS = {"assign.db", "assign.db.ballast", "assign.db.service", "assign.db.vault"}


@dataclass(frozen=True)
class Two:
    """A person with an office on one account, kari beside her, and an account for a server."""

    anne: Account
    server: Account
    root: Office
    """What root runs: an office of nobody."""
    there: Path
    """The server's folder for the store."""

    @property
    def home(self) -> Path:
        return self.anne.home / "assign"

    @property
    def socket(self) -> Path:
        return self.server.home.parent / "run" / "socket"

    def ok(self, line: str, profile: str = "anne") -> str:
        ended = self.anne.assign(*line.split(), "--profile", profile, *PASSPHRASE)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def to_server(self) -> str:
        at = f"--address unix:{self.socket}"
        return f"store move --store {self.home}/assign.db {self.to(self.server)} {at}"

    def to_anne(self) -> str:
        return f"store move --store {self.there}/assign.db {self.to(self.anne)}"

    def to(self, account: Account) -> str:
        folder = self.there if account is self.server else self.home
        return f"--to {folder} --owner {account.name} --yes"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with _two(tmp_path, None) as found:
        yield found


@pytest.fixture
def two_disks(tmp_path: Path) -> Iterator[Two]:
    """As `two`, with the server's folder on another file system than anne's."""
    if not Path("/dev/shm").is_dir():  # noqa: S108 - a private folder is made in it
        pytest.skip("there is only one file system to write to here")
    folder = Path(tempfile.mkdtemp(prefix="assign-move-", dir="/dev/shm"))
    folder.chmod(0o755)
    try:
        with _two(tmp_path, folder / "store") as found:
            assert found.home.stat().st_dev != folder.stat().st_dev
            yield found
    finally:
        shutil.rmtree(folder)


@contextmanager
def _two(tmp_path: Path, there: Path | None) -> Iterator[Two]:
    with (
        accounts.installed() as program,
        accounts.account(program, "anne") as anne,
        accounts.account(program, "server") as server,
    ):
        root = Office(tmp_path / "root")
        root.folder.mkdir(mode=0o700)
        found = Two(anne, server, root, there or server.home / "store")
        anne.environ["ASSIGN_HOME"] = str(found.home)
        anne.write("passphrase", "a passphrase of the tests\n")
        person = (ROOT / "examples" / "assignment.json").read_text(encoding="utf-8")
        anne.write("person.json", person)
        founding = ("init", "--organization", "X", "--handle", "anne", "--name", "Anne Berg")
        assert anne.assign(*founding, "--keys", "file", *PASSPHRASE).returncode == 0
        inviting = ("member", "invite", "kari", "--name", "Kari Ås", "--here", "--keys", "file")
        assert anne.assign(*inviting, *PASSPHRASE).returncode == 0
        yield found


@contextmanager
def served(two: Two, program: Installed) -> Iterator[None]:
    two.socket.parent.mkdir(exist_ok=True)
    os.chown(two.socket.parent, two.server.uid, two.server.gid)
    words = [program.assign, "serve", "--store", two.there / "assign.db", "--socket", two.socket]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, **two.server.as_it()) as process:
        end = time.monotonic() + accounts.PATIENCE
        while not two.socket.exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(accounts.PATIENCE)


def owners(folder: Path) -> set[tuple[str, int]]:
    """Return owner and permission of everything of a store in a folder, and of the folder."""
    places = [folder, *folder.glob("assign.db*"), *folder.glob("assign.db.service/*")]
    return {
        (pwd.getpwuid(each.stat().st_uid).pw_name, each.stat().st_mode & 0o077) for each in places
    }


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("assign.db*")} - {"assign.db-journal"}


def test_an_office_goes_to_a_servers_account_is_served_and_comes_back(two: Two) -> None:
    number = json.loads(
        two.ok("create --to kari --title Visit --payload person.json --dispatch --json")
    )["number"]
    refused = two.anne.assign(*f"store move {two.to(two.server)} --profile anne --json".split())
    assert json.loads(refused.stderr)["error"]["code"] == "root_needed"
    said = two.root.ok(two.to_server(), profile=None).stdout
    assert f"It belongs to the account {two.server.name}." in said
    assert f"assign profile address unix:{two.socket}" in said
    assert files(two.there) == PARTS | {"assign.db.accounts"}
    assert owners(two.there) == {(two.server.name, 0)}
    assert files(two.home) == {"assign.db.move"}
    assert not any(two.anne.may_read(path) for path in two.there.glob("assign.db*"))
    gone = two.anne.assign("list", "--profile", "anne", "--json")
    assert json.loads(gone.stderr)["error"]["code"] == "store_moved"
    with served(two, two.server.program):
        for profile in ("anne", "kari"):
            two.ok(f"profile address unix:{two.socket}", profile)
        assert len(json.loads(two.ok("list --json"))["assignments"]) == 1
        for verb in (f"open {number} --reveal", f"ack {number}"):
            two.ok(verb, "kari")
        assert "is whole" in two.ok("audit verify")
        found_by_operators(two)
    two.root.ok(two.to_anne(), profile=None)
    assert owners(two.home) == {(two.anne.name, 0)}
    assert files(two.there) == {"assign.db.move"}
    for profile in ("anne", "kari"):
        two.ok(f"profile address {two.home}/assign.db", profile)
    two.ok(f"contact {number}", "kari")
    assert "is whole" in two.ok("audit verify")


def found_by_operators(two: Two) -> None:
    """`doctor --store`, by root and by the server's own account, and not by anybody else."""
    line = f"doctor --store {two.there}/assign.db --socket {two.socket} --json"
    by_root = two.root.run(line, profile=None).json["findings"]
    by_server = json.loads(two.server.assign(*line.split()).stdout)["findings"]
    for found in (by_root, by_server):
        well = {each["name"]: each["well"] for each in found}
        assert all(well[name] for name in ("access", "store", "vault", "server", "version"))
        assert well["locks"] or "could not be tried" in str(found)
    by_anne = json.loads(two.anne.assign(*line.split()).stdout)["findings"]
    assert [each["name"] for each in by_anne if not each["well"]] == ["access"]


def works(two: Two) -> tuple[bool, bool]:
    """Return whether the store opens at anne's place, and at the server's."""
    code = "from pathlib import Path; from assigncli.server.store.engine import Store;"
    code += "Store.open(Path(sys.argv[1])).close()"
    places = ((two.anne, two.home), (two.server, two.there))
    ended = [account.python(code, str(folder / "assign.db")) for account, folder in places]
    for each in ended:
        assert each.returncode == 0 or b"AssignError" in each.stderr or b"store_" in each.stderr
    return ended[0].returncode == 0, ended[1].returncode == 0


def test_killed_between_accounts_one_place_works_and_root_ends_it(two: Two) -> None:
    two.ok("create --to kari --title Visit --payload person.json --dispatch")
    two.root.ok(
        two.to_server(), profile=None
    )  # the first writes lines for accounts, later ones none
    two.root.ok(two.to_anne(), profile=None)
    count = counted(two.root, Command(two.to_server(), None)).count
    two.root.ok(two.to_anne(), profile=None)
    seen = set()
    for at in spread(count, 12):
        killed_at(two.root, Command(two.to_server(), None), at)
        working = works(two)
        assert sorted(working) == [False, True], at
        seen.add(working)
        two.root.ok(two.to_server(), profile=None)
        assert works(two) == (False, True)
        assert (files(two.home), owners(two.there)) == (
            {"assign.db.move"},
            {(two.server.name, 0)},
        )
        two.root.ok(two.to_anne(), profile=None)
    assert seen == {(True, False), (False, True)}
    two.ok("list")


def test_killed_between_accounts_and_disks_there_are_never_two_that_work(two_disks: Two) -> None:
    """In one moment neither does, which both places say; the same command ends it."""
    two = two_disks
    two.ok("create --to kari --title Visit --payload person.json --dispatch")
    two.root.ok(two.to_server(), profile=None)
    two.root.ok(two.to_anne(), profile=None)
    points = counted(two.root, Command(two.to_server(), None))
    two.root.ok(two.to_anne(), profile=None)
    leaves = points.around["unlink"][0]  # before that, the old store's file is there
    seen = []
    for at in sorted({*spread(points.count, 5), *range(leaves, leaves + 5)}):
        killed_at(two.root, Command(two.to_server(), None), at)
        working = works(two)
        seen.append(working)
        if working == (False, False):
            neither_is_said(two)
        two.root.ok(two.to_server(), profile=None)
        assert works(two) == (False, True)
        assert files(two.home) == {"assign.db.move"}
        two.root.ok(two.to_anne(), profile=None)
    assert (True, True) not in seen
    assert {(True, False), (False, False), (False, True)} == set(seen)


def neither_is_said(two: Two) -> None:
    gone = two.anne.assign("list", "--profile", "anne", "--json")
    assert json.loads(gone.stderr)["error"]["code"] == "store_moved"
    held = two.server.assign("serve", "--store", str(two.there / "assign.db"), "--json")
    assert json.loads(held.stderr)["error"]["code"] == "store_moving"
    assert f"--store {two.home}/assign.db again" in json.loads(held.stderr)["error"]["hint"]
