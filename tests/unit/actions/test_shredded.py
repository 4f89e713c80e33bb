"""The proof of shredding: it is clean where every revoked share is gone, and finds each other."""

from __future__ import annotations

import secrets
import shutil
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from assigncli import ballast
from assigncli.actions.shredded import Residue, scan
from assigncli.errors import StoreUnavailable
from assigncli.store.engine import Store
from assigncli.store.tables import EncryptionKey, Organization
from assigncli.vault import Vault
from tests import slots
from tests.quick import a_few

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
PIECE = 1 << 14


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, made once."""
    path = tmp_path_factory.mktemp("template") / "home" / "assign.db"
    Store.create(path, now=NOW).close()
    return path


@dataclass
class Place:
    """A store and its vault, with the shares that were ever put."""

    store: Store
    vault: Vault
    organization: UUID = field(default_factory=uuid4)
    shares: dict[UUID, bytes] = field(default_factory=dict)

    def put(self, count: int) -> list[UUID]:
        """Put so many new shares and register their keys."""
        return self.keep(secrets.token_bytes(32) for _ in range(count))

    def keep(self, shares: Iterable[bytes]) -> list[UUID]:
        """Put these shares and register their keys."""
        new = {uuid4(): share for share in shares}
        self.vault.put_all(new.items())
        with self.store.write() as tx:
            tx.add_all(
                EncryptionKey(
                    id=key,
                    organization_id=self.organization,
                    assignment_id=uuid4(),
                    share_commitment=bytes(32),
                    created_at=NOW,
                )
                for key in new
            )
        self.shares |= new
        return list(new)

    def revoke(self, keys: list[UUID], *, marked: bool = True, deleted: bool = True) -> None:
        """Revoke keys as a sweep does, or as one that was killed on the way."""
        marks = self.vault.marks(keys) if marked else {}
        with self.store.write() as tx:
            for key in tx.exec(select(EncryptionKey).where(col(EncryptionKey.id).in_(keys))):
                key.revoked_at = NOW
                key.share_mark = marks.get(key.id)
        if deleted:
            self.vault.revoke(keys)

    def beside(self, name: str) -> Path:
        """Return one of the live files by its name."""
        return self.vault.path.with_name(name)


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Iterator[Place]:
    """A store with 40 keys, 20 of them revoked and their shares deleted."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    shutil.copyfile(template, folder / "assign.db")
    (folder / "assign.db").chmod(0o600)
    with Store.open(folder / "assign.db") as store:
        made = Place(store, Vault.create(folder / "assign.db.vault"))
        with store.write() as tx:
            tx.add(
                Organization(
                    id=made.organization,
                    name="Synforeningen",
                    name_salt=bytes(16),
                    name_key="synforeningen",
                    time_zone="Europe/Oslo",
                    root_public_key=bytes(32),
                    created_at=NOW,
                )
            )
        made.revoke(made.put(40)[::2])
        yield made


def revoked(place: Place) -> UUID:
    """Return a key whose share is deleted."""
    return next(iter(place.shares))


# The proof


def test_nothing_is_left(place: Place) -> None:
    assert ballast.keep(place.beside("assign.db.ballast"))
    for name in ("assign.db-journal", "assign.db.vault-wal", "assign.db.vault-shm"):
        place.beside(name).touch()
    found = scan(place.store, place.vault.path)
    assert found.found == ()
    assert (found.marks, found.unmarked) == (20, 0)
    assert [path.name for path in found.files] == [
        "assign.db",
        "assign.db-journal",
        "assign.db.ballast",
        "assign.db.vault",
        "assign.db.vault-wal",
        "assign.db.vault-shm",
    ]
    assert found.bytes_read == sum(path.stat().st_size for path in found.files)


@pytest.mark.slow
def test_thousands_revoked_among_new_ones(place: Place) -> None:
    for _run in range(5):
        keys = place.put(1000)
        place.revoke(keys[::5] + keys[1::5])
    assert len(place.shares) == 5040
    found = scan(place.store, place.vault.path)
    assert (found.found, found.marks, found.unmarked) == ((), 2020, 0)


def test_a_live_share_is_nothing_to_find(place: Place) -> None:
    place.revoke(place.put(1), marked=False)
    live = place.put(3)
    assert scan(place.store, place.vault.path).found == ()
    assert all(place.vault.holds(key) for key in live)


