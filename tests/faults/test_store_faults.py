"""The store when another process holds it, the disk is full, it is read-only, or we are killed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from assigncli.errors import StoreUnavailable
from assigncli.server.store.engine import Store
from assigncli.server.store.tables import Organization
from tests.small_disk import in_memory

if os.name != "posix":
    pytest.skip("signals, modes and limits are POSIX only", allow_module_level=True)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROOT = os.geteuid() == 0
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]

HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE" if sys.argv[2] == "exclusive" else "BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(60)
"""

SPILL = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from assigncli.server.store.engine import Store
from assigncli.server.store.tables import Organization
now = datetime(2026, 3, 2, tzinfo=UTC)
store = Store.open(Path(sys.argv[1]))
with store.write() as tx:
    tx.connection().exec_driver_sql("PRAGMA cache_size = 5")
    for at in range(300):
        tx.add(Organization(id=uuid4(), name="x" * 500, name_salt=b"", name_key=str(at),
                            time_zone="Europe/Oslo", root_public_key=bytes(32), created_at=now))
    tx.flush()
    print("written", flush=True)
    time.sleep(60)
"""

TRY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from assigncli.errors import AssignError
from assigncli.server.store.engine import Store
from assigncli.server.store.tables import Organization
now = datetime(2026, 3, 2, tzinfo=UTC)
try:
    with Store.open(Path(sys.argv[1])) as store:
        with store.read() as tx:
            rows = tx.connection().exec_driver_sql("SELECT count(*) FROM store_info").scalar()
            print("read", rows)
        with store.write() as tx:
            tx.add(Organization(id=uuid4(), name="x", name_salt=b"", name_key="x",
                                time_zone="Europe/Oslo", root_public_key=bytes(32), created_at=now))
        print("wrote")
except AssignError as error:
    print(error.code)
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "home" / "store.db"
    Store.create(path, now=NOW).close()
    return path


@pytest.fixture
def store_path(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path / "home")


def copied(template: Path, folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "store.db"
    shutil.copyfile(template, path)
    path.chmod(0o600)
    return path


@contextmanager
def running(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script until it has said that it is where we want it."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def organization(name: str = "x") -> Organization:
    return Organization(
        id=uuid4(),
        name=name,
        name_salt=bytes(16),
        name_key=name,
        time_zone="Europe/Oslo",
        root_public_key=bytes(32),
        created_at=NOW,
    )


def count(path: Path) -> int:
    with Store.open(path) as store, store.read() as tx:
        found = tx.connection().exec_driver_sql("SELECT count(*) FROM organizations").scalar()
    assert isinstance(found, int)
    return found


def test_a_store_held_by_another_process_is_busy(store_path: Path) -> None:
    started = time.monotonic()
    with (
        running(HOLD, str(store_path), "exclusive"),
        pytest.raises(StoreUnavailable) as caught,
    ):
        Store.open(store_path, busy_seconds=0.2)
    assert caught.value.code == "store_busy"
    assert 0.1 < time.monotonic() - started < 5
    Store.open(store_path).close()


def test_a_store_written_by_another_process_can_be_read_but_not_written(store_path: Path) -> None:
    with (
        running(HOLD, str(store_path), "immediate"),
        Store.open(store_path, busy_seconds=0.2) as store,
    ):
        with store.read() as tx:
            tx.connection().exec_driver_sql("SELECT * FROM store_info").all()
        with pytest.raises(StoreUnavailable) as caught, store.write():
            pass
        assert caught.value.code == "store_busy"
    assert count(store_path) == 0


@pytest.mark.slow
def test_a_process_killed_in_the_middle_of_a_write_leaves_nothing(store_path: Path) -> None:
    with running(SPILL, str(store_path)):
        assert store_path.with_name("store.db-journal").stat().st_size > 0
    assert store_path.stat().st_size > 4096
    assert count(store_path) == 0
    with sqlite3.connect(store_path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def attempt(path: Path) -> list[str]:
    """Read and write as a user whom file modes hold back, root included."""
    command = [sys.executable, "-c", TRY, str(path)]
    if ROOT:
        if shutil.which("setpriv") is None:
            pytest.skip("root without setpriv cannot be held back by file modes")
        command = [*UNPRIVILEGED, *command]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


@pytest.mark.slow
def test_a_read_only_store_can_be_read_but_not_written(store_path: Path) -> None:
    store_path.chmod(0o400)
    store_path.parent.chmod(0o500)
    assert attempt(store_path) == ["read 1", "store_read_only"]


@pytest.mark.slow
def test_a_read_only_store_with_an_unfinished_write_says_so(store_path: Path) -> None:
    with running(SPILL, str(store_path)):
        pass
    store_path.chmod(0o400)
    store_path.with_name("store.db-journal").chmod(0o400)
    store_path.parent.chmod(0o500)
    assert attempt(store_path) == ["store_read_only"]


@pytest.mark.slow
def test_a_folder_without_room_for_a_journal_says_so(store_path: Path) -> None:
    store_path.parent.chmod(0o500)
    assert attempt(store_path) == ["read 1", "store_read_only"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 768 KB, where we may mount one."""
    with in_memory(tmp_path / "disk", "768k") as folder:
        yield folder


def fill(store: Store) -> None:
    with store.write() as tx:
        for at in range(2000):
            tx.add(organization(f"{at}" + "x" * 500))


def test_a_full_disk_changes_nothing(small_disk: Path, template: Path) -> None:
    path = copied(template, small_disk)
    with Store.open(path) as store:
        with pytest.raises(StoreUnavailable) as caught:
            fill(store)
        with store.write() as tx:
            tx.add(organization("after"))
    assert caught.value.code == "disk_full"
    assert count(path) == 1


def test_a_store_that_finds_no_room_is_not_half_made(small_disk: Path) -> None:
    (small_disk / "other").write_bytes(bytes(560_000))
    with pytest.raises(StoreUnavailable) as caught:
        Store.create(small_disk / "store.db", now=NOW)
    assert caught.value.code == "disk_full"
    assert [path.name for path in small_disk.iterdir()] == ["other"]


def test_a_refused_write_to_the_disk_changes_nothing(store_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Store.open(store_path) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (store_path.stat().st_size, before[1]))
        try:
            with pytest.raises(StoreUnavailable) as caught:
                fill(store)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code in ("store_io", "disk_full")
    assert count(store_path) == 0
