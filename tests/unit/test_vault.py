"""The vault: shares kept, handed out under the rules, and deleted so that no trace is left."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assigncli import vault as module
from assigncli.domain.access import AuditReceipt
from assigncli.domain.lifecycle import Status
from assigncli.errors import AssignError, NotAllowed, RuleRefused, StoreUnavailable, Tampered
from assigncli.vault import SHARE_MISSING, Vault

from .test_access import ASKED, EXPIRES, RECEIPT

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


def raw(vault: Vault, statement: str) -> list[tuple[object, ...]]:
    """Run raw SQL on the vault's file."""
    with closing(sqlite3.connect(vault.path)) as db:
        rows = db.execute(statement).fetchall()
        db.commit()
        return rows


def code_of(refusal: pytest.ExceptionInfo[AssignError]) -> str:
    """Return the error's code, once it says nothing of a share."""
    text = f"{refusal.value}{refusal.value.hint}{refusal.value.__cause__}"
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
    assert vault.vouches(KEY, lambda share: seen.append(share) is None) is None
    assert seen == [SHARE]
    with pytest.raises(Tampered) as refusal:
        vault.vouches(KEY, lambda share: share != SHARE)
    assert code_of(refusal) == "share_mismatch"


def test_no_share(vault: Vault) -> None:
    assert (vault.holds(KEY), vault.holds(uuid4())) == (True, False)
    for ask in (
        lambda: vault.release(uuid4(), ASKED, RECEIPT),
        lambda: vault.vouches(uuid4(), lambda _share: True),
    ):
        with pytest.raises(StoreUnavailable) as refusal:
            ask()
        assert code_of(refusal) == SHARE_MISSING


# Keeping


def test_all_shares_or_none(vault: Vault) -> None:
    vault.put_all((uuid4(), secrets.token_bytes(32)) for _ in range(100))
    assert raw(vault, "SELECT count(*) FROM shares") == [(101,)]
    fresh = uuid4()
    with pytest.raises(StoreUnavailable):
        vault.put_all([(fresh, bytes(32)), (KEY, bytes(32))])
    assert not vault.holds(fresh)


def test_append_only(vault: Vault) -> None:
    with pytest.raises(StoreUnavailable) as refusal:
        vault.put(KEY, secrets.token_bytes(32))
    code_of(refusal)
    with pytest.raises(sqlite3.IntegrityError, match="append_only"):
        raw(vault, "UPDATE shares SET share = zeroblob(32)")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        raw(vault, f"INSERT INTO shares (key_id, share) VALUES (x'{KEY.hex}', zeroblob(32))")
    assert vault.release(KEY, ASKED, RECEIPT) == SHARE


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
    assert all(key.bytes not in left for key in gone)
    with pytest.raises(StoreUnavailable) as refusal:
        vault.release(KEY, ASKED, RECEIPT)
    assert code_of(refusal) == SHARE_MISSING


def test_a_share_is_deleted_twice_without_complaint(vault: Vault) -> None:
    vault.revoke([KEY])
    vault.revoke([KEY, uuid4()])
    vault.revoke([])
    assert vault.check()


def test_a_full_disk_stops_keeping_but_not_deleting(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect

    def on_a_full_disk(*args: object, **options: object) -> sqlite3.Connection:
        connection = real(*args, **options)  # type: ignore[call-overload]
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(module.sqlite3, "connect", on_a_full_disk)
    with pytest.raises(StoreUnavailable) as refusal:
        vault.put_all((uuid4(), secrets.token_bytes(32)) for _ in range(1000))
    assert code_of(refusal) == "disk_full"
    assert raw(vault, "SELECT count(*) FROM shares") == [(1,)]
    vault.revoke([KEY])
    assert SHARE not in everywhere(vault.path.parent)


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


def test_no_vault(place: Path) -> None:
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


@pytest.mark.parametrize("pragma", ["application_id = 1", "user_version = 2"])
def test_a_vault_of_somebody_else_s_or_another_version(vault: Vault, pragma: str) -> None:
    raw(vault, f"PRAGMA {pragma}")
    with pytest.raises(StoreUnavailable) as refusal:
        Vault.open(vault.path)
    assert code_of(refusal) == "vault_not_ours"


def test_a_vault_that_is_busy(vault: Vault) -> None:
    with closing(sqlite3.connect(vault.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in (
            lambda: Vault.open(vault.path, busy_seconds=0.05),
            lambda: Vault(vault.path, busy_seconds=0.05).put(uuid4(), bytes(32)),
            lambda: Vault(vault.path, busy_seconds=0.05).revoke([KEY]),
            lambda: Vault(vault.path, busy_seconds=0.05).release(KEY, ASKED, RECEIPT),
        ):
            with pytest.raises(StoreUnavailable) as refusal:
                use()
            assert code_of(refusal) == "store_busy"
    assert vault.holds(KEY)


def test_a_vault_that_is_gone_meanwhile(vault: Vault) -> None:
    vault.path.unlink()
    with pytest.raises(StoreUnavailable) as refusal:
        vault.put(uuid4(), bytes(32))
    assert code_of(refusal) == "vault_out_of_reach"
    assert not vault.path.exists()
