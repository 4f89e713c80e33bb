"""An end is an end: the share is in no live file any more, and nothing opens the assignment.

Also where an old copy of the store is put back that knows nothing of the end.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests import slots
from tests.attacker import alter, column, forget_heads
from tests.office import Office, Result
from tests.quick import only
from tests.sweeping import (
    EXPIRED,
    SHREDDED,
    files_with,
    held_shares,
    key_id,
    key_moments,
    moment,
    opened,
    put_back,
    settled,
    share,
    stored,
    sweep,
    swept,
    untold,
    whole,
)

DAY_AFTER = moment("2026-11-28T23:00:00")


def recall(office: Office, number: int) -> None:
    office.ok(f"recall --yes {number}")


def cancel(office: Office, number: int) -> None:
    office.read(number)
    office.ok(f"cancel --yes {number} --reason Moved")


def expire(office: Office, number: int) -> None:
    office.now = DAY_AFTER
    assert EXPIRED.format(number) in sweep(office)


def expire_by_reading(office: Office, number: int) -> None:
    office.now = DAY_AFTER
    assert opened(office, number).error_code == "expired_payload_inaccessible"


def complete(office: Office, number: int) -> None:
    office.to_status(number, "completed")
    office.later(days=30)
    assert SHREDDED.format(number) in sweep(office)


ENDS = (recall, cancel, expire, expire_by_reading, complete)
End = Callable[[Office, int], None]


@pytest.mark.slow
@pytest.mark.parametrize("end", only(complete, of=ENDS))
def test_the_share_is_in_no_live_file(office: Office, end: End) -> None:
    number, other = (office.dispatch(f"--expires {day}") for day in ("28.11.2026", "31.3.2027"))
    found, kept = share(office, number), share(office, other)
    assert files_with(office, found) == ["assign.db.vault"]
    end(office, number)
    for _look in ("at once", "after a sweep"):
        assert files_with(office, found) == []
        assert files_with(office, kept) == ["assign.db.vault"]
        assert opened(office, number).stdout == ""
        sweep(office)
    before = office.snapshot()
    assert office.ok("store check --json").json["problems"] == []
    assert office.snapshot() == before
    office.read(other)
    whole(office)


@pytest.mark.slow
def test_no_trace_of_many_in_a_vault_that_was_full_of_them(office: Office) -> None:
    """Ended one by one and all at once, from both ends of the file and its middle."""
    shares = {office.create("--expires 28.11.2026"): b"" for _ in range(12)}
    shares = {number: share(office, number) for number in shares}
    kept = office.dispatch()
    for number in (1, 6, 12):
        office.ok(f"recall --yes {number}")
    office.now = DAY_AFTER
    sweep(office)
    assert [each for each in shares.values() if files_with(office, each)] == []
    assert held_shares(office) == 1
    office.read(kept)


def with_old_store(office: Office, number: int, end: End) -> bytes:
    """End it, and put the store back as it was before; return what the share was."""
    old, found = office.folder / "backup.db", share(office, number)
    shutil.copyfile(office.store, old)
    end(office, number)
    shutil.copyfile(old, office.store)
    assert column(office, number, "status") in ("dispatched", "completed")
    forget_heads(office)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "end",
    [
        expire,
        *(pytest.param(end, marks=pytest.mark.slow) for end in (recall, cancel, expire_by_reading)),
    ],
)
def test_an_old_store_put_back_opens_nothing(office: Office, end: End) -> None:
    number = office.dispatch("--expires 28.11.2026")
    settled(office)
    found = with_old_store(office, number, end)
    office.now = DAY_AFTER
    office.later(days=-3)  # as though the expiry were still ahead
    for _again in range(2):
        require_gone(opened(office, number))
    assert column(office, number, "first_read_at") is None
    office.now = DAY_AFTER
    swept(office, EXPIRED.format(number))
    assert column(office, number, "status") == "expired"
    assert key_moments(office, key_id(office, number))[1:3] == (stored(DAY_AFTER),) * 2
    assert opened(office, number).error_code == "expired_payload_inaccessible"
    assert files_with(office, found) == []
    office.now = moment("2026-12-01T11:00:00")
    swept(office, *untold(number, "kari", "anne"))
    whole(office)


def require_gone(said: Result) -> None:
    assert (said.code, said.error_code, said.stdout) == (7, "share_missing", "")


@pytest.mark.slow
def test_an_old_store_put_back_opens_nothing_whose_retention_is_over(office: Office) -> None:
    number = office.dispatch()
    office.to_status(number, "completed")
    settled(office)
    old = office.folder / "backup.db"
    shutil.copyfile(office.store, old)
    office.later(days=30)
    swept(office, SHREDDED.format(number))
    shutil.copyfile(old, office.store)
    assert office.run("sweep").error_code == "log_behind"
    forget_heads(office)
    office.later(days=-10)
    require_gone(opened(office, number))
    office.later(days=10)
    swept(office, SHREDDED.format(number))
    require_gone(opened(office, number))
    whole(office)


def test_an_old_store_whose_date_is_moved_opens_nothing_either(office: Office) -> None:
    """Whoever writes to the old store finds nothing there that the share's end depends on."""
    number = office.dispatch("--expires 28.11.2026")
    settled(office)
    with_old_store(office, number, expire)
    alter(office, number, expires_at="2099-01-01T00:00:00.000000Z")
    for at in (DAY_AFTER, moment("2026-11-22T11:00:00")):
        office.now = at
        assert opened(office, number).stdout == ""


