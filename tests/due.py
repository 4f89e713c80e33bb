"""Bring an office to where a sweep has much to do, by real acts of its members at earlier moments.

Everything is signed, sealed and logged as in life; only the clock is moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assigncli.client.create import Draft, Order, create_all, create_and_dispatch_all
from assigncli.client.roll import Roll
from assigncli.domain.payload import Payload
from tests.acting import acting
from tests.acts import make
from tests.office import PERSON, Office

BATCH = 100
MENTORS = ("kari", "ola", "per")
READING = ("open", "ack")
COMPLETING = ("open", "ack", "contact", "complete")
OPENED = 2
"""How many of those to expire a mentor has read; as many again are drafts."""


@dataclass(frozen=True)
class Amounts:
    """How many assignments to make that fall due in each way, and that are not due at all."""

    expire: int
    remind: int
    shred: int
    archive: int = 0
    leave: int = 0


@dataclass(frozen=True)
class Due:
    """Which numbers fall due in which way. Half of `archive` was completed, and is in `shred`."""

    expire: tuple[int, ...]
    remind: tuple[int, ...]
    shred: tuple[int, ...]
    archive: tuple[int, ...]
    leave: tuple[int, ...]


def bring_due(office: Office, amounts: Amounts, at: datetime) -> Due:
    """Make what is due at `at`, and move the office's clock there.

    What is to be archived ends at once, so `at` is then a year away or more; the rest is made in
    the last forty days.
    """
    ended: tuple[int, ...] = ()
    completed: tuple[int, ...] = ()
    if amounts.archive:
        recalled = _sent(office, amounts.archive // 2)
        _done(office, recalled, "recall", by=["anne"])
        completed = _completed(office, amounts.archive - len(recalled))
        ended = recalled + completed
    office.now = at - timedelta(days=35)
    retired = _completed(office, amounts.shred)
    office.now = at - timedelta(days=15)
    remind = _sent(office, amounts.remind)
    short = at - timedelta(days=1)
    late = _sent(office, amounts.expire // 2, expires=short)  # contact is overdue as well
    office.now = at - timedelta(days=5)
    soon = _sent(office, amounts.expire - len(late) - OPENED, expires=short)
    drafts = _sent(office, OPENED, expires=short, dispatch=False)
    for verb in READING:
        _done(office, soon[:OPENED], verb)
    office.now = at - timedelta(hours=6)
    leave = _sent(office, amounts.leave)
    office.now = at
    return Due(late + soon + drafts, remind, completed + retired, ended, leave)


def _completed(office: Office, count: int) -> tuple[int, ...]:
    numbers = _sent(office, count)
    for verb in COMPLETING:
        _done(office, numbers, verb)
    return numbers


def _sent(
    office: Office, count: int, *, expires: datetime | None = None, dispatch: bool = True
) -> tuple[int, ...]:
    """Make assignments, to the mentors by turns, in batches as a sheet's; return their numbers."""
    making = create_and_dispatch_all if dispatch else create_all
    roll, numbers = Roll(), []
    with acting(office, "anne") as session:
        for start in range(0, count, BATCH):
            orders = [
                Order(
                    Draft(MENTORS[at % len(MENTORS)], "Home visit", expires_at=expires),
                    Payload.from_fields(PERSON),
                )
                for at in range(start, min(start + BATCH, count))
            ]
            numbers += [made.number for made in making(session.client, orders, roll)]
    return tuple(numbers)


def _done(office: Office, numbers: Sequence[int], verb: str, by: Sequence[str] = MENTORS) -> None:
    for at, who in enumerate(by):
        make(office, who, verb, [str(number) for number in numbers[at :: len(by)]])
