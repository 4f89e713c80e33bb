"""Killed at any point of an act, the next command says what became of it, and that is true.

Client and server are one process here, so that each point is one of either: before the statement is
noted, before it is sent, at each statement to the store and the vault, before the reply is read,
before the note is removed. Nothing is done twice and nothing is lost.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacker import column, value
from tests.killing import killed_at, points_of, spread
from tests.losing import folder, lost, notes
from tests.office import Office
from tests.racing import require_whole, run_at_once

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

DONE = "An earlier act got no answer, but was carried out: "
NOTHING = "An earlier act got no answer, was not carried out and will not be: "
EVERY = 400
LAST = 9
"""So many before the last are always tried: from the commit until the note is removed."""


@dataclass(frozen=True)
class Act:
    """A command on assignment 1, what it needs first, and where it leads."""

    line: str
    profile: str
    before: str
    after: str

    @property
    def word(self) -> str:
        """The act's entry in the log."""
        return f"assignment.{self.after}"


ACTS = {
    "ack": Act("ack 1", "kari", "read", "acknowledged"),
    "complete": Act("complete 1 --in-person", "kari", "contact_made", "completed"),
    "recall": Act("recall 1 --yes", "anne", "dispatched", "recalled"),
    "cancel": Act("cancel 1 --yes --reason 'Moved away.'", "anne", "read", "cancelled"),
}


def prepared(office: Office, act: Act) -> Office:
    office.dispatch()
    if act.before != "dispatched":
        office.to_status(1, act.before)
    return office


def entries(office: Office, act: Act) -> object:
    return value(office, "SELECT count(*) FROM audit_log WHERE action = ?", act.word)


def kept_size(office: Office, profile: str) -> object:
    path = office.home / "heads" / f"{profile}.json"
    return json.loads(path.read_text(encoding="ascii"))["size"]


def log_size(office: Office) -> object:
    return value(office, "SELECT max(sequence) FROM audit_log")


@pytest.mark.parametrize("count", [8, pytest.param(EVERY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ACTS)
def test_killed_at_any_point(office: Office, tmp_path: Path, name: str, count: int) -> None:
    act = ACTS[name]
    prepared(office, act)
    last = points_of(office.copy_to(tmp_path / "counted"), act.line, act.profile)
    said = set()
    for point in sorted({*spread(last, count), *range(last - LAST, last + 1)}):
        left = office.copy_to(tmp_path / f"killed-{point}")
        killed_at(left, act.line, act.profile, point)
        said.add(require_true(left, act))
        require_done_once(left, act)
    assert said >= {"done", "nothing"}


def require_true(left: Office, act: Act) -> str:
    """Assert that the next command says what is so, and return it."""
    is_done = column(left, 1, "status") == act.after
    was_noted, head = bool(notes(left, act.profile)), kept_size(left, act.profile)
    heard = left.ok("list" if act.profile == "anne" else "inbox", profile=act.profile).stderr
    assert (DONE in heard) is (was_noted and is_done), heard
    assert (NOTHING in heard) is (was_noted and not is_done), heard
    if not was_noted and is_done:  # then the reply had come, and was believed
        assert head == log_size(left)
    assert list(folder(left, act.profile).glob("*")) == []
    return "unsaid" if not was_noted else "done" if is_done else "nothing"


def require_done_once(left: Office, act: Act) -> None:
    """Assert that the same command ends what is not done, and does nothing twice."""
    is_done = column(left, 1, "status") == act.after
    again = left.run(act.line, profile=act.profile)
    assert (again.code, again.error_code) == (
        (6, "valid_status_transition") if is_done else (0, "")
    ), again.said
    assert entries(left, act) == 1
    left.ok("sweep", profile=None)  # deletes a share whose key is dead
    require_whole(left)


@pytest.mark.parametrize("count", [8, pytest.param(EVERY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("request_lost", [True, False], ids=["request", "answer"])
def test_killed_while_asking(
    office: Office, tmp_path: Path, count: int, request_lost: bool
) -> None:
    """The statement stays outstanding until it was said what became of it."""
    act = ACTS["ack"]
    prepared(office, act)
    lost(office, act.line, act.profile, request=request_lost)
    expected = NOTHING if request_lost else DONE
    last = points_of(office.copy_to(tmp_path / "counted"), "inbox", act.profile)
    for point in spread(last, count):
        left = office.copy_to(tmp_path / f"killed-{point}")
        killed_at(left, "inbox", act.profile, point)
        was_noted = bool(notes(left, act.profile))
        heard = left.ok("inbox", profile=act.profile).stderr
        assert (expected in heard) is was_noted, heard
        require_done_once(left, act)


def test_commands_of_one_profile_do_not_withdraw_each_other_s_acts(office: Office) -> None:
    """What another command is waiting for is outstanding, and not asked about."""
    numbers = [office.dispatch() for _each in range(6)]
    lines = [f"recall {number} --yes" for number in numbers] + ["list"] * 4
    for result in run_at_once(office, lines):
        assert result.code == 0, result.said
        assert "An earlier act" not in result.said
    assert value(office, "SELECT count(*) FROM refused_statements") == 0
    require_whole(office)
