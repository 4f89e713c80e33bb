"""An office on accounts of their own: the server, the one that SSH brings people in with, people.

All is real: `assign serve` in its own account, sshd on loopback, and each person with a home, keys
and a profile that nobody else can read. What a person does is a process of theirs.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import accounts, sshd
from tests.accounts import Account
from tests.office import ROOT, Result, described

ALIAS = "office"
"""What each person's ~/.ssh/config calls the server's machine."""

_PASSPHRASE = "a passphrase of the tests"
_PERSON = ROOT / "examples" / "assignment.json"
_PATIENCE = 60


@dataclass(frozen=True)
class Afar:
    """A running server, and the people who reach it."""

    server: Account
    relay: Account
    sshd: sshd.Sshd
    socket: Path
    log: Path
    """What the server has said."""
    _made: ExitStack
    people: dict[str, Account] = field(default_factory=dict)
    serving: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """The process of `assign serve`, once it runs."""

    @property
    def store(self) -> Path:
        """The store's file; vault and service keys are beside it."""
        return _home(self.server) / "assign.db"

    def run(self, name: str, line: str) -> Result:
        """Run `assign LINE` as this person."""
        return _run(self.people[name], line)

    def ok(self, name: str, line: str) -> Result:
        """Run a command that must succeed."""
        result = self.run(name, line)
        assert result.code == 0, f"{name}: {line}: {result.code}\n{result.said}"
        return result

    def person(self, name: str) -> Account:
        """Make an account for somebody who has nothing of the office yet."""
        made = self._made.enter_context(accounts.account(self.server.program, name))
        self.people[name] = _ready(made)
        return made

    def let_in(self, name: str, member: str | None = None) -> None:
        """Let a person's SSH key in, for the lists of this member or of nobody."""
        person, keys = self.people[name], self.relay.home / ".ssh" / "authorized_keys"
        public = person.home / ".ssh" / "id_ed25519.pub"
        if public.exists():
            key = public.read_text().split()[1]
            rest = [line for line in keys.read_text().splitlines(True) if key not in line]
            self.relay.write(".ssh/authorized_keys", "".join(rest))
            (person.home / ".ssh" / "config").unlink()
        words = [str(self.server.program.assign), "relay", "--socket", str(self.socket)]
        words += [] if member is None else ["--member", member]
        self.sshd.let_in(person, self.relay, f'restrict,command="{shlex.join(words)}"', ALIAS)

    def member_of(self, name: str) -> str:
        """Return the id of the member that a person's profile names."""
        profile = json.loads((_home(self.people[name]) / "profiles" / f"{name}.json").read_text())
        return str(profile["member_id"])

    def printed(self, part: str) -> str:
        """Return the line that the server printed with this part, once it has."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            for line in self.log.read_text().splitlines():
                if part in line:
                    return line.strip()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def join(self, name: str, full_name: str, by: str, address: str, more: str = "") -> None:
        """Invite somebody, who joins through this address, and approve them."""
        said = f"member invite {name} --name '{full_name}' --address {address} {more} --json"
        line = self.ok(by, said).json["invitation"]
        assert line.split()[1] == address
        self.person(name)
        self.let_in(name)
        joined = self.ok(name, f"join '{line}' --keys file --json").json
        assert self.run(name, "inbox --json").error["code"] == "not_approved"
        self.ok(by, f"member approve {name} --fingerprint '{joined['fingerprint']}' {more}")
        member = self.member_of(name)
        assert self.printed(f"--member {member}").startswith('restrict,command="')
        self.let_in(name, member)


@contextmanager
def office_afar(address: str = f"ssh://{ALIAS}") -> Iterator[Afar]:
    """Serve an office that anne founds through this address; skip where that cannot be.

    Where the address is empty, it is the server's socket.
    """
    sshd.require()
    accounts.require()
    with ExitStack() as made:
        program = made.enter_context(accounts.installed())
        server = _ready(made.enter_context(accounts.account(program, "server")))
        relay = made.enter_context(accounts.account(program, "relay"))
        place = program.folder / "run"
        place.mkdir()
        os.chown(place, server.uid, server.gid)
        folder = Path(made.enter_context(tempfile.TemporaryDirectory()))
        running = made.enter_context(sshd.running(folder))
        afar = Afar(server, relay, running, place / "socket", folder / "served", made)
        made.enter_context(_served(afar, ["--address", address] if address else []))
        _found(afar, address or f"unix:{afar.socket}")
        yield afar


def _found(afar: Afar, address: str) -> None:
    """Found the office from an account of the founder's, where the root key stays."""
    anne = afar.person("anne")
    line = afar.printed("assign-found-1")
    assert line.split()[1] == address
    founding = "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys file"
    afar.let_in("anne")
    afar.ok("anne", f"{founding} --at '{line}'")
    afar.let_in("anne", afar.member_of("anne"))
    assert (_home(anne) / "keys").is_dir()


@contextmanager
def _served(afar: Afar, more: list[str]) -> Iterator[None]:
    program, relay = afar.server.program.assign, afar.relay.name
    words = [program, "serve", "--socket", afar.socket, "--relay-account", relay, *more]
    with (
        afar.log.open("wb") as log,
        subprocess.Popen(
            [*words, "--store", afar.store], stdout=log, stderr=log, **afar.server.as_it()
        ) as process,
    ):
        try:
            end = time.monotonic() + _PATIENCE
            while "Listening at" not in afar.log.read_text():
                assert process.poll() is None, afar.log.read_text()
                assert time.monotonic() < end
                time.sleep(0.05)
            afar.serving[:] = [process]
            yield
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _home(account: Account) -> Path:
    return account.home / "assign"


def _ready(account: Account) -> Account:
    """Give an account a folder for the program, a passphrase, and something to send."""
    account.environ["ASSIGN_HOME"] = str(_home(account))
    account.write("passphrase", f"{_PASSPHRASE}\n")
    account.write(
        "person.json", (ROOT / "examples" / "assignment.json").read_text(encoding="utf-8")
    )
    return account


def _run(account: Account, line: str) -> Result:
    words = [*shlex.split(line), "--passphrase-file", "passphrase"]
    ended = account.assign(*words)
    return described(shlex.split(line), Result(ended.returncode, ended.stdout, ended.stderr))
