"""The whole job between real accounts: two coordinators, two mentors, and a server of its own.

Each works from an account of its own with keys in its own home, through the server's socket or
through a real sshd on loopback. None of the four can read what the server holds.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import accounts, sshd
from tests.accounts import Account
from tests.office import PERSON
from tests.sshd import Sshd
from tests.story import ACCEPT

pytestmark = pytest.mark.slow

ROWS = 3_000
ALIAS = "office"
COLUMNS = ("name", "address", "postal_code", "city", "phone", "medical_summary", "mentor", "title")


@dataclass(frozen=True)
class Place:
    """A running server, its account, and how the others reach it."""

    server: Account
    socket: Path
    said: Path
    relay: Account | None
    ssh: Sshd | None
    people: dict[str, Account] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"unix:{self.socket}" if self.ssh is None else f"ssh://{ALIAS}"

    @property
    def kept(self) -> list[Path]:
        """What the server keeps, and the folder it is in."""
        folder = self.server.home / "data"
        return [folder, *(folder / f"assign.db{end}" for end in ("", ".vault", ".service"))]

    def let_in(self, who: Account, line: str) -> None:
        """Let an account in by SSH with this beginning of its line, and no other."""
        if self.ssh is None or self.relay is None:
            return
        keys = self.relay.home / ".ssh" / "authorized_keys"
        if keys.exists() and (who.home / ".ssh" / "id_ed25519.pub").exists():
            own = (who.home / ".ssh" / "id_ed25519.pub").read_text()
            kept = [each for each in keys.read_text().splitlines() if own.strip() not in each]
            self.relay.write(".ssh/authorized_keys", "".join(f"{each}\n" for each in kept))
            self.relay.write(".ssh/authorized_keys", keys.read_text() + f"{line} {own}")
            return
        self.ssh.let_in(who, self.relay, line, ALIAS)

    def line(self, member: str | None = None) -> str:
        """Return the line that lets somebody in: as a member, or to join."""
        who = "" if member is None else f" --member {member}"
        return f'restrict,command="{self.server.program.assign} relay --socket {self.socket}{who}"'

    def printed_line(self, member: str) -> str:
        """Return the line that the server printed at the approval of this member."""
        ends = time.monotonic() + accounts.PATIENCE
        while time.monotonic() < ends:
            for each in self.said.read_text().splitlines():
                if each.startswith("restrict,") and member in each:
                    return each.strip()
            time.sleep(0.1)
        raise AssertionError(self.said.read_text())


@dataclass(frozen=True)
class Person:
    """Somebody at their own account, with a passphrase of their own."""

    account: Account

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return self.account.assign("--passphrase-file", "passphrase", *shlex.split(line))

    def ok(self, line: str) -> str:
        ended = self.run(line)
        assert ended.returncode == 0, (line, ended.stdout, ended.stderr)
        return ended.stdout

    def json(self, line: str) -> Any:
        return json.loads(self.ok(f"{line} --json"))

    def refused(self, line: str, code: str) -> None:
        ended = self.run(f"{line} --json")
        assert ended.returncode != 0, line
        assert json.loads(ended.stderr)["error"]["code"] == code, (line, ended.stderr)


@contextmanager
def running(reached_by: str, folder: Path) -> Iterator[Place]:
    """Run a server in an account of its own, reached by its socket or by SSH."""
    accounts.require()
    if reached_by == "ssh":
        sshd.require()
    with ExitStack() as made:
        program = made.enter_context(accounts.installed())

        def account(word: str) -> Account:
            return made.enter_context(accounts.account(program, word))

        server, relay, ssh = account("server"), None, None
        open_to_all = program.folder / "run"
        open_to_all.mkdir(mode=0o755)
        os.chown(open_to_all, server.uid, server.gid)
        words = [str(program.assign), "serve", "--store", str(server.home / "data" / "assign.db")]
        words += ["--socket", str(open_to_all / "socket")]
        if reached_by == "ssh":
            relay = account("relay")
            ssh = made.enter_context(sshd.running(folder))
            relay.write(".ssh/environment", "")
            words += ["--relay-account", relay.name]
        said = folder / "said"
        with said.open("wb") as file:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **server.as_it()
            )
        try:
            place = Place(server, open_to_all / "socket", said, relay, ssh)
            place.people.update((word, account(word)) for word in ("anne", "bo", "kari", "ola"))
            yield place
        finally:
            process.terminate()
            assert process.wait(60) == 0, said.read_text()


def founding_line(place: Place) -> str:
    """Return the line that the server prints, with the address by which it is reached."""
    ends = time.monotonic() + accounts.PATIENCE
    while "Listening at" not in place.said.read_text():
        assert time.monotonic() < ends, place.said.read_text()
        time.sleep(0.1)
    (line,) = (e for e in place.said.read_text().splitlines() if e.startswith("assign-found-1"))
    word, _address, *rest = line.split()
    return " ".join((word, place.address, *rest))


def at_home(account: Account) -> Person:
    account.write("passphrase", f"a passphrase of {account.name}\n")
    account.write("person.json", json.dumps(PERSON))
    return Person(account)


def joined(place: Place, word: str, admin: Person, more: str = "") -> Person:
    """Invite somebody, let them join from their own account, and compare by telephone."""
    person = at_home(place.people[word])
    name = word.title()
    invitation = admin.json(f"member invite {word} --name '{name} Dal' {more}")["invitation"]
    place.let_in(person.account, place.line())
    digits = person.json(f"join '{invitation}' --keys file")["fingerprint"]
    person.refused("inbox", "not_approved")
    admin.ok(f"member approve {word} --fingerprint '{digits}' {more}")
    member = admin.json(f"member show {word}")["id"]
    assert place.printed_line(member) == place.line(member)
    place.let_in(person.account, place.printed_line(member))
    return person


@pytest.mark.parametrize("reached_by", ["socket", "ssh"])
def test_the_whole_job_between_accounts_that_share_nothing(reached_by: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with running(reached_by, tmp_path) as place:
        line = founding_line(place)
        anne = at_home(place.people["anne"])
        place.let_in(anne.account, place.line())
        founded = anne.json(
            f"init --organization Testforeningen --handle anne --name 'Anne Berg' --keys file"
            f" --at '{line}'"
        )
        assert founded["organization"] == "Testforeningen"
        me = next(each for each in _profiles(anne.account))["member_id"]
        place.let_in(anne.account, place.line(me))
        bo = joined(place, "bo", anne, "--role coordinator")
        kari, ola = (joined(place, word, anne) for word in ("kari", "ola"))
        nobody_reads_what_the_server_keeps(place)
        a_visit(anne, kari)
        what_is_refused(anne, bo, kari, ola)
        a_sheet_is_interrupted_and_resumed(bo, place)
        found = anne.json("audit verify")
        assert found["entries"] > ROWS
        assert anne.ok("doctor").startswith("Everything is in order.")
        assert kari.ok("doctor").startswith("Everything is in order.")
        nobody_reads_what_the_server_keeps(place)
        the_store_is_refused_to_others_while_it_is_served(place)


def _profiles(account: Account) -> Iterator[dict[str, Any]]:
    for path in (account.home / ".config" / "assigncli" / "profiles").glob("*.json"):
        yield json.loads(path.read_text())


def nobody_reads_what_the_server_keeps(place: Place) -> None:
    assert all(each.exists() for each in place.kept)
    for account in (*place.people.values(), *([place.relay] if place.relay else [])):
        assert not any(account.may_read(each) for each in place.kept), account.name
    keys = [each.home / ".local" for each in place.people.values()]
    for account in (place.server, *place.people.values()):
        others = [each for each in keys if not each.is_relative_to(account.home)]
        assert not any(account.may_read(each) for each in others), account.name


def a_visit(anne: Person, kari: Person) -> None:
    """From the draft to the completion, with consent, as each sees it."""
    sent = anne.json(
        "create --to kari --title 'Home visit' --payload person.json --dispatch"
        " --consent-required --coordinator-notes 'Ring twice.'"
    )
    number = sent["number"]
    assert [each["number"] for each in kari.json("inbox")["assignments"]] == [number]
    kari.refused(f"open {number} --reveal", "consent_before_payload_access")
    kari.ok(f"consent {number} {ACCEPT}")
    opened = kari.json(f"open {number} --reveal")
    assert opened["full_name"] == PERSON["full_name"]
    for verb in ("ack", "contact", "complete"):
        kari.ok(f"{verb} {number}")
    shown = anne.json(f"show {number}")
    assert (shown["status"], shown["coordinator_notes"]) == ("completed", "Ring twice.")
    (row,) = anne.json("honorarium report")["mentors"]
    assert (row["handle"], row["completed"]) == ("kari", 1)
    assert kari.json("honorarium explain kari")["completed"] == 1


def what_is_refused(anne: Person, bo: Person, kari: Person, ola: Person) -> None:
    """What each of them may not do, and a recall by the other coordinator."""
    number = anne.json("create --to kari --title 'Walk' --payload person.json --dispatch")["number"]
    ola.refused(f"open {number} --reveal", "not_your_assignment")
    ola.refused(f"ack {number}", "not_your_assignment")
    bo.refused(f"open {number} --reveal", "not_your_assignment")
    for line in ("list", "status", "audit log"):
        kari.refused(line, "role_missing")
    kari.refused("honorarium report", "role_missing")
    kari.refused("member pause ola", "role_missing")
    kari.refused("create --to ola --title X --payload person.json", "only_coordinator_can_dispatch")
    bo.refused("config set unread_attention_days 3", "role_missing")
    bo.ok(f"recall {number} --yes")
    kari.refused(f"open {number} --reveal", "valid_status_transition")
    bo.refused("store check", "needs_server_machine")
    anne.refused("sweep", "needs_server_machine")


def a_sheet_is_interrupted_and_resumed(bo: Person, place: Place) -> None:
    """Ctrl-C after some batches; the same command sends the rest, and no row twice."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";")
    rows.writerow((*COLUMNS, "external_id"))
    person = [PERSON[each] for each in ("full_name", "address", "postal_code", "city", "phone")]
    for at in range(ROWS):
        summary = [PERSON["medical_summary"], ("kari", "ola")[at % 2], "Home visit", f"R-{at}"]
        rows.writerow((*person, *summary))
    bo.account.write("sheet.csv", text.getvalue())
    words = ["--passphrase-file", "passphrase", "dispatch", "--csv", "sheet.csv"]
    process = subprocess.Popen(
        [str(bo.account.program.assign), *words, "--result", "first.csv"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **bo.account.as_it(),
    )
    first = bo.account.home / "first.csv"
    ends = time.monotonic() + 10 * accounts.PATIENCE
    while not first.exists() or first.read_text().count("\n") < ROWS // 6:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _out, error = process.communicate(timeout=10 * accounts.PATIENCE)
    assert process.returncode == 130, error
    sent = len(results(first))
    assert ROWS // 6 <= sent < ROWS
    ended = bo.account.run(
        [str(bo.account.program.assign), *words, "--result", "second.csv"],
        patience=10 * accounts.PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    both = [*results(first), *results(bo.account.home / "second.csv")]
    numbers = [row["number"] for row in both]
    assert len(results(bo.account.home / "second.csv")) == ROWS
    assert len(set(numbers)) == ROWS
    assert {row["number"] for row in results(first)} <= set(numbers[sent:])


def results(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text else ","))


def the_store_is_refused_to_others_while_it_is_served(place: Place) -> None:
    store = place.kept[1]
    ended = place.server.assign("sweep", "--store", str(store))
    assert (ended.returncode, "store_served" in ended.stderr) == (7, True), ended.stderr
