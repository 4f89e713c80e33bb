"""The vault: shares kept, handed out under the rules, and deleted so that no trace is left."""

from __future__ import annotations

import os
import random
import secrets
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assigncli.domain.access import SHARE_MISSING, AuditReceipt
from assigncli.domain.lifecycle import Status
from assigncli.errors import AssignError, NotAllowed, RuleRefused, StoreUnavailable, Tampered
from assigncli.server.vault.vault import Vault
from assigncli.words.errors import said
from tests import slots
from tests.unit.test_access import ASKED, EXPIRES, RECEIPT

KEY, SHARE = UUID(int=7), bytes(range(32))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a vault is to be."""
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    return folder / "assign.db.vault"


@pytest.fixture
def vault(place: Path) -> Vault:
    """A vault that keeps one share."""
    made = Vault.create(place)
    made.put(KEY, SHARE)
    return made


def code_of(refusal: pytest.ExceptionInfo[AssignError]) -> str:
    """Return the error's code, once it says nothing of a share."""
    text = f"{refusal.value}{refusal.value.facts}{said(refusal.value)}{refusal.value.__cause__}"
    assert SHARE.hex() not in text
    assert repr(SHARE) not in text
    return refusal.value.code


# The one door


def test_a_share_is_released_for_a_recorded_access(vault: Vault) -> None:
    assert vault.release(KEY, ASKED, RECEIPT) == SHARE


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("organization_scope_isolation", {"actor_organization_id": uuid4()}),
        ("expired_payload_inaccessible", {"now": EXPIRES}),
        ("expired_payload_inaccessible", {"status": Status.EXPIRED}),
        ("consent_before_payload_access", {"consent_required": True}),
        ("valid_status_transition", {"status": Status.PENDING}),
        ("valid_status_transition", {"status": Status.RECALLED}),
        ("valid_status_transition", {"status": Status.CANCELLED}),
    ],
    ids=lambda value: None if isinstance(value, str) else next(iter(value)),
)
def test_the_vault_asks_each_rule_itself(
    vault: Vault, rule: str, change: dict[str, object]
) -> None:
    with pytest.raises(RuleRefused) as refusal:
        vault.release(KEY, replace(ASKED, **change), RECEIPT)  # type: ignore[arg-type]
    assert code_of(refusal) == rule


def test_a_stranger_gets_nothing(vault: Vault) -> None:
    with pytest.raises(NotAllowed):
        vault.release(KEY, replace(ASKED, actor_id=uuid4()), RECEIPT)


@pytest.mark.parametrize("name", ["organization_id", "subject_id", "actor_id"])
def test_the_receipt_of_another_access(vault: Vault, name: str) -> None:
    receipt: AuditReceipt = replace(RECEIPT, **{name: uuid4()})
    with pytest.raises(RuleRefused) as refusal:
        vault.release(KEY, ASKED, receipt)
    assert code_of(refusal) == "audit_all_access"


def test_a_share_is_vouched_for_without_being_handed_out(vault: Vault) -> None:
    seen: list[bytes] = []
    assert vault.vouches(KEY, lambda share: seen.append(share) is None, number=7) is None
    assert seen == [SHARE]
    with pytest.raises(Tampered) as refusal:
        vault.vouches(KEY, lambda share: share != SHARE, number=7)
    assert code_of(refusal) == "share_mismatch"


def test_a_share_that_is_not_held_is_said_to_be_missing(vault: Vault) -> None:
    assert (vault.holds(KEY), vault.holds(uuid4())) == (True, False)
    for ask in (
        lambda: vault.release(uuid4(), ASKED, RECEIPT),
        lambda: vault.vouches(uuid4(), lambda _share: True, number=7),
    ):
        with pytest.raises(StoreUnavailable) as refusal:
            ask()
        assert code_of(refusal) == SHARE_MISSING


# Keeping


def test_all_shares_or_none(vault: Vault) -> None:
    vault.put_all((uuid4(), secrets.token_bytes(32)) for _ in range(100))
    assert len(slots.shares(vault.path)) == 101
    fresh = uuid4()
    with pytest.raises(StoreUnavailable):
        vault.put_all([(fresh, bytes(32)), (KEY, bytes(32))])
    assert not vault.holds(fresh)


