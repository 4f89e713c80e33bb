"""When things become due: on calendar days where the organisation is, wherever the machine is.

The moments are written out, and not asked of the code that is tested. Oslo is one hour ahead of
UTC, two in summer, from 29 March to 25 October 2026; Auckland is twelve ahead, thirteen in its
summer, which ends on 5 April and begins on 27 September 2026.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acting import process
from tests.attacker import column
from tests.office import Office
from tests.quick import only
from tests.refusals import rows
from tests.sweeping import (
    ARCHIVED,
    CLOSED,
    EXPIRED,
    REMINDED,
    SHREDDED,
    moment,
    outcomes,
    settled,
    swept,
    whole,
)

Case = tuple[str, str, str]

# When it is dispatched, at an odd hour of its day; the last day before; when the eleventh begins.
MIDNIGHTS: dict[str, tuple[Case, ...]] = {
    "Europe/Oslo": (
        ("2026-03-18T23:00:00", "28.3.2026", "2026-03-28T23:00:00"),  # the clocks go forward
        ("2026-03-20T22:30:00", "29.3.2026", "2026-03-29T22:00:00"),
        ("2026-10-15T21:59:59", "24.10.2026", "2026-10-24T22:00:00"),  # and back
        ("2026-10-15T22:00:00", "25.10.2026", "2026-10-25T23:00:00"),
        ("2026-12-21T23:00:00", "31.12.2026", "2026-12-31T23:00:00"),
        ("2028-02-18T23:00:00", "28.2.2028", "2028-02-28T23:00:00"),  # leap day begins
        ("2028-02-20T22:59:59", "29.2.2028", "2028-02-29T23:00:00"),  # and is over
    ),
    "Pacific/Auckland": (
        ("2026-03-25T11:00:00", "4.4.2026", "2026-04-04T11:00:00"),
        ("2026-03-27T10:59:59", "5.4.2026", "2026-04-05T12:00:00"),
        ("2026-09-16T12:00:00", "26.9.2026", "2026-09-26T12:00:00"),
        ("2026-09-18T11:59:59", "27.9.2026", "2026-09-27T11:00:00"),
        ("2026-12-22T10:59:59", "31.12.2026", "2026-12-31T11:00:00"),
        ("2028-02-19T10:59:59", "28.2.2028", "2028-02-28T11:00:00"),
        ("2028-02-19T11:00:00", "29.2.2028", "2028-02-29T11:00:00"),
    ),
}
HOSTS = ("UTC", "Europe/Oslo", "Pacific/Auckland")


@pytest.fixture(
    params=[*(pytest.param(zone, marks=pytest.mark.slow) for zone in HOSTS[:2]), HOSTS[2]]
)
def host(request: pytest.FixtureRequest) -> Iterator[str]:
    """Put this process into a time zone, and back."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    try:
        yield request.param
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


@pytest.fixture(scope="module", params=only("Europe/Oslo", of=sorted(MIDNIGHTS)))
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Office]:
    """An office in a time zone, before the first of its midnights."""
    zone = request.param
    office = Office(tmp_path_factory.mktemp("filled") / "office", moment("2026-01-02T11:00:00"))
    office.folder.mkdir(mode=0o700)
    office.ok(
        "init --organization Test --handle anne --name 'Anne Berg' --keys keyring"
        f" --time-zone {zone}",
        profile=None,
    )
    for handle in ("kari", "ola"):
        office.ok(f"member invite {handle} --name {handle.title()} --here --keys keyring")
    office.ok(f"member certify ola --certified-until {MIDNIGHTS[zone][1][1]}")
    return zone, office


@pytest.mark.slow
def test_due_from_the_first_moment_of_the_local_day(
    filled: tuple[str, Office], host: str, tmp_path: Path
) -> None:
    zone, model = filled
    office = model.copy_to(tmp_path / "office")
    assert time.tzname[0] in {"UTC": ("UTC",), "Europe/Oslo": ("CET",)}.get(host, ("NZST",))
    for each, midnight in in_their_order(office, MIDNIGHTS[zone]):
        expired, reminded = 2 * each + 2, 2 * each + 1
        due = [("expired", expired, None, None), ("reminded", reminded, None, None)]
        if each == 1:
            due.append(("certification_lapsed", None, "Ola", None))
        if midnight.startswith("2026-12-31"):
            due.append(("cycle_closed", None, "2026", None))
        office.now = moment(midnight) - timedelta(seconds=1)
        assert duties(office) == []
        office.now = moment(midnight)
        assert sorted(duties(office), key=str) == sorted(due, key=str)
    whole(office)


def in_their_order(office: Office, cases: Sequence[Case]) -> Iterator[tuple[int, str]]:
    """Dispatch, and draft, for each case when it is sent; yield it when its midnight comes."""
    sent = [(moment(sent), 0, each) for each, (sent, _day, _midnight) in enumerate(cases)]
    ends = [(moment(midnight), 1, each) for each, (_sent, _day, midnight) in enumerate(cases)]
    for at, is_end, each in sorted(sent + ends):
        if is_end:
            yield each, cases[each][2]
        else:
            office.now = at
            office.dispatch("--deadline-days 10 --expires 31.12.2028")
            office.create(f"--expires {cases[each][1]}")


