"""The vault's file: its layout to the byte, writes that are cut short, and several processes."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assigncli.errors import StoreUnavailable
from assigncli.server.vault import slot_file
from assigncli.server.vault.slot_file import SlotState
from assigncli.server.vault.vault import Vault
from assigncli.words.errors import said
from tests import slots
from tests.unit.test_access import ASKED, RECEIPT

KEY, SHARE = UUID(bytes=bytes(range(16))), bytes(range(100, 132))
HEADER_5 = bytes.fromhex(
    "61737369676e636c69207661756c740a6b657920736861726573000000000001"
    "00000000000000050000000000000000519ca0434fff70a01fba376b9a5ed6a0"
)
LIVE_SLOT = bytes.fromhex(
    "000102030405060708090a0b0c0d0e0f6465666768696a6b6c6d6e6f70717273"
    "7475767778797a7b7c7d7e7f80818283ed415b60839e02e7bf38209a859ece9d"
)
DELETED_SLOT = bytes.fromhex(
    "000102030405060708090a0b0c0d0e0f00000000000000000000000000000000"
    "0000000000000000000000000000000041183c1dc79aec6e24cf1d7eeb7b5afd"
)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault that keeps one share."""
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    made = Vault.create(folder / "assign.db.vault")
    made.put(KEY, SHARE)
    return made


def filled(vault: Vault, count: int) -> dict[UUID, bytes]:
    """Put so many shares and return them."""
    shares = {uuid4(): secrets.token_bytes(32) for _ in range(count)}
    vault.put_all(shares.items())
    return shares


def kinds(vault: Vault) -> list[str]:
    return [each.what for each in slots.slots(vault.path)]


def code_of(use: Callable[[], object]) -> str:
    """Return with which code this is refused."""
    with pytest.raises(StoreUnavailable) as refusal:
        use()
    assert SHARE.hex() not in f"{refusal.value}{refusal.value.facts}{said(refusal.value)}"
    return refusal.value.code


# The layout


def test_a_file_to_the_byte(vault: Vault) -> None:
    vault.mark_checked(5)
    assert vault.path.read_bytes() == HEADER_5 + LIVE_SLOT
    vault.revoke([KEY])
    assert vault.path.read_bytes() == HEADER_5 + DELETED_SLOT
    assert len(HEADER_5) == len(LIVE_SLOT) == len(DELETED_SLOT) == 64


