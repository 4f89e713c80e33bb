"""The order of a mentor's inbox: urgent, then late, then the rest; contact made comes last.

Among equally urgent assignments the last day for contact decides, so late ones come before the
others on any day. Only dispatch and contact made move an assignment: reading a page, opening or
acknowledging does not, so no page is skipped meanwhile.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

PAGE: Final = 10
"""How many assignments are read out at a time (SPEC section 10)."""


class Place(NamedTuple):
    """The sort key of an assignment in the inbox; the smallest is read first.

    `due` is the local day from which contact is overdue, as an ordinal; 0, which sorts first, where
    the store has no day.
    """

    contact_made: bool
    not_urgent: bool
    due: int
    number: int

    def before_contact(self) -> Place:
        """Return the key that the assignment had before contact was made."""
        return self._replace(contact_made=False)


def place(
    number: int, *, urgent: bool, dispatched_on: date | None, days: int, contact_made: bool
) -> Place:
    """Return the sort key of an assignment dispatched on that local day.

    `days` is how many calendar days the mentor has to make contact.
    """
    due = 0 if dispatched_on is None else dispatched_on.toordinal() + days
    return Place(contact_made, not urgent, due, number)