@pytest.mark.slow
def test_an_old_draft_put_back_cannot_be_opened_for_an_edit(office: Office) -> None:
    number = office.create("--expires 28.11.2026")
    old = office.folder / "backup.db"
    shutil.copyfile(office.store, old)
    expire(office, number)
    shutil.copyfile(old, office.store)
    forget_heads(office)
    office.later(days=-3)
    said = office.run(f"edit {number} --title Another")
    assert (said.code, said.error_code, said.stdout) == (7, "share_missing", "")


def test_an_expiry_while_a_deletion_was_cut_short(office: Office) -> None:
    """A power cut may leave half of a share in its slot; the sweep writes over that, too."""
    number = office.dispatch("--expires 28.11.2026")
    found = share(office, number)
    (kept,) = slots.slots(office.vault)
    slots.write_at(office.vault, bytes(16), kept.at + 16)
    assert files_with(office, found[16:]) == ["assign.db.vault"]
    assert office.run("store check").error_code == "vault_damaged"
    office.now = DAY_AFTER
    assert EXPIRED.format(number) in sweep(office)
    assert files_with(office, found[16:]) == []
    assert [each.what for each in slots.slots(office.vault)] == ["deleted"]
    whole(office)


def test_the_check_finds_a_share_that_was_put_back(office: Office) -> None:
    put_back_after_a_recall(office)
    said = office.run("store check")
    assert (said.code, said.error_code) == (7, "share_left_behind")
    assert "The vault holds 1 key that was deleted. Run assign sweep." in said.stdout


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 31])
def test_the_check_finds_a_deleted_place_that_is_not_empty(office: Office, place: int) -> None:
    number = office.dispatch()
    office.ok(f"recall --yes {number}")
    (kept,) = slots.slots(office.vault)
    slots.write_at(office.vault, b"\1", kept.at + 16 + place)
    (problem,) = office.run("store check --json").json["problems"]
    assert problem == {"code": "vault_damaged", "problem": "1 place in the vault is damaged."}
    settled(office)
    office.later(days=1)  # the first sweep of a day looks at every share
    settled(office)
    whole(office)


def test_a_sweep_mends_what_the_check_finds(office: Office) -> None:
    put_back_after_a_recall(office)
    settled(office)
    office.ok("store check")


def put_back_after_a_recall(office: Office) -> int:
    """Put the share of a recalled assignment back once its end is complete."""
    number = office.dispatch()
    key, found = key_id(office, number), share(office, number)
    office.ok(f"recall --yes {number}")
    settled(office)
    office.ok("store check")
    put_back(office, key, found)
    return number
