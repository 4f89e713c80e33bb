"""The whole job between real accounts: two coordinators, two mentors, and a server of its own.

Each works from an account of its own with keys in its own home, through the server's socket or
through a real sshd on loopback. None of the four can read what the server holds.
"""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import accounts
from tests.accounts import Account
from tests.afar import ALIAS, Afar, office_afar
from tests.office import PERSON
from tests.story import ACCEPT

pytestmark = pytest.mark.slow

ROWS = 3_000
COLUMNS = ("name", "address", "postal_code", "city", "phone", "medical_summary", "mentor", "title")


@dataclass(frozen=True)
class Somebody:
    """A person at their own account."""

    afar: Afar
    name: str

    @property
    def account(self) -> Account:
        return self.afar.people[self.name]

    def ok(self, line: str) -> str:
        return self.afar.ok(self.name, line).stdout

    def json(self, line: str) -> Any:
        return self.afar.ok(self.name, f"{line} --json").json

    def refused(self, line: str, code: str) -> None:
        result = self.afar.run(self.name, f"{line} --json")
        assert result.code != 0, line
        assert result.error["code"] == code, line


@pytest.mark.parametrize("address", ["", f"ssh://{ALIAS}"], ids=["socket", "ssh"])
def test_the_whole_job_between_accounts_that_share_nothing(address: str) -> None:
    with office_afar(address) as afar:
        place = address or f"unix:{afar.socket}"
        afar.join("bo", "Bo Berg", "anne", place, "--role coordinator")
        afar.join("kari", "Kari Nordmann", "anne", place)
        afar.join("ola", "Ola Dunk", "bo", place)
        anne, bo, kari, ola = (Somebody(afar, name) for name in ("anne", "bo", "kari", "ola"))
        nobody_else_reads(afar)
        a_visit(anne, kari)
        what_is_refused(anne, bo, kari, ola)
        a_sheet_is_interrupted_and_resumed(bo)
        assert anne.json("audit verify")["entries"] > ROWS
        assert kari.ok("doctor").startswith("Everything is in order.")
        alone = anne.ok("doctor")  # the only administrator, and the root key is on no paper yet
        assert alone.startswith("Nothing needs attention.")
        assert " 2 things are advised." in alone
        nobody_else_reads(afar)
        the_store_is_refused_to_others_while_it_is_served(afar)


def nobody_else_reads(afar: Afar) -> None:
    """Hold that the server's files are the server's alone, and each person's keys theirs."""
    files = [*afar.store.parent.glob("assign.db*"), *afar.store.parent.glob("assign.db.service/*")]
    assert {each.name for each in files} >= {"assign.db", "assign.db.vault", "assign.db.service"}
    for person in (*afar.people.values(), afar.relay):
        assert [each.name for each in files if person.may_read(each)] == []
    for name, person in afar.people.items():
        keys = [*(person.home / "assign" / "keys").iterdir()]
        others = [each for other, each in afar.people.items() if other != name]
        assert keys
        for other in (*others, afar.server, afar.relay):
            assert not any(other.may_read(key) for key in keys)


def a_visit(anne: Somebody, kari: Somebody) -> None:
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
    assert opened["full_name"] == "Ingrid Eksempelsen"
    for verb in ("ack", "contact", "complete"):
        kari.ok(f"{verb} {number}")
    shown = anne.json(f"show {number}")
    assert (shown["status"], shown["coordinator_notes"]) == ("completed", "Ring twice.")
    (row,) = anne.json("honorarium report")["mentors"]
    assert (row["handle"], row["completed"]) == ("kari", 1)
    assert kari.json("honorarium explain kari")["completed"] == 1


def what_is_refused(anne: Somebody, bo: Somebody, kari: Somebody, ola: Somebody) -> None:
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


def a_sheet_is_interrupted_and_resumed(bo: Somebody) -> None:
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


def the_store_is_refused_to_others_while_it_is_served(afar: Afar) -> None:
    ended = afar.server.assign("sweep", "--store", str(afar.store), "--json")
    assert ended.returncode == 7, ended.stderr
    assert json.loads(ended.stderr)["error"]["code"] == "store_served"
