"""A disk that is really full during an expiry: the share goes all the same.

With the ballast's room the whole expiry fits; where not even that suffices, the share at least.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assigncli.server.store.ballast import BALLAST_BYTES
from tests.attacker import column
from tests.office import Office
from tests.small_disk import fill, in_memory
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

NIGHT = moment("2026-12-01T02:00:00")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB, where we may mount one."""
    with in_memory(tmp_path / "disk", "8m") as folder:
        yield folder


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


def test_the_ballast_makes_room_for_an_expiry(office: Office, disk: Path) -> None:
    found = share(office, 1)
    other = fill(disk)
    office.refused("config set retention_days 5", "disk_full", 7)
    swept(office, EXPIRED.format(1))
    assert column(office, 1, "status") == "expired"
    assert files_with(office, found) == []
    assert 0 < ballast(office).stat().st_size < BALLAST_BYTES, "some of its room was needed"
    assert opened(office, 1).stdout == ""
    other.unlink()
    swept(office)
    assert ballast(office).stat().st_size == BALLAST_BYTES
    whole(office)


@pytest.mark.slow
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
