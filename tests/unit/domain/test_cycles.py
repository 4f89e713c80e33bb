"""Whether an open cycle covers today, and that the hint, followed, makes it so."""

from __future__ import annotations

import shlex
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.deadlines import calendar_year, parse_day
from assigncli.domain.reporting_cycles import Span, as_word, free_days, refusal
from assigncli.words.errors import said

TODAY = date(2026, 11, 21)
YEAR = Span("2026", *calendar_year(TODAY), is_open=True)
CLOSED = Span("2026", *calendar_year(TODAY), is_open=False)
SPRING = Span("2026", date(2026, 1, 1), date(2026, 6, 30), is_open=True)
DECEMBER = Span("Late", date(2026, 12, 1), date(2027, 3, 1), is_open=True)
EARLIER = Span("2025", date(2025, 1, 1), date(2025, 12, 31), is_open=True)


@pytest.mark.parametrize("by_hand", [False, True])
def test_reporting_cycle_active(by_hand: bool) -> None:
    assert refusal(TODAY, [EARLIER, YEAR], by_hand=by_hand) is None
    refused = refusal(TODAY, [EARLIER, CLOSED], by_hand=by_hand)
    assert refused is not None
    assert refused.code == "reporting_cycle_active"
    assert said(refused)[1] == "Reopen it with assign cycle reopen 2026."


def test_the_years_own_cycle_opens_by_itself_unless_by_hand_or_a_day_of_it_is_taken() -> None:
    assert refusal(TODAY, [EARLIER], by_hand=False) is None
    by_hand = refusal(TODAY, [EARLIER], by_hand=True)
    assert by_hand is not None
    assert said(by_hand)[1] == (
        "Run assign cycle open 2026 --from 2026-01-01 --to 2026-12-31, or, as an administrator,"
        " assign config set reporting_cycles calendar_year."
    )
    for automatic in (False, True):
        taken = refusal(TODAY, [EARLIER, SPRING, DECEMBER], by_hand=automatic)
        assert taken is not None
        assert said(taken)[1] == (
            "Open one with assign cycle open 2026-2 --from 2026-07-01 --to 2026-11-30."
        )


def test_a_name_is_one_word_of_a_command_line() -> None:
    for name in ("2026", "Spring 2027", "Kari's", "-x", 'a "b" $c'):
        words = shlex.split(f"assign cycle reopen {as_word(name)}")
        assert [word for word in words[3:] if word != "--"] == [name]


DAYS = st.dates(date(2025, 10, 1), date(2027, 3, 1))


@given(days=st.lists(DAYS, min_size=2, max_size=12, unique=True), opens=st.booleans())
def test_the_command_in_the_hint_opens_a_cycle_that_may_be(days: list[date], opens: bool) -> None:
    ends = sorted(days)
    cycles = [
        Span(f"2026{'' if place == 0 else f'-{place}'}", first, last, opens)
        for place, (first, last) in enumerate(zip(ends[::2], ends[1::2], strict=False))
    ]
    refused = refusal(TODAY, cycles, by_hand=True)
    covering = [cycle for cycle in cycles if cycle.covers(TODAY)]
    if covering:
        assert (refused is None) is opens
        return
    assert refused is not None
    hint = said(refused)[1]
    words = shlex.split(hint[hint.index("assign cycle open") :])
    name, first, last = words[3], *(parse_day(words[at].rstrip(".,")) for at in (5, 7))
    assert (first, last) == free_days(TODAY, cycles)
    assert first <= TODAY <= last
    assert first.year == last.year == 2026
    assert name not in {cycle.name for cycle in cycles}
    assert all(cycle.last < first or last < cycle.first for cycle in cycles)
