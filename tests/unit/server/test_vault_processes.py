"""Several processes at the vault's file: writers one after the other, readers at any time."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest

from assigncli.server.vault import slot_file
from assigncli.server.vault.vault import Vault
from tests import slots
from tests.unit.test_access import ASKED, RECEIPT

from .test_slot_file import KEY, SHARE, code_of, filled, kinds, vault

__all__ = ["vault"]


def put_many(path: Path, start: object, count: int) -> None:
    """Put so many shares one by one, and delete every other."""
    start.wait()  # type: ignore[attr-defined]
    vault = Vault.open(path)
    for number in range(count):
        key = uuid4()
        vault.put(key, bytes(32))
        if number % 2:
            vault.revoke([key])


def test_writers_at_once_lose_nothing(vault: Vault) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    writers = [
        context.Process(target=put_many, args=(vault.path, start, 40)) for _writer in range(3)
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
        assert each.exitcode == 0
    assert sorted(kinds(vault)) == ["deleted"] * 60 + ["live"] * 61
    assert vault.path.stat().st_size == (1 + 1 + 120) * 64


def test_a_writer_waits_for_another_one_and_no_longer_than_it_is_patient(vault: Vault) -> None:
    began = time.monotonic()
    with slots.held(vault.path):
        for use in (
            lambda: Vault(vault.path, busy_seconds=0.1).put(uuid4(), bytes(32)),
            lambda: Vault(vault.path, busy_seconds=0.1).revoke([KEY]),
            lambda: Vault(vault.path, busy_seconds=0.1).mark_checked(1),
        ):
            assert code_of(use) == "store_busy"
        assert 0.3 <= time.monotonic() - began < 10
        assert Vault.open(vault.path).release(KEY, ASKED, RECEIPT) == SHARE, "readers do not wait"
    with vault.path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        threading.Timer(0.2, lambda: fcntl.flock(other, fcntl.LOCK_UN)).start()
        vault.revoke([KEY])
    assert kinds(vault) == ["deleted"]


def die_with_the_lock(path: Path) -> None:
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_lock_ends_with_its_process(vault: Vault) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=die_with_the_lock, args=(vault.path,)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    Vault(vault.path, busy_seconds=0).put(uuid4(), bytes(32))


def test_a_slot_that_is_being_written_is_read_again(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = iter([True])
    usual = os.pread

    def while_written(handle: int, length: int, at: int) -> bytes:
        content = usual(handle, length, at)
        if at == 64 and length == 64 and next(torn, False):
            return content[:30] + bytes(34)
        return content

    monkeypatch.setattr(slot_file.os, "pread", while_written)
    assert vault.release(KEY, ASKED, RECEIPT) == SHARE
    assert next(torn, None) is None


def test_readers_beside_a_writer_see_a_share_or_none(vault: Vault) -> None:
    shares = filled(vault, 50)
    ended = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not ended.is_set():
            wrong.extend(vault.unvouched({KEY: lambda share: share == SHARE}))
            for key, share in shares.items():
                found = vault.unvouched({key: lambda held, share=share: held == share})
                wrong.extend(each for each in found.values() if each)

    reader = threading.Thread(target=read)
    reader.start()
    for key in shares:
        filled(vault, 3)
        vault.revoke([key])
    ended.set()
    reader.join(60)
    assert wrong == []
