from __future__ import annotations

import struct

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from nacl.pwhash import argon2id

from assigncli.crypto import passphrase
from assigncli.crypto.identity import lock, unlock
from assigncli.crypto.passphrase import CEILING, INTERACTIVE, MAX_SECRET, MODERATE
from assigncli.errors import IdentityUnavailable, InvalidInput

from .conftest import told

WORDS = b"fire ord som ingen gjetter"
SECRET = b"an identity's seeds"


@pytest.fixture(scope="module")
def locked() -> bytes:
    return lock(SECRET, WORDS, cost=INTERACTIVE)


def test_a_locked_secret_comes_back(locked: bytes) -> None:
    assert unlock(locked, WORDS) == SECRET
    assert SECRET not in locked


def test_the_default_cost_is_moderate() -> None:
    blob = lock(SECRET, WORDS)
    assert struct.unpack_from(">IQ", blob, 10) == MODERATE


def test_locking_twice_gives_two_blobs(locked: bytes) -> None:
    assert lock(SECRET, WORDS, cost=INTERACTIVE) != locked


def test_a_wrong_passphrase_is_named_and_nothing_is_shown(locked: bytes) -> None:
    with pytest.raises(IdentityUnavailable) as caught:
        unlock(locked, WORDS[::-1])
    assert caught.value.code == "passphrase_wrong"
    assert WORDS[::-1].decode() not in told(caught.value)
    assert SECRET.decode() not in told(caught.value)


def test_an_empty_passphrase_locks_nothing() -> None:
    with pytest.raises(InvalidInput) as caught:
        lock(SECRET, b"")
    assert caught.value.code == "passphrase_empty"


@pytest.mark.parametrize("place", [22, 37, 38, 61, 62, -1])
def test_a_flipped_bit_in_salt_nonce_or_secret_is_found(locked: bytes, place: int) -> None:
    altered = bytearray(locked)
    altered[place] ^= 1
    with pytest.raises(IdentityUnavailable) as caught:
        unlock(bytes(altered), WORDS)
    assert caught.value.code == "passphrase_wrong"


def _with_cost(blob: bytes, opslimit: int, memlimit: int) -> bytes:
    return blob[:10] + struct.pack(">IQ", opslimit, memlimit) + blob[22:]


def test_the_cost_is_authenticated(locked: bytes) -> None:
    ops, memory = INTERACTIVE
    with pytest.raises(IdentityUnavailable):
        unlock(_with_cost(locked, ops + 1, memory), WORDS)


@pytest.mark.parametrize(
    "cost",
    [
        (CEILING[0] + 1, MODERATE[1]),
        (MODERATE[0], CEILING[1] + 1),
        (2**32 - 1, 2**64 - 1),
        (INTERACTIVE[0] - 1, MODERATE[1]),
        (MODERATE[0], INTERACTIVE[1] - 1),
        (0, 0),
    ],
)
def test_a_cost_out_of_bounds_is_refused_before_any_work(
    locked: bytes, cost: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def working(*_: object, **__: object) -> bytes:
        raise AssertionError("no key may be derived")

    monkeypatch.setattr(argon2id, "kdf", working)
    with pytest.raises(IdentityUnavailable) as caught:
        unlock(_with_cost(locked, *cost), WORDS)
    assert caught.value.code == "key_file_damaged"


@pytest.mark.parametrize("cut", [0, 1, 10, 37, 77])
def test_a_cut_file_is_damaged(locked: bytes, cut: int) -> None:
    with pytest.raises(IdentityUnavailable) as caught:
        unlock(locked[:cut], WORDS)
    assert caught.value.code == "key_file_damaged"


def test_a_file_of_another_kind_or_size_is_damaged(locked: bytes) -> None:
    for blob in (b"x" + locked[1:], locked + bytes(MAX_SECRET), b"-----BEGIN PRIVATE KEY-----" * 9):
        with pytest.raises(IdentityUnavailable) as caught:
            unlock(blob, WORDS)
        assert caught.value.code == "key_file_damaged"


def test_too_large_a_secret_is_not_locked() -> None:
    with pytest.raises(IdentityUnavailable):
        lock(bytes(MAX_SECRET + 1), WORDS)


@pytest.mark.parametrize("failure", [RuntimeError, MemoryError])
def test_a_machine_without_memory_is_told_so(
    locked: bytes, failure: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: object, **__: object) -> bytes:
        raise failure

    monkeypatch.setattr(argon2id, "kdf", short)
    with pytest.raises(IdentityUnavailable) as caught:
        unlock(locked, WORDS)
    assert caught.value.code == "memory_short"


def test_libsodium_and_openssl_agree_on_argon2id() -> None:
    ops, memory = INTERACTIVE
    salt = bytes(range(16))
    ours = passphrase._Header(ops, memory, salt).derive(WORDS)
    theirs = Argon2id(salt=salt, length=32, iterations=ops, lanes=1, memory_cost=memory // 1024)
    assert ours == theirs.derive(WORDS)
