"""`store move` killed, stopped or without a disk at any step: one place works, and it goes on.

Never both, and never neither. Wherever a second copy of the vault may be, that is said.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from assigncli.server.store import move_note
from assigncli.server.store.move_note import Way
from tests import slots
from tests.office import Office
from tests.points import FaultKind, Points
from tests.processes import Command, broken, counted, killed_at

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

Kill = Callable[[Office, Command, int], None]
PARTS = {"assign.db", "assign.db.ballast", "assign.db.service", "assign.db.vault"}


@pytest.fixture(params=["one disk", "two disks"])
def folders(request: pytest.FixtureRequest, office: Office) -> Iterator[Callable[[int], Path]]:
    """Return a new folder for each attempt to move to, on the office's disk or on another."""
    if request.param == "one disk":
        yield partial(_numbered, office.folder.parent)
        return
    for place in ("/var/tmp", "/tmp"):  # noqa: S108 - a private folder is made in it
        if os.stat(place).st_dev != os.stat(office.folder).st_dev:
            found = Path(tempfile.mkdtemp(prefix="assign-move-", dir=place))
            yield partial(_numbered, found)
            shutil.rmtree(found)
            return
    pytest.skip("there is only one file system to write to here")


def _numbered(folder: Path, at: int) -> Path:
    return folder / f"server-{at}"


State = tuple[tuple[tuple[tuple[str, int], ...], Way | None], ...]


def state(old: Path, new: Path) -> State:
    """Return which files of a store are in both places, and what kind of note each has."""
    found: list[tuple[tuple[tuple[str, int], ...], Way | None]] = []
    for folder in (old, new):
        files = {path.name: path.stat().st_size for path in folder.glob("assign.db*")}
        files |= {path.name: 0 for path in folder.glob("assign.db.service/*")}
        note = move_note.read(folder / "assign.db")
        found.append((tuple(sorted(files.items())), note and note.way))
    return tuple(found)


def works(office: Office, store: Path) -> bool:
    """Say whether a profile that names this place can list what was sent."""
    path = office.home / "profiles" / "kari.json"
    names = {"store": str(store), "vault": f"{store}.vault"}
    path.write_text(json.dumps({**json.loads(path.read_text()), **names}))
    result = office.run("inbox --json", profile="kari")
    if result.code:
        assert result.error["code"] in ("store_moved", "store_moving", "store_missing"), result.said
    return result.code == 0


def require_one_place(office: Office, old: Path, new: Path) -> bool:
    """Hold that one place works and not the other; return whether it is the new one."""
    working = [works(office, folder / "assign.db") for folder in (old, new)]
    assert sorted(working) == [False, True]
    vaults = [folder / "assign.db.vault" for folder in (old, new)]
    copies = [path for path in vaults if path.exists() and path.read_bytes().strip(b"\0")]
    if len(copies) > 1:
        notes = [move_note.read(folder / "assign.db") for folder in (old, new)]
        assert all(notes), "a vault in two places, and nothing says so"
    return working[1]


def require_moved(office: Office, old: Path, new: Path, number: int, shares: object) -> None:
    assert {path.name for path in old.glob("assign.db*")} == {"assign.db.move"}
    assert {path.name for path in new.glob("assign.db*")} - {"assign.db-journal"} == PARTS
    assert slots.shares(new / "assign.db.vault") == shares
    assert works(office, new / "assign.db")
    office.read(number)
    assert office.ok("audit verify").code == 0


def line_for(office: Office, folder: Path) -> Command:
    return Command(f"store move --store {office.store} --to {folder} --yes", None)


def attempts(
    office: Office, folders: Callable[[int], Path], count: int, kill: Kill
) -> Iterator[tuple[Office, Path]]:
    """Yield what each kind of state was left in, first and last, and the folder moved to."""
    last: State | None = None
    kept: tuple[Office, Path] | None = None
    for at in range(1, count + 1):
        copy, folder = office.copy_to(office.folder.parent / f"killed-{at}"), folders(at)
        kill(copy, line_for(copy, folder), at)
        found = state(copy.home, folder)
        if found != last:
            if kept is not None:
                yield kept
            yield copy, folder
            kept = None
        else:
            kept = copy, folder
        last = found
    if kept is not None:
        yield kept


def examined(left: Iterator[tuple[Office, Path]], number: int, shares: object) -> set[bool]:
    """Hold what must hold at each state, and that the same command ends it; return what worked."""
    seen = set()
    for office, folder in left:
        seen.add(require_one_place(office, office.home, folder))
        office.ok(line_for(office, folder).line, profile=None)
        require_moved(office, office.home, folder, number, shares)
        shutil.rmtree(folder)
    return seen


def whole(office: Office, folders: Callable[[int], Path]) -> Points:
    copy = office.copy_to(office.folder.parent / "alone")
    return counted(copy, line_for(copy, folders(0)))


def test_killed_at_any_step_one_place_works_and_the_same_command_ends_it(
    office: Office, folders: Callable[[int], Path]
) -> None:
    number, shares = office.dispatch(), slots.shares(office.vault)
    count = whole(office, folders).count
    left = attempts(office, folders, count, killed_at)
    assert examined(left, number, shares) == {False, True}


@pytest.mark.parametrize("kind", ["killed", "full", "stopped"])
def test_without_a_disk_or_stopped_at_any_step_one_place_works(
    office: Office, folders: Callable[[int], Path], kind: FaultKind
) -> None:
    number, shares = office.dispatch(), slots.shares(office.vault)
    copy = office.copy_to(office.folder.parent / "alone")
    count = broken(copy, line_for(copy, folders(0)), kind, 0).points.count

    def fail(office: Office, command: Command, at: int) -> None:
        said = broken(office, command, kind, at).said
        assert said is None or "internal_error" not in said.said, said.said

    assert count > 10
    assert False in examined(attempts(office, folders, count, fail), number, shares)
