"""What the sweep does to what is over: retention, archive, cycles, certifications, lost shares."""

from __future__ import annotations

import secrets
from uuid import uuid4

import pytest

from tests import slots
from tests.attacker import column
from tests.office import Office
from tests.quick import only
from tests.refusals import refused, rows
from tests.sweeping import (
    ARCHIVED,
    CLOSED,
    LAPSED,
    LEFT_BEHIND,
    SERVICE,
    SHREDDED,
    STRAY,
    entries,
    files_with,
    held_shares,
    key_id,
    key_moments,
    ledger,
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


def completed(office: Office) -> int:
    """Return the number of an assignment completed at the office's moment, everybody told."""
    number = office.dispatch()
    office.to_status(number, "completed")
    settled(office)
    return number


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "day"), only(None, of=[(None, "21"), ("5", "26"), ("1", "22")])
)
def test_a_brief_is_kept_for_its_retention_and_no_longer(
    office: Office, setting: str | None, day: str
) -> None:
    if setting:
        office.ok(f"config set retention_days {setting}")
    number = completed(office)
    key, found, at = key_id(office, number), share(office, number), stored(office.now)
    assert key_moments(office, key) == (at, None, None)
    # Completed on 21 November: gone from that many local days later, 00:00 in Oslo.
    month = "12" if setting is None else "11"
    midnight = moment(f"2026-{month}-{int(day) - 1}T23:00:00")
    office.now = midnight
    office.later(seconds=-1)
    swept(office)
    assert "Olga" in office.read(number).stdout
    office.now = midnight
    swept(office, SHREDDED.format(number))
    assert key_moments(office, key) == (at, stored(midnight), stored(midnight))
    subject = column(office, number, "id")
    assert entries(office, "payload.shredded", subject) == [(SERVICE, stored(midnight))]
    assert files_with(office, found) == []
    said = opened(office, number)
    assert (said.code, said.error_code, said.stdout) == (7, "share_missing", "")
    assert column(office, number, "status") == "completed"
    swept(office)
    whole(office)


@pytest.mark.slow
def test_the_retention_in_force_on_the_day_counts(office: Office) -> None:
    first = completed(office)
    office.later(days=29)
    office.ok("config set retention_days 60")
    office.later(days=20)
    swept(office, CLOSED.format("2026"))
    office.read(first)
    office.ok("config set retention_days 40")
    swept(office, SHREDDED.format(first))


@pytest.mark.slow
def test_what_ended_a_year_ago_is_archived(office: Office) -> None:
    done, recalled = office.dispatch(), office.dispatch("--reference A-7")
    office.to_status(done, "completed")
    office.ok(f"recall --yes {recalled}")
    ids = [column(office, number, "id") for number in (done, recalled)]
    lines = [ledger(office, each) for each in ids]
    office.now = moment("2027-11-20T22:59:59")
    settled(office)
    assert office.ok("list --json").json["assignments"] != []
    office.later(seconds=1)
    swept(office, ARCHIVED.format(done), ARCHIVED.format(recalled))
    assert rows(office, "SELECT number, status FROM archived_assignments ORDER BY number") == [
        (done, "completed"),
        (recalled, "recalled"),
    ]
    for table in ("assignments", "key_wraps"):
        assert rows(office, f"SELECT count(*) FROM {table}") == [(0,)]
    assert [ledger(office, each) for each in ids] == lines
    assert office.ok("list --json").json["assignments"] == []
    for number in (done, recalled):
        refused(office, f"show {number}", "assignment_archived", 3)
        refused(office, f"open {number} --reveal", "assignment_archived", 3, profile="kari")
        assert len(entries(office, "assignment.archived", ids[number - 1])) == 1
    assert office.dispatch() == recalled + 1, "no number is given twice"
    settled(office)
    swept(office)
    whole(office)


def test_the_reason_of_a_cancellation_goes_with_the_archive(office: Office) -> None:
    number = office.dispatch()
    office.ok(f"cancel {number} --yes --reason 'Moved to the coast.'")
    settled(office)
    office.later(days=400)
    swept(office, CLOSED.format("2026"), ARCHIVED.format(number))
    assert rows(office, "SELECT count(*) FROM assignment_status_logs WHERE reason IS NOT NULL") == [
        (0,)
    ]
    assert files_with(office, b"Moved to the coast.") == []
    whole(office)


@pytest.mark.slow
def test_a_year_without_any_sweep_is_made_up_for_in_one(office: Office) -> None:
    number = completed(office)
    found = share(office, number)
    office.later(days=400)
    swept(office, SHREDDED.format(number), CLOSED.format("2026"), ARCHIVED.format(number))
    assert files_with(office, found) == []
    assert held_shares(office) == 0
    swept(office)
    whole(office)


def test_cycles_that_have_ended_are_closed(office: Office) -> None:
    office.now = moment("2026-12-31T22:59:59")
    swept(office)
    assert cycles(office) == [("2026", "open")]
    office.later(seconds=1)
    office.dispatch()
    swept_lines = sweep(office)
    assert [line for line in swept_lines if "cycle" in line] == [CLOSED.format("2026")]
    assert cycles(office) == [("2026", "closed"), ("2027", "open")]
    assert rows(office, "SELECT closed_at FROM reporting_cycles WHERE name = '2026'") == [
        (stored(office.now),)
    ]
    office.dispatch()
    listed = office.ok("cycle list --json").json["cycles"]
    assert {each["name"]: each["status"] for each in listed} == dict(cycles(office))
    whole(office)


