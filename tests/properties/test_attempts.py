"""A flood of refused attempts: how many entries it makes, and that none of it goes uncounted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.attempts import HOUR, MAX_ENTRIES, AttemptKind, Hour, is_over, makes_entry

START = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
Attempt = tuple[datetime, AttemptKind]

KINDS = st.builds(
    AttemptKind,
    st.sampled_from(["assignment.recalled", "payload_decrypted"]),
    st.integers(1, 40).map(lambda number: UUID(int=number)),
    st.sampled_from(["not_your_assignment", "number_differs"]),
)
PAUSES = st.sampled_from([0, 0, 0, 1, 59, 600, 1800, 3599, 3600, 3601, 90_000])


@st.composite
def floods(draw: st.DrawFn) -> list[Attempt]:
    """Draw the attempts of one device, first to last."""
    moment, found = START, []
    for pause, kind in draw(st.lists(st.tuples(PAUSES, KINDS), max_size=120)):
        moment += timedelta(seconds=pause)
        found.append((moment, kind))
    return found


def carried_out(attempts: list[Attempt]) -> tuple[list[list[AttemptKind]], list[int]]:
    """Return by hour which attempts made an entry, and how many were counted, as the rule says."""
    entries: list[list[AttemptKind]] = []
    counted: list[int] = []
    began: datetime | None = None
    for moment, kind in attempts:
        if began is None or is_over(began, moment):
            began = moment
            entries.append([kind])
            counted.append(0)
        elif makes_entry(Hour(1, began, frozenset(entries[-1]), counted[-1]), kind):
            entries[-1].append(kind)
        else:
            counted[-1] += 1
    return entries, counted


def expected(attempts: list[Attempt]) -> tuple[list[list[AttemptKind]], list[int]]:
    """Return the same from the page's words alone: split into hours, then look at each."""
    hours: list[list[Attempt]] = []
    for attempt in attempts:
        if not hours or attempt[0] > hours[-1][0][0] + timedelta(hours=1):
            hours.append([])
        hours[-1].append(attempt)
    entries = [list(dict.fromkeys(kind for _moment, kind in hour))[:20] for hour in hours]
    return entries, [len(hour) - len(found) for hour, found in zip(hours, entries, strict=True)]


@given(floods())
def test_attempts_make_the_entries_that_the_page_says(attempts: list[Attempt]) -> None:
    assert carried_out(attempts) == expected(attempts)


@given(floods())
def test_no_flood_makes_more_than_twenty_entries_an_hour_and_one_that_counts(
    attempts: list[Attempt],
) -> None:
    entries, counted = carried_out(attempts)
    assert all(len(found) <= MAX_ENTRIES for found in entries)
    assert all(max(Counter(found).values()) == 1 for found in entries)
    assert sum(map(len, entries)) + sum(counted) == len(attempts)
    if attempts:
        passed = attempts[-1][0] - attempts[0][0]
        assert len(entries) <= passed // HOUR + 1