def test_every_bit_of_a_slot_counts() -> None:
    for content, state in ((LIVE_SLOT, SlotState.LIVE), (DELETED_SLOT, SlotState.DELETED)):
        assert slot_file.slot(1, content).state is state
        for bit in range(512):
            other = bytearray(content)
            other[bit // 8] ^= 1 << bit % 8
            found = slot_file.slot(1, bytes(other))
            assert (found.state, found.share) == (SlotState.DAMAGED, b"")
    assert slot_file.slot(1, bytes(64)).state is SlotState.EMPTY


def test_a_share_of_zeros_is_a_share(vault: Vault) -> None:
    key = uuid4()
    vault.put(key, bytes(32))
    assert vault.release(key, ASKED, RECEIPT) == bytes(32)
    vault.revoke([key])
    assert not vault.holds(key)


def test_no_repr_shows_a_share() -> None:
    assert "share" not in repr(slot_file.slot(1, LIVE_SLOT))


def test_an_id_inside_a_share_is_no_slot(vault: Vault) -> None:
    """What is found at the beginning of a slot counts only."""
    other = uuid4()
    vault.put(other, KEY.bytes + KEY.bytes)
    vault.put(uuid4(), other.bytes + KEY.bytes)
    assert vault.revoke([KEY]) == {KEY}
    assert vault.release(other, ASKED, RECEIPT) == KEY.bytes * 2
    assert vault.revoke([other]) == {other}
    assert kinds(vault) == ["deleted", "deleted", "live"]


@pytest.mark.parametrize("count", [1, 2, 3, 200])
def test_shares_are_found_in_every_piece(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(slot_file, "PIECE_BYTES", 4 * 64)
    shares = {KEY: SHARE} | filled(vault, 19)
    asked = [*shares, *(uuid4() for _ in range(200))]
    for start in range(0, len(asked), count):
        part = asked[start : start + count]
        assert vault.held_among(part) == set(part) & set(shares)
    assert vault.unchecked() == (20, list(shares))
    assert vault.revoke(asked) == set(shares)
    assert kinds(vault) == ["deleted"] * 20


# What was cut short


@pytest.mark.parametrize("length", [1, 16, 40, 63])
def test_a_torn_tail_is_written_over(vault: Vault, length: int) -> None:
    with vault.path.open("ab") as file:
        file.write(slots.live(uuid4().bytes, secrets.token_bytes(32))[:length])
    assert vault.check()
    assert vault.unchecked() == (1, [KEY])
    (key,) = filled(vault, 1)
    assert vault.unchecked() == (2, [KEY, key])
    assert vault.path.stat().st_size == 3 * 64
    assert kinds(vault) == ["live", "live"]


def test_a_slot_of_zeros_is_passed(vault: Vault) -> None:
    """As where the file's new length reached the disk, and its content did not."""
    with vault.path.open("ab") as file:
        file.write(bytes(128))
    assert vault.check()
    assert vault.unchecked() == (3, [KEY])
    (key,) = filled(vault, 1)
    assert kinds(vault) == ["live", "empty", "empty", "live"]
    assert vault.unchecked() == (4, [KEY, key])


@pytest.mark.parametrize("at", [16, 47, 48, 63])
def test_nothing_is_released_from_a_damaged_slot(vault: Vault, at: int) -> None:
    slots.write_at(vault.path, bytes([LIVE_SLOT[at] ^ 1]), 64 + at)
    assert not vault.check()
    assert not vault.holds(KEY)
    assert code_of(lambda: vault.release(KEY, ASKED, RECEIPT)) == "vault_damaged"
    assert code_of(lambda: vault.vouches(KEY, lambda _share: True, number=7)) == "vault_damaged"
    assert vault.unvouched({KEY: lambda _share: True}) == {KEY: True}
    assert vault.unchecked() == (1, [KEY]), "the sweep asks whether it may go"
    code_of(lambda: vault.put(KEY, SHARE))
    assert vault.revoke([KEY]) == {KEY}
    assert vault.path.read_bytes()[64:] == DELETED_SLOT
    assert vault.check()


def test_a_deletion_that_was_torn_is_done_by_the_next(vault: Vault) -> None:
    for cut in range(1, 48):
        slots.write_at(vault.path, LIVE_SLOT[:16] + DELETED_SLOT[16 : 16 + cut], 64)
        assert vault.revoke([KEY]) == {KEY}
        assert vault.path.read_bytes()[64:] == DELETED_SLOT
        slots.write_at(vault.path, LIVE_SLOT, 64)


def test_a_share_that_a_copy_brought_twice(vault: Vault) -> None:
    """A live slot counts, whatever else there is of its key; all of it is deleted in the end."""
    slots.add(vault.path, KEY.bytes, SHARE)
    slots.write_at(vault.path, b"\0", 64 + 20)
    assert vault.release(KEY, ASKED, RECEIPT) == SHARE
    while vault.revoke([KEY]):
        pass
    assert kinds(vault) == ["deleted", "deleted"]
    assert vault.check()


@pytest.mark.parametrize("content", [b"", b"another file" * 20])
def test_nothing_is_written_into_another_file(vault: Vault, content: bytes) -> None:
    """Put there since the vault was opened."""
    vault.path.write_bytes(content)
    for use in (
        lambda: vault.put(uuid4(), SHARE),
        lambda: vault.revoke([KEY]),
        lambda: vault.mark_checked(1),
    ):
        assert code_of(use) == "vault_not_ours"
    assert vault.path.read_bytes() == content


# A disk that fails


def failing(
    monkeypatch: pytest.MonkeyPatch, call: str, number: int, *, after: int | None = None
) -> None:
    """Let the next such call fail, once `after` bytes of it were written."""
    usual = getattr(slot_file, call)

    def once(handle: int, *arguments: object) -> None:
        monkeypatch.setattr(slot_file, call, usual)
        if after is not None:
            data, at = arguments
            os.pwrite(handle, data[:after], at)  # type: ignore[index,call-overload]
        raise OSError(number, "no")

    monkeypatch.setattr(slot_file, call, once)


REASONS = [
    (errno.ENOSPC, "disk_full"),
    (errno.EDQUOT, "disk_full"),
    (errno.EIO, "vault_out_of_reach"),
    (errno.EROFS, "store_read_only"),
]


@pytest.mark.parametrize(("number", "code"), REASONS)
@pytest.mark.parametrize(
    ("call", "after"),
    [("write_at", 0), ("write_at", 64), ("write_at", 100), ("sync", None)],
)
def test_a_failed_put_leaves_none_of_its_shares_and_every_other(
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    after: int | None,
    number: int,
    code: str,
) -> None:
    new = {uuid4(): secrets.token_bytes(32) for _ in range(3)}
    failing(monkeypatch, call, number, after=after)
    assert code_of(lambda: vault.put_all(new.items())) == code
    assert vault.release(KEY, ASKED, RECEIPT) == SHARE
    assert not vault.held_among(new)
    content = vault.path.read_bytes()
    assert not [share for share in new.values() if share[:30] in content]
    assert vault.check()
    vault.put_all(new.items())
    assert vault.held_among(new) == set(new)


@pytest.mark.parametrize(("number", "code"), REASONS)
@pytest.mark.parametrize("call", ["write_at", "sync"])
def test_a_deletion_that_the_disk_did_not_confirm_is_written_again(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str
) -> None:
    """After a failed sync the system may have the new bytes, and the disk the old ones."""
    failing(monkeypatch, call, number)
    assert code_of(lambda: vault.revoke([KEY])) == code
    done: list[str] = []
    for name in ("write_at", "sync"):
        monkeypatch.setattr(slot_file, name, noting(done, name, getattr(slot_file, name)))
    vault.revoke([KEY])
    assert done == ["write_at", "sync"]
    assert kinds(vault) == ["deleted"]


def noting(done: list[str], name: str, usual: Callable[..., None]) -> Callable[..., None]:
    def noted(*arguments: object) -> None:
        done.append(name)
        usual(*arguments)

    return noted


def test_a_put_is_one_write_and_one_sync(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for name in ("write_at", "sync"):
        monkeypatch.setattr(slot_file, name, noting(done, name, getattr(slot_file, name)))
    filled(vault, 1000)
    assert done == ["write_at", "sync"]


@pytest.mark.parametrize("after", [0, 10, 64])
def test_a_vault_that_could_not_be_filled_is_filled_by_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """So that founding can be tried again."""
    tmp_path.chmod(0o700)
    place = tmp_path / "assign.db.vault"
    failing(monkeypatch, "write_at", errno.EIO, after=after)
    code_of(lambda: Vault.create(place))
    Vault.create(place).put(KEY, SHARE)
    assert code_of(lambda: Vault.create(place)) == "vault_exists"