def duties(office: Office) -> list[tuple[object, ...]]:
    """Sweep and return what was done beside sending, and beside what a year brings."""
    return [each for each in outcomes(office) if each[0] not in ("notified", "archived")]


def test_dispatched_on_the_first_is_due_from_the_eleventh(office: Office) -> None:
    office.now = moment("2026-11-30T23:00:00")  # 1 December, 00:00 in Oslo
    first = office.dispatch()
    office.now = moment("2026-12-01T22:59:59")  # the last second of that day
    last = office.dispatch()
    settled(office)
    office.now = moment("2026-12-10T22:59:59")
    swept(office)
    office.later(seconds=1)
    swept(office, REMINDED.format(first), REMINDED.format(last))


@pytest.mark.slow
@pytest.mark.parametrize("zone", HOSTS)
def test_a_process_in_another_time_zone_sweeps_on_the_same_day(office: Office, zone: str) -> None:
    number = office.dispatch("--expires 28.11.2026")
    settled(office)
    for at, said in (
        ("2026-11-28T22:59:59", ""),
        ("2026-11-28T23:00:00", EXPIRED.format(number) + "\n"),
    ):
        office.now = moment(at)
        done = subprocess.run(
            process(office, "sweep"),
            env={**office.process_env(), "TZ": zone},
            capture_output=True,
            check=False,
            text=True,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


@pytest.mark.parametrize(
    ("finished", "over"),
    [
        pytest.param("2027-02-26T22:59:59", "2027-03-27T23:00:00", marks=pytest.mark.slow),
        ("2027-02-26T23:00:00", "2027-03-28T22:00:00"),
        pytest.param("2026-12-02T22:59:59", "2026-12-31T23:00:00", marks=pytest.mark.slow),
        pytest.param("2028-01-30T23:00:00", "2028-02-29T23:00:00", marks=pytest.mark.slow),
    ],
)
def test_a_retention_ends_at_midnight(office: Office, finished: str, over: str) -> None:
    office.now = moment(finished)
    number = office.dispatch()
    office.to_status(number, "completed")
    settled(office)
    office.now = moment(over) - timedelta(seconds=1)
    swept(office)
    office.read(number)
    office.now = moment(over)
    ended = [CLOSED.format("2026")] if over.startswith("2026-12-31") else []
    swept(office, SHREDDED.format(number), *ended)


@pytest.mark.slow
def test_a_year_ends_a_day_after_its_day_save_for_leap_days(office: Office) -> None:
    ends = {
        "2027-02-28T11:00:00": "2028-02-27T23:00:00",
        "2027-03-01T11:00:00": "2028-02-29T23:00:00",  # and not on leap day
        "2028-02-28T22:59:59": "2029-02-27T23:00:00",
        "2028-02-28T23:00:00": "2029-02-28T23:00:00",  # leap day itself: on 1 March
        "2028-02-29T23:00:00": "2029-02-28T23:00:00",
    }
    due: dict[str, list[int]] = {}
    office.now = moment("2027-01-02T11:00:00")
    swept(office, CLOSED.format("2026"))
    for at in sorted({*ends, *ends.values()}):
        if at in ends.values():
            office.now = moment(at) - timedelta(seconds=1)
            swept(office)
        office.now = moment(at)
        if at in ends:
            number = office.create()
            office.ok(f"recall --yes {number}")
            due.setdefault(ends[at], []).append(number)
        if at in due:
            swept(office, *(ARCHIVED.format(number) for number in due[at]))
    assert set(due) == set(ends.values())
    whole(office)


@pytest.mark.slow
def test_a_clock_set_backwards_does_nothing_twice(office: Office) -> None:
    reminded, expired = office.dispatch("--deadline-days 2"), office.create("--expires 24.11.2026")
    waits = office.create("--expires 10.12.2026")
    settled(office)
    began = office.now
    office.now = moment("2026-11-24T23:00:00")
    swept(office, EXPIRED.format(expired), REMINDED.format(reminded))
    for days in (1, 2, 5, 400):
        office.later(days=-days)
        assert duties(office) == []
    office.now = began
    line = f"create --dispatch --to kari --title Late --payload {office.person()}"
    office.refused(line, "clock_behind", 1)
    office.now = moment("2026-11-24T23:00:00")
    late = office.dispatch("--deadline-days 1")
    office.now = moment("2026-11-25T23:00:00")
    assert duties(office) == [("reminded", late, None, None)]
    office.now = moment("2026-12-11T11:00:00")
    assert duties(office) == [("expired", waits, None, None)]
    assert duties(office) == []
    for kind, count in (("expired", 2), ("reminded", 2)):
        found = rows(office, f"SELECT id FROM audit_log WHERE action = 'assignment.{kind}'")
        assert len(found) == count
    assert column(office, expired, "status") == "expired"
    whole(office)


@pytest.mark.slow
def test_a_clock_set_backwards_across_a_sending(office: Office) -> None:
    """What was queued in the future waits for it, and then goes."""
    number = office.dispatch("--deadline-days 2")
    settled(office)
    office.now = moment("2026-11-23T21:00:00")
    swept(office, REMINDED.format(number))
    office.later(days=-1)
    swept(office)
    office.now = moment("2026-11-24T11:00:00")
    assert sorted(name for _done, _number, name, _problem in outcomes(office)) == [
        "Anne Berg",
        "Kari Nordmann",
    ]
    swept(office)
