"""`doctor` tries with a second process whether two who write at once are kept apart.

Where bindfs can mount, on a real file system in user space; that it grants a lock by each of its
two ways is shown first, so that the finding is not believed for its own sake.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

import pytest

from assigncli.cli import machine
from assigncli.cli.machine import lock_check
from assigncli.server.store.locks import ANOTHER_FILE, KEPT_OUT, LET_IN, locked
from tests.office import Office

KEPT = "Two processes that write at once are kept apart."
MOUNTS = r"""
27 1 254:0 / / rw - ext4 /dev/vda rw
30 27 0:40 / /mnt/b rw - fuse /srv/a rw
31 27 0:41 / /mnt/two\040words rw - fuse.bindfs /srv/a/deep rw
32 27 0:42 / /mnt/far rw - fuse.sshfs anne@server:/srv/a rw
33 27 0:43 / /mnt/nfs rw - nfs /srv/a rw
"""


@contextmanager
def bindfs(folder: Path, point: Path, *options: str) -> Iterator[None]:
    program = shutil.which("bindfs")
    if program is None or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("no bindfs, or no /dev/fuse to mount with")
    for each in (folder, point):
        each.mkdir(mode=0o700, exist_ok=True)
    running = subprocess.Popen([program, "-f", *options, str(folder), str(point)])
    try:
        for _attempt in range(100):
            if point.is_mount() or running.poll() is not None:
                break
            time.sleep(0.05)
        if not point.is_mount():
            pytest.skip("bindfs may not mount here")
        yield
    finally:
        running.terminate()
        running.wait(10)


def finding(office: Office) -> tuple[bool, str]:
    found = office.run("doctor --json").json["findings"]
    return next((each["well"], each["finding"]) for each in found if each["name"] == "locks")


def pointed_at(office: Office, folder: Path) -> None:
    """Turn anne's profile to the same store, reached by another folder."""
    path = office.home / "profiles" / "anne.json"
    path.write_text(path.read_text().replace(f"{office.home}/assign", f"{folder}/assign"))


def test_on_a_local_disk_they_are_kept_apart_and_nothing_is_left_behind(office: Office) -> None:
    before = office.snapshot()
    well, said = finding(office)
    assert well
    assert said.startswith(KEPT)
    assert "cannot be tried from here" in said
    assert office.snapshot() == before


@pytest.mark.slow
def test_two_ways_by_which_both_are_let_in_are_found_from_either(
    office: Office, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    with bindfs(office.home, other, "--force-user=root"):
        both = [sqlite3.connect(each / "assign.db", timeout=0) for each in (office.home, other)]
        for connection in both:
            connection.execute("BEGIN IMMEDIATE")  # the danger itself: two hold one lock
            connection.rollback()
        for connection in both:
            connection.close()
        well, said = finding(office)
        assert (well, f"{other} leads to the same files as {office.home}" in said) == (False, True)
        pointed_at(office, other)
        well, said = finding(office)
        assert (well, f"{office.home} leads to the same files as {other}" in said) == (False, True)


@pytest.mark.slow
def test_a_mount_that_lets_in_two_by_one_way_is_found(office: Office, tmp_path: Path) -> None:
    """Bindfs passes locks on as one process: whoever comes by the mount holds them all."""
    other = tmp_path / "other"
    with bindfs(office.home, other, "--enable-lock-forwarding", "--multithreaded"):
        with locked(other / "probe", 7):
            assert lock_check._answer(other / "probe", 7) == LET_IN  # the danger itself
        for place in (office.home, other):
            well, said = finding(office)
            assert (well, f"Two processes in {other} are granted" in said) == (False, True), place
            pointed_at(office, other)


def test_a_mount_that_hides_what_is_behind_it_is_not_called_well(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    with bindfs(office.home, other):
        shown = machine.MOUNTS.read_text().replace(f"fuse {office.home}", "fuse hidden")
        (tmp_path / "mounts").write_text(shown)
        monkeypatch.setattr(machine, "MOUNTS", tmp_path / "mounts")
        pointed_at(office, other)
        well, said = finding(office)
        assert not well
        assert f"{other} is a mount (fuse)" in said


def test_a_file_system_that_grants_a_lock_twice_is_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def unlocked(path: Path, mark: int) -> Iterator[None]:
        # SQLite's own way without locks: the other process sees what it would see on such a disk.
        address = f"file:{path}?vfs=unix-none"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA user_version = {mark}")
            connection.execute("BEGIN IMMEDIATE")
            yield

    monkeypatch.setattr("assigncli.server.store.locks.locked", unlocked)
    well, said = finding(office)
    assert not well
    assert "are granted the same lock at once" in said


def test_a_folder_that_cannot_be_tried_is_not_called_well(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_check, "PATIENCE", 0.0)
    well, said = finding(office)
    assert not well
    assert "could not be tried" in said


def test_a_file_system_that_grants_the_lock_of_the_vault_alone_twice_is_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of a whole file and those of bytes are two: some mounts hold one of them."""
    monkeypatch.setattr("assigncli.server.store.locks.lock", lambda _handle: True)
    well, said = finding(office)
    assert not well
    assert "are granted the same lock at once" in said


def test_the_other_process_answers_what_is_so(tmp_path: Path) -> None:
    probe = tmp_path / "probe"
    with locked(probe, 7):
        assert lock_check._answer(probe, 7) == KEPT_OUT
        assert lock_check._answer(probe, 8) == ANOTHER_FILE
        assert lock_check._answer(tmp_path / "none", 7) == ANOTHER_FILE
    assert lock_check._answer(probe, 7) == LET_IN


@pytest.mark.parametrize(
    ("folder", "ways"),
    [
        ("/mnt/b/x", ["/srv/a/x"]),
        ("/srv/a", ["/mnt/b"]),
        ("/srv/a/deep/x", ["/mnt/b/deep/x", "/mnt/two words/x"]),
        ("/mnt/far/x", []),
        ("/mnt/nfs/x", []),
        ("/home/anne", []),
    ],
)
def test_where_the_same_files_may_also_be(folder: str, ways: list[str]) -> None:
    found = lock_check.other_ways(MOUNTS, PurePosixPath(folder))
    assert [str(each) for each in found] == ways
    assert machine.mount_of(MOUNTS, PurePosixPath("/mnt/b/x")).source == "/srv/a"  # type: ignore[union-attr]
