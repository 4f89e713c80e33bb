"""Who may open, close and reopen which cycle, and what they sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assigncli.client import cycle, office
from assigncli.domain.lifecycle import CycleStatus
from assigncli.domain.reporting_cycles import Cycle
from assigncli.errors import AssignError, Tampered
from assigncli.trust.verification import Verified, verify_evidence
from tests.unit.trust.world import COORDINATOR, FOUNDER, MENTOR, ROOT, founded, question, uid

READ = "read.cycles"
TODAY = date(2026, 11, 24)
YEAR = {
    "id": str(uid("year")),
    "name": "2026",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "is_open": True,
}
SPRING = {
    "id": str(uid("spring")),
    "name": "Spring",
    "starts_on": "2027-01-01",
    "ends_on": "2027-06-30",
    "is_open": False,
}
PAST = {**YEAR, "id": str(uid("past")), "name": "Past", "starts_on": "2025-01-01"} | {
    "ends_on": "2025-12-31",
    "is_open": False,
}


def answer(*rows: dict[str, Any]) -> Verified:
    told = {"reporting_cycles": list(rows)}
    evidence = replace(founded().answer(READ), rows=told)
    asked = question(READ, None)
    return verify_evidence(evidence.encode(), asked, root_key=ROOT.public, reader=FOUNDER.member)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(AssignError) as found:
        act()
    assert found.value.code == code


def test_cycles_are_read_as_they_are_told() -> None:
    assert office.cycles(answer(SPRING, YEAR)) == [
        Cycle(uid("spring"), "Spring", date(2027, 1, 1), date(2027, 6, 30), CycleStatus.CLOSED),
        Cycle(uid("year"), "2026", date(2026, 1, 1), date(2026, 12, 31), CycleStatus.OPEN),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {**YEAR, "starts_on": "2026-02-30"},
        {**YEAR, "id": "year"},
        {**YEAR, "is_open": 1},
        {**YEAR, "more": None},
        {name: cell for name, cell in YEAR.items() if name != "name"},
    ],
)
def test_cycles_of_another_form_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Tampered) as found:
        office.cycles(answer(wrong))
    assert found.value.code == "answer_malformed"


def test_a_new_cycle_has_days_and_a_name_of_its_own() -> None:
    found, first, last = answer(YEAR, SPRING), date(2027, 7, 1), date(2027, 12, 31)
    made = cycle.new(found, COORDINATOR.member, "Autumn", first, last)
    intent = cycle.opening(made)
    assert (intent.act, intent.about) == ("cycle.opened", made.id)
    assert intent.arguments == {"starts_on": "2027-07-01", "ends_on": "2027-12-31"}
    assert intent.texts["name"].text == "Autumn"
    taken = ("Spring", first, last)
    refused("cycle_name_taken", lambda: cycle.new(found, COORDINATOR.member, *taken))
    for first, last in (
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 6, 30), date(2027, 7, 1)),
        (date(2020, 1, 1), date(2030, 1, 1)),
    ):
        days = ("Spring", first, last)  # days are looked at before the name
        refused("cycle_overlaps", lambda: cycle.new(found, FOUNDER.member, *days))  # noqa: B023


def test_closing_the_cycle_of_today_takes_force() -> None:
    found, who = answer(YEAR, SPRING), COORDINATOR.member
    refused("cycle_covers_today", lambda: cycle.closable(found, who, "2026", TODAY, force=False))
    forced = cycle.closable(found, who, "2026", TODAY, force=True)
    assert forced.id == uid("year")
    assert cycle.closing(forced, force=True).arguments == {"forced": True}
    after = date(2027, 1, 1)
    assert cycle.closable(found, who, "2026", after, force=False) == forced
    closed = ("Spring", TODAY)
    refused("cycle_already_closed", lambda: cycle.closable(found, who, *closed, force=True))
    refused("cycle_not_found", lambda: cycle.closable(found, who, "spring", TODAY, force=True))


def test_a_cycle_that_has_ended_stays_closed() -> None:
    found, who = answer(YEAR, SPRING, PAST), COORDINATOR.member
    reopened = cycle.reopenable(found, who, "Spring", date(2027, 6, 30))
    assert cycle.reopening(reopened).about == uid("spring")
    refused("cycle_has_ended", lambda: cycle.reopenable(found, who, "Past", TODAY))
    refused("cycle_already_open", lambda: cycle.reopenable(found, who, "2026", TODAY))
    refused("cycle_not_found", lambda: cycle.reopenable(found, who, "Autumn", TODAY))


def test_a_mentor_manages_no_cycle_and_is_told_so_first() -> None:
    found, who = answer(YEAR), MENTOR.member
    refused("role_missing", lambda: cycle.closable(found, who, "none", TODAY, force=True))
    refused("role_missing", lambda: cycle.reopenable(found, who, "none", TODAY))
    refused("role_missing", lambda: cycle.new(found, who, "2026", TODAY, TODAY))
