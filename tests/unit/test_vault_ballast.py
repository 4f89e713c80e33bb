"""The ballast: room kept back, so that a full disk does not keep a share alive."""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
import subprocess
import zlib
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli import ballast
from assigncli import vault as module
from assigncli.ballast import BALLAST_BYTES
from assigncli.errors import StoreUnavailable
from assigncli.vault import Vault

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An empty vault."""
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    return Vault.create(folder / "assign.db.vault")


@pytest.fixture
def place(vault: Vault) -> Path:
    """Where the vault's ballast is."""
    return vault.path.with_name("assign.db.vault.ballast")


def filled(vault: Vault, count: int) -> dict[UUID, bytes]:
    """Put so many shares and return them."""
    shares = {uuid4(): secrets.token_bytes(32) for _ in range(count)}
    vault.put_all(shares.items())
    return shares


def everywhere(folder: Path) -> bytes:
    """Return all bytes of the files of vault and ballast."""
    return b"".join(path.read_bytes() for path in folder.glob("assign.db*"))


# Made, freed, remade


def test_a_new_vault_has_its_ballast(place: Path) -> None:
    facts = place.stat()
    assert (facts.st_size, facts.st_mode & 0o777) == (1 << 20, 0o600)
    assert len(zlib.compress(place.read_bytes())) > BALLAST_BYTES * 0.99, "noise"
    if hasattr(facts, "st_blocks"):
        assert facts.st_blocks * 512 >= BALLAST_BYTES, "it takes up room"


def test_freed_once_and_made_again(vault: Vault, place: Path) -> None:
    before = place.read_bytes()
    assert vault.free_ballast()
    assert not place.exists()
    assert not vault.free_ballast()
    assert vault.keep_ballast()
    assert place.stat().st_size == BALLAST_BYTES
    assert place.read_bytes() != before


def test_a_whole_ballast_is_left_alone(vault: Vault, place: Path) -> None:
    before = place.read_bytes()
    assert vault.keep_ballast()
    assert place.read_bytes() == before


def test_a_short_ballast_is_made_again(vault: Vault, place: Path) -> None:
    place.write_bytes(b"x" * 100)
    assert vault.keep_ballast()
    assert place.stat().st_size == BALLAST_BYTES


def test_a_link_is_no_ballast(vault: Vault, place: Path) -> None:
    other = place.with_name("other")
    place.rename(other)
    place.symlink_to(other)
    assert vault.keep_ballast()
    assert not place.is_symlink()
    assert other.stat().st_size == BALLAST_BYTES


def test_the_ballast_lies_by_the_real_file(vault: Vault, tmp_path: Path) -> None:
    link = tmp_path / "link.vault"
    link.symlink_to(vault.path)
    assert ballast.beside(link) == ballast.beside(vault.path)


def test_a_vault_opens_without_ballast(vault: Vault, place: Path) -> None:
    place.unlink()
    opened = Vault.open(vault.path)
    assert len(filled(opened, 3)) == 3
    assert not place.exists(), "opening makes none"


