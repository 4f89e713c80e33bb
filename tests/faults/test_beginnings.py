"""`init`, `join` and `member invite --here` are whole or nothing, and the same line ends them.

Each is killed, stopped or refused the disk at a step, and run again. Afterwards there is one
organisation of the name, one member of that handle, one profile that works, and no private key that
belongs to nobody.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.office import Office
from tests.points import FaultKind
from tests.processes import Command, broken
from tests.quick import a_few

BO = "--name 'Bo B' --keys keyring"
FAULTS: tuple[FaultKind, ...] = ("killed", "full", "stopped")
QUICK: list[tuple[str, FaultKind]] = [  # the slow part tries each fault at every step of each kind
    ("init", "killed"),
    ("join", "full"),
    ("invite", "stopped"),
]


@dataclass(frozen=True)
class Beginning:
    """A machine on which `line` is to bring bo into `store`; `store_is_new` if it makes it."""

    machine: Office
    line: str
    store: Path
    profile: str | None
    store_is_new: bool = False

    @property
    def command(self) -> Command:
        return Command(self.line, self.profile)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.store)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def is_member(self) -> bool:
        found = self.store.exists() and bool(self.rows("SELECT 1 FROM sqlite_master"))
        return found and bool(
            self.rows("SELECT 1 FROM members WHERE handle = 'bo' AND signing_key IS NOT NULL")
        )

    def strangers(self) -> set[str]:
        """Return the private keys on this machine whose member is not in the store."""
        known = set()
        if self.store.exists() and self.rows("SELECT 1 FROM sqlite_master"):
            known = {row[0] for row in self.rows("SELECT id FROM members")}
        path = self.machine.folder / "keyring.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        labels = {label for entries in kept.values() for label in entries}
        labels -= {label for label in labels if label.startswith("probe_")}  # no key of anybody
        return {label for label in labels if label.split("_")[1].replace("-", "") not in known}

    def left_over(self) -> list[Path]:
        return [path for path in self.machine.files() if ".begun" in path.name]

    def is_whole(self) -> None:
        assert len(self.rows("SELECT 1 FROM members WHERE handle = 'bo'")) == 1
        assert (self.strangers(), self.left_over()) == (set(), [])
        keys = self.machine.ok("key list --json", profile="bo").json["keys"]
        assert keys[0]["handle"] == "bo"
        # Where a note could not be removed, the profile's next command says what became of it.
        if self.profile is not None:
            self.machine.ok("list", profile=self.profile)
        assert [
            path for path in self.machine.files() if path.parent.parent.name == "outstanding"
        ] == []
        names = self.rows("SELECT count(*) FROM organizations")
        assert names == [(1,)]


Prepare = Callable[[Path, Office], Beginning]


def founding(folder: Path, _office: Office) -> Beginning:
    folder.mkdir(mode=0o700)
    store = folder / "elsewhere" / "assign.db"
    line = f"init --organization Nyforeningen --handle bo {BO} --store {store}"
    return Beginning(Office(folder), line, store, None, store_is_new=True)


def joining(folder: Path, office: Office) -> Beginning:
    there = office.copy_to(folder / "there")
    machine = Office(folder / "here")
    machine.folder.mkdir(mode=0o700)
    line = f"join {there.invitation('bo', 'Bo B')} --keys keyring"
    return Beginning(machine, line, there.store, None)


def inviting(folder: Path, office: Office) -> Beginning:
    copy = office.copy_to(folder)
    return Beginning(copy, f"member invite bo --here {BO}", copy.store, "anne")


KINDS: dict[str, Prepare] = {"init": founding, "join": joining, "invite": inviting}


def steps_of(kind: str, fault: FaultKind, folder: Path, office: Office) -> int:
    """Return how many steps the whole command has, as far as this fault can happen in them."""
    begun = KINDS[kind](folder, office)
    ended = broken(begun.machine, begun.command, fault, 0)
    assert ended.said.code == 0, ended.said.said
    begun.is_whole()
    return ended.points.count


def broken_and_run_again(
    kind: str, fault: FaultKind, at: int, folder: Path, office: Office
) -> None:
    begun = KINDS[kind](folder, office)
    result = broken(begun.machine, begun.command, fault, at).said
    if result is not None and result.code != 0:
        assert "internal_error" not in result.said, result.said
        if not begun.is_member():
            assert (begun.strangers(), begun.left_over()) == (set(), [])
            assert not begun.store_is_new or not begun.store.exists()
    if result is None or result.code != 0:
        begun.machine.ok(begun.line, profile=begun.profile)
    begun.is_whole()


@pytest.mark.parametrize(("kind", "fault"), a_few(1, of=QUICK))
def test_whole_or_nothing_at_two_steps(
    office: Office, tmp_path: Path, kind: str, fault: FaultKind
) -> None:
    count = steps_of(kind, fault, tmp_path / "whole", office)
    for at in (count // 2, count):
        broken_and_run_again(kind, fault, at, tmp_path / f"at{at}", office)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_whole_or_nothing_at_every_step(
    office: Office, tmp_path: Path, kind: str, fault: FaultKind
) -> None:
    count = steps_of(kind, fault, tmp_path / "whole", office)
    for at in range(1, count + 1):
        broken_and_run_again(kind, fault, at, tmp_path / f"at{at}", office)
