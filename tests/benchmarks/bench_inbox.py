"""What a page of the inbox costs a mentor with few and with many open assignments, as a ratio.

All are really sealed, signed and sent, as a sheet's. Pages are read and delivered one after the
other, then read again. Each act opens the store anew, as a command does; the best of several
counts, taken by turns. Processor time, so that a busy machine has little say.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assigncli.client.client import Client
from assigncli.client.create import Draft, Order, create_and_dispatch_all
from assigncli.client.inbox import Inbox, Position, inbox
from assigncli.client.roll import Roll
from assigncli.domain.inbox_order import PAGE
from assigncli.domain.payload import Payload
from tests.acting import acting, identity_of
from tests.office import PERSON, Office, found
from tests.refusals import rows

SIZES = (25, 2_500)
BATCH = 100
REPEATS = 5

Act = Callable[[Office], tuple[float, Inbox]]
"""Reads one page and returns how many seconds it took, from opening the store on."""


def main() -> None:
    """Fill offices, print each act's milliseconds in each, and the ratio."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        founded = found(Path(folder) / "founded")
        offices = {size: filled(founded, Path(folder), size) for size in sizes}
        columns = "".join(f"{f'{size} open (ms)':>18}" for size in sizes)
        print(f"{'best of ' + str(REPEATS):32}{columns}{'ratio':>8}")
        for name, act in ACTS.items():
            best = measured(offices, act)
            figures = "".join(f"{1000 * best[size]:18.1f}" for size in sizes)
            print(f"{name:32}{figures}{best[sizes[-1]] / best[sizes[0]]:8.2f}", flush=True)
        for size, office in offices.items():
            seconds, page = timed(office, lambda client: inbox(client, limit=None))
            print(f"inbox --json, all {len(page.items)} of {size}: {seconds:.1f} s", flush=True)


def filled(founded: Office, folder: Path, size: int) -> Office:
    """Return a copy of the office in which kari has `size` open assignments."""
    office = founded.copy_to(folder / str(size))
    roll = Roll()
    start = time.process_time()
    with acting(office, "anne") as session:
        for first in range(0, size, BATCH):
            orders = [
                Order(Draft("kari", "Home visit"), Payload.from_fields(PERSON))
                for _ in range(min(BATCH, size - first))
            ]
            create_and_dispatch_all(session.client, orders, roll)
    print(f"{size}: sent in {time.process_time() - start:.0f} s", flush=True)
    return office


def measured(offices: dict[int, Office], act: Act) -> dict[int, float]:
    """Return the best seconds of an act for each size; the offices take turns."""
    taken: dict[int, list[float]] = {size: [] for size in offices}
    for _repeat in range(REPEATS):
        for size, office in offices.items():
            seconds, page = act(office)
            assert len(page.items) == PAGE
            assert page.total == size
            taken[size].append(seconds)
    return {size: min(seconds) for size, seconds in taken.items()}


def delivering(office: Office) -> tuple[float, Inbox]:
    """Read the first page as if nobody had: all ten are delivered by it."""
    copy = Path(tempfile.mkdtemp(dir=office.folder.parent))
    return timed(office.copy_to(copy / "office"), inbox)


def again(office: Office) -> tuple[float, Inbox]:
    """Read the first page once more."""
    return timed(office, inbox)


def last(office: Office) -> tuple[float, Inbox]:
    """Read the last page once more."""
    ((newest,),) = rows(office, "SELECT max(number) FROM assignments")
    return timed(office, lambda client: inbox(client, Position(after=int(newest) - PAGE)))


ACTS: dict[str, Act] = {
    "inbox, delivering ten": delivering,
    "inbox, the same page again": again,
    "inbox, the last page": last,
}


def timed(office: Office, act: Callable[[Client], Inbox]) -> tuple[float, Inbox]:
    """Return the seconds of one act, from opening the store on, and what it gave."""
    identity = identity_of(office, "kari")
    start = time.process_time()
    with acting(office, "kari", identity=identity) as session:
        page = act(session.client)
    return time.process_time() - start, page


if __name__ == "__main__":
    main()
