"""The ballast: room kept back, so that an ending can be recorded on a full disk."""

from __future__ import annotations

import errno
import secrets
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from assigncli.errors import StoreUnavailable
from assigncli.server.store import ballast
from assigncli.server.store.ballast import BALLAST_BYTES
from assigncli.server.vault.vault import Vault
from tests import slots
from tests.small_disk import fill, in_memory


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store is."""
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    path = folder / "assign.db"
    path.touch(mode=0o600)
    return path


@pytest.fixture
def place(store: Path) -> Path:
    """Where the store's ballast is, once it is made."""
    made = ballast.beside(store)
    assert ballast.keep(made)
    return made


# Made, freed, remade


def test_a_ballast_is_noise_that_takes_up_room(place: Path) -> None:
    facts = place.stat()
    assert (facts.st_size, facts.st_mode & 0o777) == (1 << 20, 0o600)
    assert len(zlib.compress(place.read_bytes())) > BALLAST_BYTES * 0.99, "noise"
    if hasattr(facts, "st_blocks"):
        assert facts.st_blocks * 512 >= BALLAST_BYTES, "it takes up room"


def test_freed_once_and_made_again(place: Path) -> None:
    before = place.read_bytes()
    assert ballast.free(place)
    assert not place.exists()
    assert not ballast.free(place)
    assert ballast.keep(place)
    assert place.stat().st_size == BALLAST_BYTES
    assert place.read_bytes() != before


def test_a_whole_ballast_is_left_alone(place: Path) -> None:
    before = place.read_bytes()
    assert ballast.keep(place)
    assert place.read_bytes() == before


def test_a_short_ballast_is_made_again(place: Path) -> None:
    place.write_bytes(b"x" * 100)
    assert ballast.keep(place)
    assert place.stat().st_size == BALLAST_BYTES


def test_a_link_is_no_ballast(place: Path) -> None:
    other = place.with_name("other")
    place.rename(other)
    place.symlink_to(other)
    assert ballast.keep(place)
    assert not place.is_symlink()
    assert other.stat().st_size == BALLAST_BYTES


def test_the_ballast_lies_by_the_real_file(store: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(store)
    assert ballast.beside(link) == ballast.beside(store) == store.with_name("assign.db.ballast")


def test_what_was_freed_is_taken_up_again_but_for_a_little(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = SimpleNamespace(free=0)
    monkeypatch.setattr("assigncli.server.store.ballast.shutil.disk_usage", lambda _folder: room)
    left = 1 << 16
    for free, size in (
        (left, 0),
        (left + 1, 1),
        (BALLAST_BYTES, BALLAST_BYTES - left),
        (1 << 30, BALLAST_BYTES),
    ):
        ballast.free(place)
        room.free = free
        ballast.put_back(place)
        assert (place.stat().st_size if place.exists() else 0) == size
    ballast.put_back(place)
    assert place.stat().st_size == BALLAST_BYTES, "one that is there is left alone"


# Where it cannot be made


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("step", ["create_file", "os.fsync", "shutil.disk_usage"])
def test_nothing_is_raised_and_no_half_is_left(
    place: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(number, "no")

    place.unlink()
    monkeypatch.setattr(f"assigncli.server.store.ballast.{step}", fail)
    assert not ballast.keep(place)
    assert not place.exists()


def test_a_ballast_does_not_fill_the_disk_itself(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.unlink()
    room = SimpleNamespace(free=2 * BALLAST_BYTES - 1)
    monkeypatch.setattr("assigncli.server.store.ballast.shutil.disk_usage", lambda _folder: room)
    assert not ballast.keep(place)
    room.free += 1
    assert ballast.keep(place)


def test_what_is_in_its_place_and_cannot_go(place: Path) -> None:
    place.unlink()
    (place / "inside").mkdir(parents=True)
    assert not ballast.keep(place)
    assert not ballast.free(place)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    nowhere = ballast.beside(tmp_path / "gone" / "assign.db")
    assert not ballast.keep(nowhere)
    assert not ballast.free(nowhere)


# What SQLite says when the disk is full


# A disk that really is full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB, where we may mount one."""
    with in_memory(tmp_path / "disk", "12m") as folder:
        yield folder


def test_a_full_disk_keeps_no_share_alive(small_disk: Path) -> None:
    """Not the last byte of room is needed to delete, and nothing is lost where none can be kept."""
    vault = Vault.create(small_disk / "assign.db.vault")
    shares = {uuid4(): secrets.token_bytes(32) for _ in range(30_000)}
    vault.put_all(shares.items())
    other = fill(small_disk)
    before = slots.shares(vault.path)
    for count in (100, 10_000):  # one may fit behind the last, where the file ends within a block
        with pytest.raises(StoreUnavailable) as refusal:
            vault.put_all((uuid4(), secrets.token_bytes(32)) for _ in range(count))
        assert refusal.value.code == "disk_full"
    assert slots.shares(vault.path) == before
    gone = list(shares)[::10]
    assert vault.revoke(gone) == set(gone)
    left = vault.path.read_bytes()
    assert not [key for key in gone[::5] if shares[key] in left]
    assert not ballast.keep(ballast.beside(small_disk / "assign.db"))
    other.unlink()
    assert ballast.keep(ballast.beside(small_disk / "assign.db"))
    assert vault.check()
    vault.put(uuid4(), secrets.token_bytes(32))
    assert vault.revoke(shares) == set(shares) - set(gone)
