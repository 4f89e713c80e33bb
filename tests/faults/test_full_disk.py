"""A disk that is really full, or may only be read: what can end, ends; nothing is half done.

The office's own disk, with store, vault, profiles and notes. The keys are elsewhere, as a system's
key store is. Another program takes whatever room an act leaves, so that each ending has to find its
own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assigncli.server.store.ballast import BALLAST_BYTES, beside
from tests import slots
from tests.attacker import column
from tests.office import Office
from tests.quick import only
from tests.small_disk import ext4, fill, in_memory, read_only
from tests.sweeping import (
    files_with,
    key_id,
    moment,
    opened,
    outcomes,
    settled,
    share,
    whole,
)

NIGHT = moment("2026-12-01T02:00:00")
MEGABYTE = 1 << 20
RECALL, CANCEL = "recall 1 --yes", "cancel 2 --reason Ill --yes"


@contextmanager
def mounted(kind: str, folder: Path) -> Iterator[Path]:
    if kind == "tmpfs":
        with in_memory(folder, "12m"):
            yield folder
    else:
        with ext4(folder, 24 * MEGABYTE):
            yield folder


@pytest.fixture(params=only("tmpfs", of=["tmpfs", "ext4"]))
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with mounted(request.param, tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def office(founded: Office, disk: Path, tmp_path: Path) -> Office:
    """Number 1 is sent, 2 is read, 3 and 4 expire in the night of `NIGHT`, 5 is a draft."""
    office = founded.copy_to(disk / "office")
    office.folder.chmod(0o700)
    shutil.move(office.folder / "keyring.json", tmp_path / "keyring.json")
    office.environ["ASSIGN_TEST_KEYRING"] = str(tmp_path / "keyring.json")
    for _number in (1, 2):
        office.dispatch("--expires 21.12.2026")
    office.read(2)
    for _number in (3, 4):
        office.dispatch("--expires 28.11.2026")
    office.create()
    settled(office)
    return office


def ballast_bytes(office: Office) -> int:
    place = beside(office.store)
    return place.stat().st_size if place.exists() else 0


def statuses(office: Office) -> list[object]:
    return [column(office, number, "status") for number in range(1, 6)]


def creating(office: Office, more: str = "") -> str:
    return f"create --to kari --title Visit --payload {office.person()} {more}"


@pytest.mark.slow
def test_what_can_end_ends_also_after_a_create_that_failed(office: Office, disk: Path) -> None:
    lines = [creating(office), creating(office, "--dispatch")]
    kept, before = slots.shares(office.vault), statuses(office)
    dead = [share(office, number) for number in (1, 2, 3)]
    for line, ending, number, after in (
        (lines[0], RECALL, 1, "recalled"),
        (lines[1], CANCEL, 2, "cancelled"),
    ):
        fill(disk)
        office.refused(line, "disk_full", 7)
        assert slots.shares(office.vault) == kept
        assert statuses(office) == before
        fill(disk)
        office.ok(ending)
        kept.pop(key_id(office, number).bytes)
        before[number - 1] = after
        assert slots.shares(office.vault) == kept
        assert statuses(office) == before
        assert 0 < ballast_bytes(office) < BALLAST_BYTES, "what an ending leaves is kept back again"
    office.now = NIGHT
    fill(disk)
    office.refused(lines[0], "disk_full", 7)
    assert outcomes(office, code=None)[:2] == [
        ("expired", 3, None, None),
        ("expired", 4, None, None),
    ]
    assert slots.shares(office.vault).keys() == {key_id(office, 5).bytes}
    assert not [each for each in dead if files_with(office, each)]
    fill(disk).unlink()
    settled(office)
    assert ballast_bytes(office) == BALLAST_BYTES
    whole(office)


@pytest.mark.slow
def test_one_ending_after_another_finds_room_until_the_ballast_is_used_up(
    office: Office, disk: Path
) -> None:
    """Each takes some of it, and the one that finds too little is refused, with nothing done."""
    for _number in range(24):
        office.dispatch()
    ended, room = [], ballast_bytes(office)
    for number in range(6, 30):
        fill(disk)
        kept = slots.shares(office.vault)
        result = office.run(f"recall {number} --yes")
        if result.code != 0:
            break
        ended.append(number)
        assert ballast_bytes(office) < room
        room = ballast_bytes(office)
    assert len(ended) >= 8
    assert (result.code, result.error_code) == (7, "disk_full")
    assert column(office, number, "status") == "dispatched"
    assert slots.shares(office.vault) == kept
    fill(disk).unlink()
    office.ok(f"recall {number} --yes")
    settled(office)
    assert ballast_bytes(office) == BALLAST_BYTES
    whole(office)


@pytest.mark.slow
def test_without_a_ballast_only_the_share_of_what_has_expired_goes(
    office: Office, disk: Path
) -> None:
    """Nothing can be recorded then. What has expired is opened by nobody."""
    beside(office.store).unlink()
    dead, before = [share(office, 3), share(office, 4)], statuses(office)
    kept = slots.shares(office.vault)
    fill(disk)
    for line in (RECALL, CANCEL, creating(office)):
        office.refused(line, "disk_full", 7)
    assert slots.shares(office.vault) == kept
    office.now = NIGHT
    said = outcomes(office, code=5)
    assert ("expired", 3, None, "disk_full") in said
    assert ("expired", 4, None, "disk_full") in said
    assert statuses(office) == before
    assert not [each for each in dead if files_with(office, each)]
    assert opened(office, 3).stdout == ""
    fill(disk).unlink()
    office.ok(RECALL)
    settled(office)
    assert statuses(office) == ["recalled", "read", "expired", "expired", "pending"]
    whole(office)


@pytest.mark.slow
def test_who_reads_what_has_expired_ends_it_though_the_disk_is_full(
    office: Office, disk: Path
) -> None:
    """As without a full disk: the read is refused, the expiry is recorded, and the share goes."""
    dead = share(office, 3)
    office.now = NIGHT
    fill(disk)
    result = opened(office, 3)
    assert (result.code, result.stdout, result.error_code) == (
        6,
        "",
        "expired_payload_inaccessible",
    )
    assert column(office, 3, "status") == "expired"
    assert files_with(office, dead) == []


@pytest.mark.slow
def test_a_brief_whose_time_is_over_goes_though_the_disk_is_full(
    office: Office, disk: Path
) -> None:
    for line in ("ack 2", "contact 2", "complete 2"):
        office.ok(line, profile="kari")
    for line in ("recall 3 --yes", "recall 4 --yes"):
        office.ok(line)
    office.later(days=31)
    dead = share(office, 2)
    fill(disk)
    assert ("shredded", 2, None, None) in outcomes(office, code=None)
    assert files_with(office, dead) == []


@pytest.mark.slow
def test_a_note_that_found_no_room_leaves_no_half_of_it(office: Office, disk: Path) -> None:
    fill(disk)
    assert "was not noted before it was sent" in office.ok(RECALL).stderr
    assert list((office.home / "outstanding").rglob("*.*")) == []


# A disk that may only be read


def test_on_a_read_only_disk_what_is_read_is_read_and_nothing_else_is_done(
    office: Office, disk: Path
) -> None:
    lines = [creating(office), creating(office, "--dispatch"), RECALL, CANCEL, "dispatch 5"]
    before = office.snapshot()
    with read_only(disk):
        for line in lines:
            office.refused(line, "store_read_only", 7)
        for line in ("open 1 --reveal", "ack 2", "inbox"):
            office.refused(line, "store_read_only", 7, profile="kari")
        for line in ("list", "show 1", "status", "audit verify", "store check"):
            office.ok(line)
        office.now = NIGHT
        assert opened(office, 3).stdout == ""
        assert {problem for *_facts, problem in outcomes(office, code=5)} == {"store_read_only"}
        assert office.run("doctor").code == 1
        assert office.snapshot() == before
    swept_after = outcomes(office)
    assert ("expired", 3, None, None) in swept_after
    office.ok(RECALL)
    whole(office)


@pytest.mark.slow
def test_a_vault_on_a_read_only_disk_keeps_every_share_and_hands_it_out(
    founded: Office, tmp_path: Path
) -> None:
    """Recorded is what the store can record; the share goes with the next sweep that may write."""
    with in_memory(tmp_path / "disk", "4m") as disk:
        office = founded.copy_to(tmp_path / "office")
        shutil.move(office.vault, disk / "vault")
        office.vault.symlink_to(disk / "vault")
        for _number in (1, 2):
            office.dispatch()
        dead = share(office, 1)
        with read_only(disk):
            office.refused(creating(office), "store_read_only", 7)
            said = office.run(RECALL)
            assert (said.code, said.error_code) == (5, "share_not_deleted")
            assert column(office, 1, "status") == "recalled"
            assert "Synthetic summary" in office.read(2).stdout
            assert opened(office, 1).stdout == ""
            assert dead in (disk / "vault").read_bytes()
            assert ("share_deleted", None, None, "store_read_only") in outcomes(office, code=5)
        assert ("share_deleted", None, None, None) in outcomes(office)
        assert dead not in (disk / "vault").read_bytes()
        whole(office)
