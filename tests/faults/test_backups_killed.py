"""Backups and restores that are killed, on a full disk, or beside many writers.

A backup is whole or not there; after a restore the old store or the new one is there, whole, and no
share is live that the list of deletions names.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assigncli.server.store import copying
from assigncli.server.store.engine import APPLICATION_ID, Store
from tests.acting import acting, identity_of
from tests.acts import VERBS
from tests.backing_up import (
    agreed,
    backed_up,
    before_restore,
    confirmed,
    list_of_deletions,
    require_sound,
    restored,
    with_passphrase,
)
from tests.office import Office
from tests.processes import Command, at_once, counted, killed_at
from tests.refusals import rows
from tests.slots import shares
from tests.small_disk import in_memory

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

EXAMINED = 5
"""How many of the points are examined in full, evenly spread; a glance is taken at each."""


@pytest.mark.slow
def test_a_backup_that_is_killed_is_whole_or_not_there(office: Office, tmp_path: Path) -> None:
    office.dispatch()
    backed_up(office)
    target = tmp_path / "out" / "nightly"
    target.parent.mkdir()
    command = Command(f"store backup {target}")
    last = counted(office.copy_to(tmp_path / "alone"), command).count
    target.unlink()
    there = []
    for point in range(1, last + 1):
        copy = office.copy_to(tmp_path / "killed")
        store = copy.store.read_bytes()
        killed_at(copy, command, point)
        assert copy.store.read_bytes() == store
        there.append(target.exists())
        if target.exists():
            copy.ok(f"store check {target}")
            target.unlink()
        for left in target.parent.iterdir():
            assert left.name.startswith(".nightly."), left
            left.unlink()
        shutil.rmtree(copy.folder)
    print(f"killed at {last} points, whole at {sum(there)}")
    assert there == sorted(there)
    assert not there[0]


@pytest.mark.slow
@pytest.mark.parametrize("is_lost", [False, True], ids=["over the store", "where none is"])
def test_a_restore_that_is_killed_leaves_the_old_store_or_the_new_one(
    office: Office, tmp_path: Path, *, is_lost: bool
) -> None:
    office.dispatch()
    office.dispatch()
    backup, old_vault = backed_up(office), office.vault.read_bytes()
    office.ok("recall 1 --yes")
    deletions = list_of_deletions(office)
    dead = {key for (key,) in rows(office, "SELECT id FROM encryption_keys WHERE revoked_at > ''")}
    size = rows(office, "SELECT max(sequence) FROM audit_log")
    if is_lost:
        office.store.unlink()
        office.vault.write_bytes(old_vault)
    command = Command(
        f"store restore {backup} --deletions {deletions} --yes {with_passphrase(office)}"
    )
    tried = range(1, counted(office.copy_to(tmp_path / "alone"), command).count + 1)
    became: list[str] = []
    for point in tried:
        copy = office.copy_to(tmp_path / "killed")
        killed_at(copy, command, point)
        became.append(require_old_or_new(copy, size, is_lost=is_lost))
        if became[-1] == "new":
            assert not held(copy) & dead
        if became[-2:] == ["old", "new"] or point in tried[:: len(tried) // EXAMINED]:
            require_restored_again(copy, command, dead)
        shutil.rmtree(copy.folder)
    print(f"killed at {len(tried)} points, new at {became.count('new')}")
    assert became == ["old"] * became.count("old") + ["new"] * became.count("new")
    assert set(became) == {"old", "new"}


def require_restored_again(copy: Office, command: Command, dead: set[str]) -> None:
    """Assert that the same command ends what was begun, and that nothing deleted opens."""
    before_restore(copy).unlink(missing_ok=True)
    copy.ok(command.line)
    assert not held(copy) & dead
    confirmed(copy)
    agreed(copy, "kari")
    assert copy.run("open 1 --reveal", profile="kari").error_code == "share_missing"
    copy.ok("open 2 --reveal", profile="kari")
    require_sound(copy)


def held(office: Office) -> set[str]:
    """Return the keys whose share is live in the vault."""
    return {key.hex() for key in shares(office.vault)}


def require_old_or_new(copy: Office, size: list[tuple[object, ...]], *, is_lost: bool) -> str:
    """Return whether the old store is there or the new one; it must be one of them, whole."""
    if not copy.store.exists():
        assert is_lost
        return "old"
    is_new = bool(rows(copy, "SELECT 1 FROM log_restores"))
    if not is_new:
        assert rows(copy, "SELECT max(sequence) FROM audit_log") == size
        copy.ok("list")
    return "new" if is_new else "old"


@pytest.mark.slow
@pytest.mark.parametrize("word", ["--confirm --cause disk_failed", "--accept --yes"])
def test_a_word_on_a_restore_that_is_killed_is_given_by_saying_it_again(
    office: Office, tmp_path: Path, word: str
) -> None:
    office.dispatch()
    backup = backed_up(office)
    office.dispatch()
    restored(office, backup, f"--deletions {list_of_deletions(office)}")
    accepts = word.startswith("--accept")
    if accepts:
        confirmed(office)
    command = Command(f"store restore {word}", "kari" if accepts else "anne")
    count = counted(office.copy_to(tmp_path / "alone"), command).count
    for point in range(1, count + 1):
        copy = office.copy_to(tmp_path / "killed")
        killed_at(copy, command, point)
        again = copy.run(command.line, profile=command.profile)
        assert again.error_code in ("", "restore_not_found"), again.said
        if not accepts:
            agreed(copy, "kari")
        assert rows(copy, "SELECT count(*) FROM audit_log WHERE action = 'log.restored'") == [(1,)]
        copy.ok("open 1 --reveal", profile="kari")
        require_sound(copy)
        shutil.rmtree(copy.folder)
    print(f"killed at {count} points")


@pytest.mark.slow
def test_on_a_full_disk_a_backup_is_not_there_and_a_restore_changes_nothing(
    office: Office, tmp_path: Path
) -> None:
    office.dispatch()
    backup = backed_up(office)
    with in_memory(tmp_path / "disk", "200k") as disk:
        said = office.refused(f"store backup {disk}/b", "disk_full", 7)
        assert "is full" in said.stderr
        assert list(disk.iterdir()) == []
        line = f"store restore {backup} --store {disk}/assign.db --yes {with_passphrase(office)}"
        office.refused(line, "disk_full", 7)
        assert not (disk / "assign.db").exists()
        assert not list(disk.glob(".*"))


SECONDS = 15
WRITERS = 8


@dataclass(frozen=True)
class Writer:
    """Makes and sends for a while; returns the longest that one act took."""

    def __call__(self, office: Office, together: Callable[[], object]) -> float:
        identity, longest = identity_of(office, "anne"), 0.0
        together()
        ends = time.monotonic() + SECONDS
        with acting(office, "anne", identity=identity) as session:
            while time.monotonic() < ends:
                began = time.monotonic()
                VERBS["send"](session, "kari")
                longest = max(longest, time.monotonic() - began)
        return longest


@dataclass(frozen=True)
class Backer:
    """Backs up again and again; with few pages in a step, others write between the steps."""

    folder: Path
    pages: int

    def __call__(self, office: Office, together: Callable[[], object]) -> int:
        together()
        ends, made = time.monotonic() + SECONDS, 0
        while time.monotonic() < ends:
            made += 1
            target = self.folder / f"{self.pages}-{made}"
            target.touch()
            copying.copy(office.store, target, pages=self.pages)
        return made


@pytest.mark.slow
def test_backups_beside_eight_writing_processes_are_each_of_one_moment(
    office: Office, tmp_path: Path
) -> None:
    office.dispatch()
    backed_up(office)
    *longest, many, few = at_once(
        office,
        *[Writer() for _writer in range(WRITERS)],
        Backer(tmp_path, copying.PAGES),
        Backer(tmp_path, 20),
    )
    print(f"{many} and {few} backups, the longest act {max(longest):.2f} s")
    assert min(many, few) > 1
    sizes = []
    for number in range(1, many + 1):
        sizes.append(require_consistent(tmp_path / f"{copying.PAGES}-{number}"))
    for number in range(1, few + 1):
        require_consistent(tmp_path / f"20-{number}")
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def require_consistent(path: Path) -> int:
    """Assert that a copy is of one moment: whole, and each assignment has its entries."""
    copying.mark(path, APPLICATION_ID)
    with Store.inspect(path) as store, store.read() as tx:
        connection = tx.connection()
        (found,) = connection.exec_driver_sql("PRAGMA integrity_check").one()
        assert found == "ok"
        made, entries, size = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM assignments),"
            " (SELECT count(*) FROM audit_log WHERE action = 'assignment.created'),"
            " (SELECT max(sequence) FROM audit_log)"
        ).one()
        assert made == entries
        return int(size)


def test_a_copy_begins_again_when_somebody_writes_and_ends_all_the_same(
    office: Office, tmp_path: Path
) -> None:
    """A writer between any two steps: after some beginnings the copy is made in one step."""
    target, ended = tmp_path / "copy", threading.Event()
    target.touch()

    def write() -> None:
        with Store.open(office.store) as store:
            while not ended.is_set():
                with store.write() as tx:
                    tx.connection().exec_driver_sql("UPDATE store_info SET recent_writes = 'x'")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copying.copy(office.store, target, pages=1)
    finally:
        ended.set()
        writer.join()
    require_consistent(target)
