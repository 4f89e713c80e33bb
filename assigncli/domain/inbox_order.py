"""The order of a mentor's inbox: urgent, then late, then the rest; contact made comes last.

The last day for contact decides between those that are equally urgent, so what is late is before
what is not, whichever day it is read. Only dispatch and contact made decide where an assignment
is: reading a page, opening or acknowledging moves nothing, and no page is skipped meanwhile.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

PAGE: Final = 10
"""How many assignments are read out at a time (SPEC section 10)."""


class Place(NamedTuple):
    """Where an assignment is in the inbox; the smaller is read first.

    `due` is the local day from which contact is overdue, as an ordinal; 0, which is first, where
    the store does not hold a day at all.
    """

    contact_made: bool
    not_urgent: bool
    due: int
    number: int

    def before_contact(self) -> Place:
        """Return the place it had before contact was made."""
        return self._replace(contact_made=False)


def place(
    number: int, *, urgent: bool, dispatched_on: date | None, days: int, contact_made: bool
) -> Place:
    """Return the place of an assignment that was dispatched on that local day.

    `days` is how many calendar days there are to make contact.
    """
    due = 0 if dispatched_on is None else dispatched_on.toordinal() + days
    return Place(contact_made, not urgent, due, number)
