"""What is left of deleted shares on the disk itself: the raw image of a file system is searched.

Journal, free blocks and all. Processes are killed at each write and each sync on the way, and what
they left undone is done again, as the sweep does. For comparison the SQLite file that the vault
was before is put through the same: there the image keeps what the file has lost.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assigncli.server.vault import slot_file
from assigncli.server.vault.vault import Vault

pytestmark = pytest.mark.slow

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
IMAGE_BYTES = 24 << 20
FATAL = (*range(1, 33, 3), 4, 8, 40)
"""At which point each process dies: before or after one of 16 calls; the last one does not."""
Shares = dict[UUID, bytes]


@contextmanager
def mounted(image: Path) -> Iterator[Path]:
    """Mount the image, and write all of it back at the end."""
    folder = image.with_suffix(".mounted")
    folder.mkdir(exist_ok=True)
    words = ["mount", "-o", "loop", str(image), str(folder)]
    if not ROOT or subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("no permission to mount an image through a loop device")
    try:
        (folder / "home").mkdir(mode=0o700, exist_ok=True)
        yield folder / "home"
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An ext4 file system with a journal, as an installer makes one."""
    path = tmp_path / "disk.ext4"
    with path.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    try:
        subprocess.run(["mkfs.ext4", "-q", "-F", str(path)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no mkfs.ext4 here")
    return path


def fresh(count: int) -> Shares:
    return {uuid4(): secrets.token_bytes(32) for _ in range(count)}


def found_in(image: Path, shares: Shares) -> int:
    """Return how many of the shares are anywhere in the image."""
    content = image.read_bytes()
    return sum(share in content for share in shares.values())


def dying(usual: Callable[..., None], left: list[int]) -> Callable[..., None]:
    """Return one of the vault's calls, which kills its process before or after one of them."""

    def called(*arguments: object) -> None:
        for act in (None, usual):
            if act is not None:
                act(*arguments)
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return called


def put_and_delete(path: Path, new: Shares, gone: list[UUID], fatal: int) -> None:
    """Put shares, some at once and some alone, and delete others; killed at the point `fatal`."""
    left = [fatal]
    slot_file.write_at = dying(slot_file.write_at, left)
    slot_file.sync = dying(slot_file.sync, left)
    vault = Vault.open(path)
    one, *more = new.items()
    vault.put(*one)
    vault.put_all(more)
    vault.revoke(gone[:1])
    vault.revoke(gone[1:])


def test_no_deleted_share_is_anywhere_on_the_disk(image: Path) -> None:
    context = multiprocessing.get_context("spawn")
    gone: Shares = {}
    with mounted(image) as home:
        vault = Vault.create(home / "assign.db.vault")
        kept = fresh(20)
        vault.put_all(kept.items())
        ends = []
        for fatal in FATAL:
            new, dead = fresh(10), list(kept)[:10]
            process = context.Process(target=put_and_delete, args=(vault.path, new, dead, fatal))
            process.start()
            process.join(60)
            ends.append(process.exitcode)
            vault.revoke(dead)  # as the sweep does, whatever was done before
            gone |= {key: kept.pop(key) for key in dead}
            kept |= {key: new[key] for key in vault.held_among(new)}
            absent = fresh(20)
            vault.put_all(absent.items())
            kept |= absent
        assert vault.held_among(kept) == set(kept)
        assert not vault.held_among(gone)
        assert vault.check()
        subprocess.run(["sync", "-f", str(home)], check=True)
        assert found_in(image, gone) == 0
    assert -signal.SIGKILL in ends
    assert 0 in ends
    assert len(gone) >= 100
    assert found_in(image, gone) == 0
    assert found_in(image, kept) == len(kept), "the search finds what is there"


SCHEMA = """
CREATE TABLE shares (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key_id BLOB NOT NULL, share BLOB NOT NULL
);
CREATE UNIQUE INDEX shares_key_id ON shares (key_id);
"""


def test_an_sqlite_file_leaves_all_of_them_there(image: Path) -> None:
    """The control: the vault as it was, with every setting that it had, compacted at the end."""
    shares = fresh(100)
    with mounted(image) as home:
        path = home / "assign.db.vault"
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=TRUNCATE")
            db.execute("PRAGMA synchronous=EXTRA")
            db.execute("PRAGMA secure_delete=ON")
            db.executescript(SCHEMA)
            for key, share in shares.items():
                db.execute("INSERT INTO shares (key_id, share) VALUES (?, ?)", (key.bytes, share))
            for key in shares:
                db.execute("DELETE FROM shares WHERE key_id = ?", (key.bytes,))
            db.execute("VACUUM")
        assert not any(share in path.read_bytes() for share in shares.values())
    assert found_in(image, shares) == len(shares)
