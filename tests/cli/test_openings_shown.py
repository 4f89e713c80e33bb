"""`status` says who opened unusually many briefs within a day."""

from __future__ import annotations

import pytest

from assigncli.domain import follow_up
from assigncli.server.reads import attention
from tests.office import Office

SAID = "Kari Nordmann has opened 4 briefs within a day. Ask whether that was them."


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three openings a day are usual here, so that a test needs few."""
    assert attention.UNUSUAL_OPENINGS == follow_up.UNUSUAL_OPENINGS == 30
    monkeypatch.setattr(attention, "UNUSUAL_OPENINGS", 3)


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_more_openings_within_a_day_than_usual_are_pointed_out(office: Office) -> None:
    numbers = [office.dispatch() for _each in range(4)]
    for number in numbers[:3]:
        office.read(number)
    assert "opened" not in office.ok("status").stdout
    assert office.ok("status --json").json["openings"] == []
    office.read(numbers[3])
    assert SAID in office.ok("status").stdout
    assert office.ok("status --json").json["openings"] == [
        {"display_name": "Kari Nordmann", "total": 4}
    ]
    office.later(days=1, seconds=1)
    assert "opened" not in office.ok("status").stdout


@pytest.mark.usefixtures("few")
def test_the_same_brief_opened_again_and_again_counts_each_time(office: Office) -> None:
    number = office.dispatch()
    for _each in range(4):
        office.read(number)
    assert SAID in office.ok("status").stdout


def test_an_usual_number_is_not_mentioned(office: Office) -> None:
    office.read(office.dispatch())
    assert "opened" not in office.ok("status").stdout