@pytest.mark.parametrize("among", [0, 1, 500])
def test_a_key_that_is_kept_already(vault: Vault, among: int) -> None:
    """Whatever else is put: one key is looked for in another way than many."""
    more = [(uuid4(), secrets.token_bytes(32)) for _ in range(among)]
    with pytest.raises(StoreUnavailable) as refusal:
        vault.put_all([*more, (KEY, secrets.token_bytes(32))])
    code_of(refusal)
    assert vault.release(KEY, ASKED, RECEIPT) == SHARE
    assert len(slots.slots(vault.path)) == 1


def test_two_shares_of_one_key_at_once(vault: Vault) -> None:
    key = uuid4()
    with pytest.raises(StoreUnavailable):
        vault.put_all([(key, bytes(32)), (key, secrets.token_bytes(32))])
    assert not vault.holds(key)


def test_a_share_that_was_taken_back_can_be_put_again(vault: Vault) -> None:
    """As a statement that was sent again: its first try failed behind the vault."""
    vault.revoke([KEY])
    vault.put(KEY, SHARE)
    assert vault.release(KEY, ASKED, RECEIPT) == SHARE
    assert [each.what for each in slots.slots(vault.path)] == ["deleted", "live"]
    vault.revoke([KEY])
    assert SHARE not in vault.path.read_bytes()


@pytest.mark.parametrize("share", [b"", bytes(31), bytes(33), "x" * 32])
def test_only_shares_of_the_right_size(vault: Vault, share: bytes) -> None:
    key = uuid4()
    with pytest.raises(StoreUnavailable):
        vault.put(key, share)
    assert not vault.holds(key)


# Deleting


