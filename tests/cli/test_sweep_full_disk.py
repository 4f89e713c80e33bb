"""A disk that is really full during an expiry: the share goes all the same.

With the ballast's room the whole expiry fits; where not even that suffices, the share at least.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from assigncli.ballast import BALLAST_BYTES
from tests.attacker import column
from tests.office import Office
from tests.sweeping import (
    EXPIRED,
    files_with,
    held_shares,
    moment,
    opened,
    outcomes,
    settled,
    share,
    sweep,
    swept,
    whole,
)

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
NIGHT = moment("2026-12-01T02:00:00")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB, where we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(folder)]
    if not ROOT or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def office(founded: Office, disk: Path) -> Office:
    """An office on the small disk, in the night after which number 1 has expired."""
    office = founded.copy_to(disk / "office")
    office.dispatch("--expires 28.11.2026")
    settled(office)
    office.now = NIGHT
    return office


def ballast(office: Office) -> Path:
    return office.store.with_name("assign.db.ballast")


def fill(folder: Path) -> Path:
    """Fill the disk to its last byte; return the file that does."""
    other = folder / "other"
    with other.open("wb", buffering=0) as file:
        for size in (1 << 16, 1):
            with pytest.raises(OSError, match="space"):
                write_for_ever(file, bytes(size))
    return other


def write_for_ever(file: FileIO, block: bytes) -> None:
    while True:
        file.write(block)


def test_the_ballast_makes_room_for_an_expiry(office: Office, disk: Path) -> None:
    found = share(office, 1)
    other = fill(disk)
    office.refused("config set retention_days 5", "disk_full", 7)
    swept(office, EXPIRED.format(1))
    assert column(office, 1, "status") == "expired"
    assert files_with(office, found) == []
    assert not ballast(office).exists(), "its room was needed"
    assert opened(office, 1).stdout == ""
    other.unlink()
    swept(office)
    assert ballast(office).stat().st_size == BALLAST_BYTES
    whole(office)


def test_the_share_goes_where_the_store_cannot_say_so(office: Office, disk: Path) -> None:
    """A ballast that somebody made small gives room for the share's end only."""
    found = share(office, 1)
    ballast(office).write_bytes(os.urandom(28 << 10))
    other = fill(disk)
    said = outcomes(office, code=5)
    assert said == [("expired", 1, None, "disk_full")]
    assert not ballast(office).exists()
    assert column(office, 1, "status") == "dispatched"
    assert held_shares(office) == 0
    assert files_with(office, found) == []
    assert opened(office, 1).stdout == ""
    (line,) = sweep(office, code=5)
    assert line.endswith(" Code: disk_full.")
    other.unlink()
    swept(office, EXPIRED.format(1))
    assert column(office, 1, "status") == "expired"
    assert ballast(office).stat().st_size == BALLAST_BYTES
    swept(office)
    whole(office)


def test_nothing_is_lost_on_a_full_disk_without_a_ballast(office: Office, disk: Path) -> None:
    """Nothing can be done then but say so, and refuse the readers."""
    ballast(office).unlink()
    other = fill(disk)
    said = outcomes(office, code=5)
    assert said
    assert {problem for *_facts, problem in said} == {"disk_full"}
    assert opened(office, 1).stdout == ""
    other.unlink()
    swept(office, EXPIRED.format(1))
    assert held_shares(office) == 0
    whole(office)
