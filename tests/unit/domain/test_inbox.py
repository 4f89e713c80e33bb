"""The order of an inbox: urgent, late, the rest, contact made; and nothing moves by being read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import NamedTuple

from assigncli.domain.deadlines import DEFAULT_ZONE, contact_due_at, local_day
from assigncli.domain.inbox_order import Place, place

FIRST = datetime(2026, 10, 20, 21, 30, tzinfo=UTC)
"""Half past eleven in the evening, a few days before the clocks go back."""


class Sent(NamedTuple):
    number: int
    urgent: bool
    at: datetime
    days: int
    contact_made: bool

    @property
    def place(self) -> Place:
        return place(
            self.number,
            urgent=self.urgent,
            dispatched_on=local_day(self.at, DEFAULT_ZONE),
            days=self.days,
            contact_made=self.contact_made,
        )

    def group(self, now: datetime) -> int:
        """Return 0 for urgent, 1 for late, 2 for the rest, 3 where contact is made."""
        if self.contact_made:
            return 3
        late = now >= contact_due_at(self.at, self.days, DEFAULT_ZONE)
        return 0 if self.urgent else 1 if late else 2


ALL = [
    Sent(number, urgent, FIRST + timedelta(hours=hours), days, made)
    for number, (hours, days, urgent, made) in enumerate(
        product(range(0, 200, 7), (1, 3, 10), (False, True), (False, True)), start=1
    )
]


def test_on_every_day_urgent_is_before_late_and_late_before_the_rest() -> None:
    ordered = sorted(ALL, key=lambda each: each.place)
    for hours in range(0, 24 * 20, 5):
        groups = [each.group(FIRST + timedelta(hours=hours)) for each in ordered]
        assert groups == sorted(groups)


def test_of_two_that_are_due_on_one_day_the_older_is_first() -> None:
    same = [Sent(number, False, FIRST, 10, False).place for number in (9, 10, 100)]
    assert sorted([same[2], same[0], same[1]]) == same


def test_a_place_before_contact_is_the_one_that_contact_took_it_from() -> None:
    before, after = (Sent(7, True, FIRST, 10, made).place for made in (False, True))
    assert after > before == after.before_contact() == before.before_contact()


def test_what_holds_no_day_is_first_of_its_kind() -> None:
    unread = place(9, urgent=False, dispatched_on=None, days=10, contact_made=False)
    known = place(1, urgent=False, dispatched_on=date(1, 1, 1), days=1, contact_made=False)
    urgent = place(1, urgent=True, dispatched_on=date(9999, 12, 31), days=9, contact_made=False)
    assert urgent < unread < known
