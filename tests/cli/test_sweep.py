"""What the sweep does to what is still open: it expires, and it reminds once. Nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.attacker import column
from tests.office import Office
from tests.refusals import everything, refused
from tests.sweeping import (
    ARCHIVED,
    CLOSED,
    EXPIRED,
    REMINDED,
    SERVICE,
    entries,
    files_with,
    held_shares,
    key_id,
    key_moments,
    ledger,
    messages,
    moment,
    opened,
    settled,
    share,
    steps,
    stored,
    sweep,
    swept,
    untold,
    whole,
)

SENT = ("dispatched", "delivered", "read", "acknowledged", "contact_made")
# Sunday 29 November, 00:00 in Oslo: quiet, so that messages wait and can be looked at.
QUIET = moment("2026-11-28T23:00:00")
BEFORE = "--expires 28.11.2026"


@pytest.mark.slow
def test_nothing_due_says_nothing(office: Office) -> None:
    office.dispatch()
    office.create("--expires 28.11.2026")
    settled(office)
    settled(office)
    before = everything(office)
    for more in ("", "--dry-run", "--lang nb", "--quiet", "--store " + str(office.store)):
        assert sweep(office, more) == []
    empty = office.ok("sweep --json")
    assert empty.json == {"outcomes": [], "dry_run": False}
    assert everything(office) == before


@pytest.mark.slow
def test_auto_expiry_from_every_open_status(office: Office) -> None:
    numbers = {}
    for status in reversed(SENT):  # an inbox delivers everything, so what stays undelivered is last
        numbers[status] = office.dispatch(BEFORE)
        if status != "dispatched":
            office.to_status(numbers[status], status)
    settled(office)
    found = [share(office, number) for number in numbers.values()]
    office.now = QUIET
    swept(office, *(EXPIRED.format(number) for number in numbers.values()))
    for status, number in numbers.items():
        subject = column(office, number, "id")
        assert column(office, number, "status") == "expired"
        assert steps(office, number)[-1] == (status, "expired", SERVICE, stored(QUIET))
        assert ledger(office, subject) == [("dispatched", 1, 0), ("expired", -1, 0)]
        assert entries(office, "assignment.expired", subject) == [(SERVICE, stored(QUIET))]
        moments = key_moments(office, key_id(office, number))
        assert moments == (None, stored(QUIET), stored(QUIET))
        told = {each for each in messages(office, number) if each[0] == "expired"}
        assert told == {("expired", "kari", "queued"), ("expired", "anne", "queued")}
    assert held_shares(office) == 0
    assert [files_with(office, each) for each in found] == [[]] * len(SENT)
    swept(office)
    whole(office)


def test_auto_expiry_of_a_draft(office: Office) -> None:
    number, lasting = office.create(BEFORE), office.create()
    key = key_id(office, number)
    office.now = QUIET
    swept(office, EXPIRED.format(number))
    assert steps(office, number)[-1] == ("pending", "expired", SERVICE, stored(QUIET))
    assert ledger(office, column(office, number, "id")) == []
    assert messages(office, number) == set()
    assert key_moments(office, key) == (None, stored(QUIET), stored(QUIET))
    assert held_shares(office) == 1
    refused(office, f"dispatch {number}", "valid_status_transition")
    office.later(days=3000)
    swept(office, CLOSED.format("2026"), ARCHIVED.format(number))
    office.ok(f"dispatch {lasting}")


def test_both_are_told_of_an_expiry_once_the_quiet_is_over(office: Office) -> None:
    number = office.dispatch(BEFORE)
    settled(office)
    office.now = QUIET
    swept(office, EXPIRED.format(number))
    office.later(hours=31, minutes=59)
    swept(office)
    office.later(minutes=1)
    swept(office, *untold(number, "kari", "anne"))
    swept(office)


@pytest.mark.slow
def test_who_is_mentor_and_coordinator_is_told_once(office: Office) -> None:
    office.ok(
        "member invite dag --name Dag --role coordinator --role peer_mentor --here --keys keyring"
    )
    office.ok(
        f"create --to dag --title Visit --payload {office.person()} --dispatch {BEFORE}",
        profile="dag",
    )
    settled(office)
    office.now = QUIET
    swept(office, EXPIRED.format(1))
    assert ("expired", "dag", "queued") in messages(office, 1)


@pytest.mark.slow
def test_what_has_ended_does_not_expire(office: Office) -> None:
    recalled, cancelled, completed = (office.dispatch(BEFORE) for _ in range(3))
    office.ok(f"recall --yes {recalled}")
    office.ok(f"cancel --yes {cancelled} --reason Moved")
    office.to_status(completed, "completed")
    settled(office)
    office.now = QUIET
    swept(office)
    standing = [column(office, number, "status") for number in (recalled, cancelled, completed)]
    assert standing == ["recalled", "cancelled", "completed"]
    # Completed in time: readable for its retention, also past the day on which it would expire.
    office.read(completed)


def test_expired_payload_inaccessible_without_any_sweep(office: Office) -> None:
    number = office.dispatch(BEFORE)
    key, found = key_id(office, number), share(office, number)
    office.now = QUIET
    said = opened(office, number)
    assert (said.code, said.error_code) == (6, "expired_payload_inaccessible")
    assert said.stdout == ""
    assert steps(office, number)[-1] == ("dispatched", "expired", "service", stored(QUIET))
    assert key_moments(office, key)[1:] == (stored(QUIET), None)
    assert files_with(office, found) == []
    # The sweep finds nothing left to say of it, and records that the share is gone.
    swept(office)
    assert key_moments(office, key)[1:] == (stored(QUIET), stored(QUIET))


@pytest.mark.parametrize(
    "step",
    [
        "ack",
        pytest.param("contact", marks=pytest.mark.slow),
        pytest.param("complete", marks=pytest.mark.slow),
    ],
)
def test_no_step_is_taken_past_the_expiry_without_any_sweep(office: Office, step: str) -> None:
    number = office.dispatch(BEFORE)
    until = {"ack": "read", "contact": "acknowledged", "complete": "contact_made"}
    office.to_status(number, until[step])
    office.now = QUIET
    office.refused(f"{step} {number}", "expired_payload_inaccessible", 6, profile="kari")
    assert column(office, number, "status") == "expired"
    assert held_shares(office) == 0


@pytest.mark.slow
def test_ten_day_no_contact_reminder_is_queued_once_ever(office: Office) -> None:
    number = office.dispatch()
    settled(office)
    # Tuesday 1 December, 22:00 in Oslo: quiet.
    office.now = moment("2026-12-01T21:00:00")
    swept(office, REMINDED.format(number))
    subject = column(office, number, "id")
    assert column(office, number, "reminder_sent_at") == stored(office.now)
    assert entries(office, "assignment.reminded", subject) == [(SERVICE, stored(office.now))]
    told = {("reminder", "kari", "queued"), ("reminded", "anne", "queued")}
    assert told == {each for each in messages(office, number) if str(each[0]).startswith("remind")}
    swept(office)
    office.later(hours=12)
    swept(office, *untold(number, "kari", "anne"))
    for _day in range(9):
        office.later(days=1)
        swept(office)
    assert len(entries(office, "assignment.reminded", subject)) == 1
    assert len(messages(office, number)) == 3
    whole(office)


@pytest.mark.slow
def test_a_reminder_is_due_by_each_deadline(office: Office) -> None:
    ten, two, five, too = (office.dispatch(f"--deadline-days {days}") for days in (10, 2, 5, 2))
    office.ok("config set contact_deadline_days 3")
    three = office.dispatch()
    settled(office)
    due = {2: [two, too], 3: [three], 5: [five], 10: [ten]}
    # Days are local ones, whatever the hour of dispatch: due from midnight in Oslo.
    for day in (1, 2, 3, 4, 5, 9, 10, 11):
        office.now = moment("2026-11-21T23:00:00") + timedelta(days=day - 1)
        lines = sweep(office)
        reminded = [line for line in lines if line.endswith("The mentor gets a reminder.")]
        assert reminded == [REMINDED.format(number) for number in due.get(day, [])]
        assert lines == reminded, "it is the middle of the night"


@pytest.mark.slow
def test_what_was_read_is_reminded_of_too(office: Office) -> None:
    numbers = {}
    for status in ("acknowledged", "read", "delivered"):
        numbers[status] = office.dispatch("--deadline-days 2")
        office.to_status(numbers[status], status)
    settled(office)
    office.now = moment("2026-11-23T21:00:00")
    swept(office, *(REMINDED.format(number) for number in numbers.values()))
    for status, number in numbers.items():
        assert column(office, number, "status") == status


@pytest.mark.slow
def test_no_reminder_after_contact_or_for_a_draft_or_for_what_has_ended(office: Office) -> None:
    made, done, recalled, cancelled = (office.dispatch("--deadline-days 2") for _ in range(4))
    office.create("--deadline-days 2")
    office.to_status(made, "contact_made")
    office.to_status(done, "completed")
    office.ok(f"recall --yes {recalled}")
    office.ok(f"cancel --yes {cancelled} --reason Moved")
    settled(office)
    office.later(days=20)
    swept(office)


def test_what_has_expired_is_not_reminded_of(office: Office) -> None:
    number = office.dispatch("--deadline-days 9 --expires 28.11.2026")
    settled(office)
    office.now = moment("2026-12-01T11:00:00")
    swept(office, EXPIRED.format(number), *untold(number, "kari", "anne"))
    assert column(office, number, "reminder_sent_at") is None


def test_a_reminder_that_contact_overtook_is_not_sent(office: Office) -> None:
    number = office.dispatch("--deadline-days 2")
    office.to_status(number, "acknowledged")
    settled(office)
    office.now = moment("2026-11-23T21:00:00")
    swept(office, REMINDED.format(number))
    office.ok(f"contact {number}", profile="kari")
    office.later(hours=12)
    swept(office)
    remind = {each for each in messages(office, number) if str(each[0]).startswith("remind")}
    assert {status for _kind, _handle, status in remind} == {"dropped"}


@pytest.mark.slow
def test_more_than_one_part_is_done_in_one_run(office: Office) -> None:
    """Four due things of each kind are three parts of at most two, the last one empty."""
    numbers = [office.dispatch(f"--deadline-days {2 + each % 2} {BEFORE}") for each in range(4)]
    settled(office)
    with pytest.MonkeyPatch.context() as patch:
        for place in ("due", "notifications"):
            patch.setattr(f"assigncli.server.store.{place}.PART", 2)
        office.now = moment("2026-11-24T21:00:00")
        assert sorted(sweep(office)) == sorted(REMINDED.format(number) for number in numbers)
        office.now = QUIET
        assert sorted(sweep(office)) == sorted(EXPIRED.format(number) for number in numbers)
        swept(office)
    assert held_shares(office) == 0
    whole(office)
