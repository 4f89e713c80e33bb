"""Every image of the vault's file that a power cut could leave, and what is then in it.

The vault's writes and syncs are recorded. Of what was written since the last sync, any sector may
have reached the disk or not, each as it was at any moment since, and the file may have grown or
not. A sector is whole or not there: that is why a slot never lies across two. The store's half of
the same is in `test_power_cuts`, which needs a file system of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assigncli.server.vault import slot_file
from assigncli.server.vault.vault import Vault
from tests import slots

SECTOR = 512
Shares = dict[UUID, bytes]


@dataclass
class Recorded:
    """What is on the disk for certain, each state since then, and what was promised meanwhile."""

    synced: bytes
    since: list[bytes] = field(default_factory=list)
    live: Shares = field(default_factory=dict)
    dead: Shares = field(default_factory=dict)
    seen: int = 0

    @property
    def now(self) -> bytes:
        return self.since[-1] if self.since else self.synced

    def write(self, data: bytes, at: int) -> None:
        before = self.now.ljust(at, b"\0")
        self.since.append(before[:at] + data + before[at + len(data) :])

    def sync(self) -> None:
        self.synced, self.since = self.now, []

    def images(self) -> Iterator[bytes]:
        """Yield each content that the file could have on the disk, as the power goes now."""
        states = [self.synced, *self.since]
        sizes = {len(state) for state in states}
        longest = max(sizes)
        sectors = [
            {state.ljust(longest, b"\0")[at : at + SECTOR] for state in states}
            for at in range(0, longest, SECTOR)
        ]
        for size, chosen in product(sizes, product(*sectors)):
            yield b"".join(chosen)[:size]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "home" / "assign.db.vault")


@pytest.fixture
def recorded(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Record what the vault writes, and look at every image after each write and each sync."""
    found = Recorded(vault.path.read_bytes())
    write, sync = slot_file.write_at, slot_file.sync
    copy = tmp_path / "cut" / "assign.db.vault"
    copy.parent.mkdir(mode=0o700)
    copy.touch(mode=0o600)

    def written(handle: int, data: bytes, at: int) -> None:
        write(handle, data, at)
        found.write(data, at)
        look()

    def synced(handle: int) -> None:
        sync(handle)
        found.sync()
        look()

    def look() -> None:
        with monkeypatch.context() as usual:
            usual.setattr(slot_file, "write_at", write)
            usual.setattr(slot_file, "sync", sync)
            for image in found.images():
                copy.write_bytes(image)
                require_kept(copy, found)
                found.seen += 1

    monkeypatch.setattr(slot_file, "write_at", written)
    monkeypatch.setattr(slot_file, "sync", synced)
    return found


def require_kept(path: Path, found: Recorded) -> None:
    """Hold what was promised, and that doing again what was cut short makes the file whole."""
    vault = Vault.open(path)
    assert vault.held_among(found.live) == set(found.live)
    assert {key.bytes: share for key, share in found.live.items()}.items() <= slots.shares(
        path
    ).items()
    content = path.read_bytes()
    assert not [key for key, share in found.dead.items() if share in content]
    assert not vault.held_among(found.dead)
    loose = [key for key in vault.unchecked(every=True)[1] if key not in found.live]
    vault.revoke(loose)
    again = uuid4()
    vault.put(again, bytes(32))
    assert vault.held_among([again, *found.live]) == {again, *found.live}
    assert slots.shares(path).keys() == {key.bytes for key in (again, *found.live)}
    assert vault.check()


def fresh(count: int) -> Shares:
    return {uuid4(): secrets.token_bytes(32) for _ in range(count)}


def put(vault: Vault, recorded: Recorded, count: int) -> list[UUID]:
    shares = fresh(count)
    vault.put_all(shares.items())
    recorded.live |= shares
    return list(shares)


def revoke(vault: Vault, recorded: Recorded, keys: list[UUID]) -> None:
    """Delete shares; whoever deletes one has said before that it is dead."""
    gone = {key: recorded.live.pop(key) for key in keys}
    vault.revoke(keys)
    recorded.dead |= gone


@pytest.mark.slow
def test_no_image_lacks_a_share_that_was_put_or_has_one_that_was_deleted(
    vault: Vault, recorded: Recorded
) -> None:
    one = put(vault, recorded, 1)
    many = put(vault, recorded, 40)
    revoke(vault, recorded, many[:2])
    revoke(vault, recorded, [*one, *many[5::5]])
    vault.mark_checked(41)
    put(vault, recorded, 9)
    revoke(vault, recorded, many[6:9])
    assert recorded.seen > 350  # 396 to 453: keys made at random fall into other sectors together


def test_a_put_that_failed_halfway_leaves_none_of_its_shares(
    vault: Vault, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = put(vault, recorded, 3)
    sync = slot_file.sync

    def fail_once(handle: int) -> None:
        monkeypatch.setattr(slot_file, "sync", sync)
        raise OSError("the disk did not take it")

    monkeypatch.setattr(slot_file, "sync", fail_once)
    failed = fresh(12)
    with pytest.raises(Exception, match="vault"):
        vault.put_all(failed.items())
    recorded.dead |= failed
    revoke(vault, recorded, kept[:1])
    put(vault, recorded, 1)


def test_every_image_of_the_making_is_gone_on_with(tmp_path: Path) -> None:
    """Cut at any byte of the header: the next making ends it."""
    whole = slot_file.header(0)
    for size in range(len(whole) + 1):
        for content in (whole[:size], bytes(size)):
            path = tmp_path / str(size) / "assign.db.vault"
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(content)
            assert Vault.create(path).check()


@pytest.mark.parametrize("call", ["sync", "order"])
def test_a_vault_that_kept_another_order_is_found(
    vault: Vault, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The control: a put that does not wait for the disk, or a promise that is made too early."""
    keys = put(vault, recorded, 2)
    if call == "sync":
        monkeypatch.setattr(slot_file, "sync", lambda _handle: None)
        put(vault, recorded, 1)
        act: partial[object] = partial(vault.mark_checked, 3)
    else:
        recorded.dead |= {keys[0]: recorded.live.pop(keys[0])}
        act = partial(vault.revoke, keys[:1])
    with pytest.raises(AssertionError):
        act()