def everywhere(folder: Path) -> bytes:
    """Return all bytes of all files in the vault's folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_deleted_share_is_in_no_live_file(vault: Vault) -> None:
    kept = {uuid4(): secrets.token_bytes(32) for _ in range(300)}
    vault.put_all(kept.items())
    gone = list(kept)[::3]
    assert all(share in everywhere(vault.path.parent) for share in kept.values())
    vault.revoke([*gone, KEY])
    left = everywhere(vault.path.parent)
    for key, share in kept.items():
        assert (share in left) is (key not in gone)
        assert vault.holds(key) is (key not in gone)
    with pytest.raises(StoreUnavailable) as refusal:
        vault.release(KEY, ASKED, RECEIPT)
    assert code_of(refusal) == SHARE_MISSING


def test_a_share_is_deleted_twice_without_complaint(vault: Vault) -> None:
    vault.revoke([KEY])
    vault.revoke([KEY, uuid4()])
    vault.revoke([])
    assert vault.check()


def test_a_deletion_says_what_was_there(vault: Vault) -> None:
    kept = [uuid4() for _ in range(5)]
    vault.put_all((key, secrets.token_bytes(32)) for key in kept)
    assert vault.revoke([kept[0], uuid4(), kept[1], kept[0]]) == {kept[0], kept[1]}
    assert vault.revoke(iter(kept[:3])) == {kept[2]}
    assert vault.revoke(kept[:3]) == set()
    assert [vault.holds(key) for key in kept] == [False, False, False, True, True]


def test_thousands_deleted_among_new_ones(vault: Vault) -> None:
    chance = random.Random(4)  # noqa: S311 - the same each time
    live: dict[UUID, bytes] = {}
    gone: dict[UUID, bytes] = {}
    for number in range(10):
        new = {uuid4(): secrets.token_bytes(32) for _ in range(500)}
        vault.put_all(new.items())
        live |= new
        if number % 2:
            keys = chance.sample(sorted(live), 400)
            assert vault.revoke(keys) == set(keys)
            gone |= {key: live.pop(key) for key in keys}
    assert len(gone) == 2000
    left = everywhere(vault.path.parent)
    assert not [key for key, share in gone.items() if share in left or vault.holds(key)]
    assert all(share in left for share in live.values())
    assert vault.check()


def test_which_of_these_are_held(vault: Vault) -> None:
    other = uuid4()
    vault.put(other, secrets.token_bytes(32))
    assert vault.held_among([KEY, uuid4(), other]) == {KEY, other}
    vault.revoke([KEY])
    assert vault.held_among([KEY]) == vault.held_among([]) == set()


# The watermark


def test_what_is_above_the_watermark(vault: Vault) -> None:
    assert vault.unchecked() == (1, [KEY])
    more = [uuid4() for _ in range(3)]
    vault.put_all((key, secrets.token_bytes(32)) for key in more)
    vault.mark_checked(1)
    assert vault.unchecked() == (4, more)
    vault.mark_checked(3)
    assert Vault.open(vault.path).unchecked() == (4, more[2:])
    vault.mark_checked(2)
    assert vault.unchecked() == (4, more[2:]), "never lowered"
    vault.mark_checked(4)
    assert vault.unchecked() == (4, [])


def test_an_empty_vault_has_nothing_to_check(place: Path) -> None:
    assert Vault.create(place).unchecked() == (0, [])


def test_no_slot_is_used_again(vault: Vault) -> None:
    last, after = uuid4(), uuid4()
    vault.put(last, secrets.token_bytes(32))
    vault.mark_checked(vault.unchecked()[0])
    vault.revoke([last, KEY])
    assert vault.unchecked() == (2, [])
    vault.put(after, secrets.token_bytes(32))
    assert vault.unchecked() == (3, [after])


def test_a_damaged_watermark_marks_nothing_as_new(vault: Vault) -> None:
    """An old copy of the store may know less than the vault: nothing is deleted on a guess."""
    slots.write_at(vault.path, b"\xff", 39)
    assert vault.unchecked() == (1, [])
    assert not vault.check()
    after = uuid4()
    vault.put(after, secrets.token_bytes(32))
    assert vault.unchecked() == (2, [after])
    assert vault.check()


# The file


def test_a_vault_is_for_its_owner_alone(vault: Vault) -> None:
    assert vault.path.stat().st_mode & 0o777 == 0o600
    vault.path.chmod(0o644)
    with pytest.raises(StoreUnavailable) as refusal:
        Vault.open(vault.path)
    assert code_of(refusal) == "store_unsafe"


def test_a_vault_opens_again(vault: Vault) -> None:
    assert Vault.open(vault.path).release(KEY, ASKED, RECEIPT) == SHARE
    assert Vault.open(vault.path).check()


def test_a_vault_is_never_made_over_another_file(vault: Vault) -> None:
    before = vault.path.read_bytes()
    with pytest.raises(StoreUnavailable) as refusal:
        Vault.create(vault.path)
    assert code_of(refusal) == "vault_exists"
    assert vault.path.read_bytes() == before


def test_a_vault_that_is_not_there_is_not_made(place: Path) -> None:
    with pytest.raises(StoreUnavailable) as refusal:
        Vault.open(place)
    assert code_of(refusal) == "vault_missing"
    assert not place.exists()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\x00" * 9])
def test_a_file_that_is_no_vault(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    place.chmod(0o600)
    with pytest.raises(StoreUnavailable) as refusal:
        Vault.open(place)
    assert code_of(refusal) == "vault_not_ours"
    assert place.read_bytes() == content


@pytest.mark.parametrize("at", [0, 20, 31], ids=["of another tool", "kind", "version"])
def test_a_vault_of_somebody_else_s_or_another_version(vault: Vault, at: int) -> None:
    slots.write_at(vault.path, b"\x07", at)
    with pytest.raises(StoreUnavailable) as refusal:
        Vault.open(vault.path)
    assert code_of(refusal) == "vault_not_ours"


def test_what_is_no_regular_file_is_not_waited_for(place: Path) -> None:
    os.mkfifo(place, 0o600)
    for use in (Vault(place).check, lambda: Vault(place).put(KEY, SHARE)):
        with pytest.raises(StoreUnavailable) as refusal:
            use()
        assert code_of(refusal) in ("vault_not_ours", "vault_out_of_reach")


def test_a_vault_that_is_gone_meanwhile(vault: Vault) -> None:
    vault.path.unlink()
    with pytest.raises(StoreUnavailable) as refusal:
        vault.put(uuid4(), bytes(32))
    assert code_of(refusal) == "vault_out_of_reach"
    assert not vault.path.exists()