@pytest.mark.slow
def test_cycles_opened_by_hand_are_closed_and_none_is_opened(office: Office) -> None:
    office.ok("config set reporting_cycles by_hand")
    office.now = moment("2027-01-10T11:00:00")
    office.ok("cycle open Winter --from 1.1.2027 --to 31.1.2027")
    settled(office)
    office.now = moment("2027-01-31T23:00:00")
    swept(office, CLOSED.format("Winter"))
    refused(
        office,
        f"create --to kari --title V --payload {office.person()} --dispatch",
        "reporting_cycle_active",
    )
    assert cycles(office) == [("2026", "closed"), ("Winter", "closed")]


def cycles(office: Office) -> list[tuple[object, ...]]:
    return rows(office, "SELECT name, status FROM reporting_cycles ORDER BY starts_on")


@pytest.mark.slow
@pytest.mark.parametrize("paused", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_certification_lapses_and_is_made_good(office: Office, paused: bool) -> None:
    office.ok("member certify ola --certified-until 25.11.2026")
    waiting = office.create(to="ola")
    if paused:
        office.ok("member pause ola")
    settled(office)
    office.now = moment("2026-11-25T22:59:59")
    swept(office)
    office.later(seconds=1)
    still_open = f"Assignment {waiting}, Home visit, is open with Ola Dunk. Run assign status."
    swept(office, LAPSED.format("Ola Dunk"), still_open)
    assert profile(office, "ola") == "expired"
    ((member,),) = rows(office, "SELECT id FROM members WHERE handle = 'ola'")
    assert entries(office, "member.lapsed", member) == [(SERVICE, stored(office.now))]
    refused(office, f"dispatch {waiting}", "recipient_is_active_peer_mentor")
    swept(office)
    office.ok("member certify ola --certified-until 31.12.2026")
    assert profile(office, "ola") == "active"
    swept(office)
    office.ok(f"dispatch {waiting}")
    whole(office)


def test_who_was_certified_without_an_end_never_lapses(office: Office) -> None:
    office.later(days=2000)
    swept(office, CLOSED.format("2026"))
    assert profile(office, "kari") == "active"


def profile(office: Office, handle: str) -> object:
    ((status,),) = rows(
        office,
        "SELECT p.status FROM peer_mentor_profiles AS p JOIN members AS m ON m.id = p.member_id"
        " WHERE m.handle = ?",
        handle,
    )
    return status


@pytest.mark.slow
def test_a_share_that_a_crash_left_behind_is_deleted(office: Office) -> None:
    number, open_number = office.dispatch(), office.dispatch()
    settled(office)
    key, found = key_id(office, number), share(office, number)
    office.ok(f"recall --yes {number}")
    put_back(office, key, found)
    office.later(minutes=10)
    swept(office, LEFT_BEHIND, *untold(number, "kari"))
    assert files_with(office, found) == []
    assert key_moments(office, key)[2] == stored(office.now)
    office.read(open_number)
    swept(office)
    whole(office)


@pytest.mark.slow
def test_a_share_that_a_recall_did_not_reach_is_deleted(office: Office) -> None:
    """As after a crash of a recall on a machine that did not reach the vault."""
    number = office.dispatch()
    key, found = key_id(office, number), share(office, number)
    aside = office.folder / "aside"
    office.vault.rename(aside)
    office.refused(f"recall --yes {number}", "share_not_deleted", 5)
    aside.rename(office.vault)
    assert column(office, number, "status") == "recalled"
    assert key_moments(office, key)[2] is None
    assert LEFT_BEHIND in sweep(office)
    assert key_moments(office, key)[2] == stored(office.now)
    assert files_with(office, found) == []


def test_a_share_of_a_row_that_was_never_written_is_deleted(office: Office) -> None:
    number = office.dispatch()
    settled(office)
    strays = {uuid4(): secrets.token_bytes(32) for _ in range(3)}
    for key, stray in strays.items():
        put_back(office, key, stray)
    swept(office, *[STRAY] * 3)
    for stray in strays.values():
        assert files_with(office, stray) == []
    office.read(number)
    swept(office)


def test_a_share_put_back_after_it_was_known_to_be_gone(office: Office) -> None:
    """As an old copy of the vault brings it back."""
    number = office.dispatch()
    key, found = key_id(office, number), share(office, number)
    office.ok(f"recall --yes {number}")
    settled(office)
    put_back(office, key, found)
    swept(office, LEFT_BEHIND)
    assert files_with(office, found) == []


def test_an_old_vault_put_back_is_cleared_by_the_first_sweep_of_a_day(office: Office) -> None:
    number, kept = completed(office), office.dispatch("--expires 31.3.2027")
    found = share(office, number)
    old = office.vault.read_bytes()
    office.later(days=30)
    settled(office)
    office.vault.write_bytes(old)
    office.later(days=1)
    swept(office, LEFT_BEHIND)
    assert files_with(office, found) == []
    office.read(kept)


@pytest.mark.slow
def test_an_old_vault_brings_no_brief_back_whose_retention_is_over(office: Office) -> None:
    number = completed(office)
    old = office.vault.read_bytes()
    office.later(days=30)
    swept(office, SHREDDED.format(number))
    office.vault.write_bytes(old)
    said = opened(office, number)
    assert (said.code, said.error_code, said.stdout) == (7, "share_missing", "")


@pytest.mark.slow
def test_three_hundred_strays_leave_no_trace(office: Office) -> None:
    number = office.dispatch()
    strays = [secrets.token_bytes(32) for _ in range(300)]
    for stray in strays:
        slots.add(office.vault, uuid4().bytes, stray)
    assert sweep(office).count(STRAY) == len(strays)
    left = office.vault.read_bytes()
    assert not [stray for stray in strays if stray in left]
    office.read(number)