# Where it cannot be made


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("step", ["create_file", "os.fsync", "shutil.disk_usage"])
def test_nothing_is_raised_and_no_half_is_left(
    vault: Vault, place: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(number, "no")

    place.unlink()
    monkeypatch.setattr(f"assigncli.ballast.{step}", fail)
    assert not vault.keep_ballast()
    assert not place.exists()


def test_a_ballast_does_not_fill_the_disk_itself(
    vault: Vault, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.unlink()
    room = SimpleNamespace(free=2 * BALLAST_BYTES - 1)
    monkeypatch.setattr("assigncli.ballast.shutil.disk_usage", lambda _folder: room)
    assert not vault.keep_ballast()
    room.free += 1
    assert vault.keep_ballast()


def test_what_is_in_its_place_and_cannot_go(vault: Vault, place: Path) -> None:
    place.unlink()
    (place / "inside").mkdir(parents=True)
    assert not vault.keep_ballast()
    assert not vault.free_ballast()


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    nowhere = Vault(tmp_path / "gone" / "assign.db.vault")
    assert not nowhere.keep_ballast()
    assert not nowhere.free_ballast()


# What SQLite says when the disk is full


@pytest.mark.parametrize(
    ("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)]
)
def test_whether_a_folder_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, full: bool
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(number, "no")

    assert not ballast.is_full(tmp_path)
    monkeypatch.setattr("assigncli.ballast.os.fsync", fail)
    assert ballast.is_full(tmp_path) is full
    assert list(tmp_path.iterdir()) == []


Failing = Callable[[str], str | None]


def sqlite_fails(monkeypatch: pytest.MonkeyPatch, failing: Failing) -> None:
    """Let SQLite fail with the error that `failing` names, and be one that overwrites nothing."""

    class Connection(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            super().execute("PRAGMA secure_delete = OFF")

        def execute(self, sql: str, *arguments: object) -> sqlite3.Cursor:  # type: ignore[override]
            name = failing(sql)
            if name is not None:
                error = sqlite3.OperationalError("failed")
                error.sqlite_errorname = name
                raise error
            return super().execute(sql, *arguments)  # type: ignore[arg-type]

    real = sqlite3.connect
    monkeypatch.setattr(
        module.sqlite3, "connect", lambda *a, **o: real(*a, **o, factory=Connection)
    )


@pytest.mark.parametrize(
    "name",
    ["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_CANTOPEN"],
)
@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "DELETE", "COMMIT", "VACUUM"])
def test_a_deletion_takes_the_ballast_s_room(
    vault: Vault, place: Path, monkeypatch: pytest.MonkeyPatch, statement: str, name: str
) -> None:
    shares = filled(vault, 100)
    monkeypatch.setattr("assigncli.ballast.is_full", lambda _folder: place.exists())
    sqlite_fails(
        monkeypatch, lambda sql: name if sql.startswith(statement) and place.exists() else None
    )
    assert vault.revoke(shares) == set(shares)
    assert not place.exists()
    monkeypatch.undo()
    assert not [share for share in shares.values() if share in everywhere(vault.path.parent)]


@pytest.mark.parametrize("statement", ["DELETE", "VACUUM"])
@pytest.mark.parametrize(
    ("name", "code"),
    [("SQLITE_IOERR_WRITE", "vault_out_of_reach"), ("SQLITE_BUSY", "store_busy")],
)
def test_other_trouble_costs_no_ballast(
    vault: Vault,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    name: str,
    code: str,
) -> None:
    sqlite_fails(monkeypatch, lambda sql: name if sql.startswith(statement) else None)
    with pytest.raises(StoreUnavailable) as refusal:
        vault.revoke([uuid4()])
    assert refusal.value.code == code
    assert place.exists()


def test_a_disk_too_full_to_rebuild_the_file(
    vault: Vault, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = filled(vault, 100)
    with monkeypatch.context() as patch:
        sqlite_fails(patch, lambda sql: "SQLITE_FULL" if sql == "VACUUM" else None)
        assert vault.revoke(shares) == set(shares)
        assert not place.exists(), "its room was tried"
        with pytest.raises(StoreUnavailable) as refusal:
            vault.compact()
    assert refusal.value.code == "disk_full"
    assert not [share for share in shares.values() if share in everywhere(vault.path.parent)]


# A disk that really is full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB, where we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "tmpfs", str(folder)]
    if not ROOT or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill a disk to its last byte; return the file that does."""
    other = folder / "other"
    with other.open("wb", buffering=0) as file:
        for size in (1 << 16, 1):
            with pytest.raises(OSError, match="space"):
                write_for_ever(file, bytes(size))
    return other


def write_for_ever(file: FileIO, block: bytes) -> None:
    """Write until it cannot be."""
    while True:
        file.write(block)


@pytest.mark.slow
def test_a_full_disk_keeps_no_share_alive(small_disk: Path) -> None:
    """The deletions of one transaction would need more room than the ballast gives back."""
    vault = Vault.create(small_disk / "assign.db.vault")
    shares = filled(vault, 30_000)
    assert vault.path.stat().st_size > 2 * BALLAST_BYTES
    other = fill(small_disk)
    with pytest.raises(StoreUnavailable) as refusal:
        filled(vault, 1)
    assert refusal.value.code == "disk_full"
    gone = list(shares)[::10]
    assert vault.revoke(gone) == set(gone)
    left = everywhere(small_disk)
    assert not [key for key in gone[::5] if shares[key] in left]
    assert not vault.keep_ballast()
    other.unlink()
    assert vault.keep_ballast()
    assert vault.check()
    assert vault.revoke(shares) == set(shares) - set(gone)


def test_a_full_disk_without_ballast_deletes_nothing_in_silence(small_disk: Path) -> None:
    vault = Vault.create(small_disk / "assign.db.vault")
    shares = filled(vault, 100)
    vault.free_ballast()
    fill(small_disk)
    with pytest.raises(StoreUnavailable) as refusal:
        vault.revoke(shares)
    assert refusal.value.code == "disk_full"
    assert set(vault.marks(shares)) == set(shares)
    assert vault.check()