def test_a_scan_changes_nothing(place: Place) -> None:
    folder = place.vault.path.parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    scan(place.store, place.vault.path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_vault_reached_by_a_link(place: Place, tmp_path: Path) -> None:
    link = tmp_path / "link.vault"
    link.symlink_to(place.vault.path)
    key = revoked(place)
    plant(place.beside("assign.db.vault-journal"), place.shares[key])
    tmp_path.chmod(0o700)
    (found,) = scan(place.store, link).found
    assert found == Residue(key, place.beside("assign.db.vault-journal").resolve(), 1)


# What is left


def plant(path: Path, share: bytes, *, at: int = 0) -> None:
    """Leave a share in a file. A journal that begins with zero is finished with."""
    before = path.read_bytes() if path.exists() else b""
    path.write_bytes((before or bytes(8)) + bytes(at) + share + bytes(100))
    path.chmod(0o600)


@pytest.mark.parametrize(
    "name",
    [
        "assign.db",
        "assign.db-journal",
        "assign.db.vault",
        "assign.db.vault-journal",
        "assign.db.vault-shm",
        "assign.db.ballast",
    ],
)
def test_a_share_left_in_a_live_file(place: Place, name: str) -> None:
    key = revoked(place)
    plant(place.beside(name), place.shares[key])
    assert scan(place.store, place.vault.path).found == (Residue(key, place.beside(name), 1),)


def test_a_share_left_in_its_deleted_slot(place: Place) -> None:
    key = revoked(place)
    (kept,) = (each for each in slots.slots(place.vault.path) if each.key == key.bytes)
    slots.write_at(place.vault.path, place.shares[key], kept.at + 16)
    assert not place.vault.check()
    (found,) = scan(place.store, place.vault.path).found
    assert found == Residue(key, place.vault.path, 1)


@pytest.mark.parametrize(
    "at", a_few(9, of=[*range(9), *range(PIECE - 33, PIECE + 2), 3 * PIECE + 1])
)
def test_a_share_is_found_wherever_it_begins(place: Place, at: int) -> None:
    """At each alignment, and across the border between two pieces that are read."""
    key, journal = revoked(place), place.beside("assign.db.vault-journal")
    journal.write_bytes(bytes(at + 1) + place.shares[key] + bytes(10))
    assert scan(place.store, place.vault.path).found == (Residue(key, journal, 1),)


def test_every_place_is_counted(place: Place) -> None:
    first, second = list(place.shares)[:4:2]
    journal = place.beside("assign.db.vault-journal")
    for _time in range(3):
        plant(journal, place.shares[first], at=5)
    plant(journal, place.shares[second])
    plant(place.beside("assign.db.ballast"), place.shares[second])
    assert set(scan(place.store, place.vault.path).found) == {
        Residue(first, journal, 3),
        Residue(second, journal, 1),
        Residue(second, place.beside("assign.db.ballast"), 1),
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda share: share[:31],
        lambda share: share[:31] + bytes([share[31] ^ 1]),
        lambda share: share[:4] + bytes(28),
        lambda share: share.hex().encode(),
    ],
    ids=["cut off", "another end", "its beginning only", "hexadecimal"],
)
def test_what_is_no_share(place: Place, change: Callable[[bytes], bytes]) -> None:
    share = change(place.shares[revoked(place)])
    place.beside("assign.db.vault-journal").write_bytes(bytes(8) + share)
    assert scan(place.store, place.vault.path).found == ()


def test_two_shares_that_begin_alike(place: Place) -> None:
    (first,) = place.put(1)
    share = place.shares[first][:4] + secrets.token_bytes(28)
    (second,) = place.keep([share])
    place.revoke([first, second])
    journal = place.beside("assign.db.vault-journal")
    plant(journal, share)
    assert scan(place.store, place.vault.path).found == (Residue(second, journal, 1),)
    plant(journal, place.shares[first])
    assert {each.key_id for each in scan(place.store, place.vault.path).found} == {first, second}


def test_a_beginning_that_repeats(place: Place) -> None:
    (key,) = place.keep([b"\xaa" * 5 + secrets.token_bytes(27)])
    place.revoke([key])
    journal = place.beside("assign.db.vault-journal")
    journal.write_bytes(b"\x00\xaa\xaa\xaa" + place.shares[key])
    assert scan(place.store, place.vault.path).found == (Residue(key, journal, 1),)


# Revoked, and not deleted


@pytest.mark.parametrize("marked", [True, False])
def test_a_share_that_a_crash_kept(place: Place, marked: bool) -> None:
    keys = place.put(3)
    place.revoke(keys[:1], marked=marked, deleted=False)
    found = scan(place.store, place.vault.path)
    assert found.found == (Residue(keys[0], place.vault.path, 1),)
    assert (found.marks, found.unmarked) == (21, 0)


def test_what_cannot_be_looked_for_is_counted(place: Place) -> None:
    place.revoke(place.put(3), marked=False)
    found = scan(place.store, place.vault.path)
    assert (found.found, found.marks, found.unmarked) == ((), 20, 3)


# The reading


def test_progress_is_told(place: Place) -> None:
    told: list[tuple[int, int]] = []
    found = scan(place.store, place.vault.path, progress=lambda *each: told.append(each))
    assert {total for _done, total in told} == {found.bytes_read}
    assert [done for done, _total in told] == sorted({done for done, _total in told})
    assert told[-1] == (found.bytes_read, found.bytes_read)


def test_a_journal_that_goes_away_meanwhile(place: Place) -> None:
    journal = place.beside("assign.db.vault-journal")
    plant(journal, place.shares[revoked(place)])
    found = scan(place.store, place.vault.path, progress=lambda *_: journal.unlink(missing_ok=True))
    assert found.found == ()


def test_a_file_that_cannot_be_read_is_no_proof(place: Place) -> None:
    place.beside("assign.db.ballast").mkdir()
    with pytest.raises(StoreUnavailable) as refusal:
        scan(place.store, place.vault.path)
    assert refusal.value.code == "store_unreachable"


def test_no_vault_is_no_proof(place: Place) -> None:
    place.vault.path.unlink()
    with pytest.raises(StoreUnavailable) as refusal:
        scan(place.store, place.vault.path)
    assert refusal.value.code == "vault_missing"


@pytest.mark.slow
def test_a_large_file_takes_little_memory(place: Place) -> None:
    scan(place.store, place.vault.path)
    place.beside("assign.db.ballast").write_bytes(secrets.token_bytes(1 << 19))
    tracemalloc.start()
    try:
        scan(place.store, place.vault.path)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 18
