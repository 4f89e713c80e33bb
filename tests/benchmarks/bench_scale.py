"""What the daily commands cost in a small store and in a large one, as a ratio.

Each act opens the store anew, as a command does, and is repeated, in each store by turns; the best
counts, since other work can only add. Both stores have the same thousand recent assignments, so
what the ratio shows is the cost of history.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assigncli.cli.session.in_process import Session
from assigncli.client import inbox
from assigncli.domain.follow_up import PAGE
from assigncli.domain.lifecycle import Priority, Status
from assigncli.lookups.about_assignments import (
    ATTENTION,
    LIST,
    SHOW,
    AssignmentFilter,
    WantedAssignment,
    WantedAttention,
    WantedPage,
)
from assigncli.lookups.about_log import LOG, WantedLog
from tests.acting import acting, identity_of
from tests.acts import VERBS, make, sent
from tests.benchmarks.filling import fill
from tests.office import Office, found
from tests.refusals import rows

SIZES = (1_000, 200_000)
REPEATS = 11


References = Callable[[Office, int], Sequence[str]]
"""Names as many assignments as asked for, making them where needed."""


@dataclass(frozen=True)
class Act:
    """Who does what, and on which assignments."""

    profile: str
    do: Callable[[Session, str], object]
    references: References = lambda _office, count: ("",) * count


def shown(session: Session, named: str) -> object:
    """Show one assignment."""
    return session.look(SHOW, WantedAssignment(named))


def main() -> None:
    """Fill two offices, print each act's milliseconds in both, and the ratio."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "founded")
        sent(office, 1)
        offices = {size: filled(office, Path(folder), size) for size in sizes}
        print(
            f"{'best of ' + str(REPEATS):32}"
            + "".join(f"{f'{size} (ms)':>16}" for size in sizes)
            + f"{'ratio':>8}"
        )
        for name, act in acts().items():
            best = measured(offices, act)
            figures = "".join(f"{1000 * best[size]:16.1f}" for size in sizes)
            print(f"{name:32}{figures}{best[sizes[-1]] / best[sizes[0]]:8.2f}", flush=True)


def filled(office: Office, folder: Path, size: int, *, live: bool = False) -> Office:
    """Return a copy of the office with `size` assignments; with `live` each has its share."""
    copy = office.copy_to(folder / str(size))
    start = time.perf_counter()
    fill(copy, size, live=live)
    print(
        f"{size}: filled in {time.perf_counter() - start:.0f} s,"
        f" store {copy.store.stat().st_size / 1e6:.0f} MB,"
        f" vault {copy.vault.stat().st_size / 1e6:.0f} MB",
        flush=True,
    )
    return copy


def measured(offices: dict[int, Office], act: Act) -> dict[int, float]:
    """Return the best seconds of an act for each size; the offices take turns."""
    prepared = {size: act.references(office, REPEATS) for size, office in offices.items()}
    taken: dict[int, list[float]] = {size: [] for size in offices}
    for repeat in range(REPEATS):
        for size, office in offices.items():
            taken[size].append(_seconds(office, act, prepared[size][repeat]))
    return {size: min(seconds) for size, seconds in taken.items()}


def acts() -> dict[str, Act]:
    """Return what is measured, by name."""
    return {
        "list": page(),
        "list, an old page": page(before=100),
        "list --status dispatched": page(statuses=(Status.DISPATCHED,)),
        "list --status cancelled": page(statuses=(Status.CANCELLED,)),
        "list --status two of them": page(statuses=(Status.READ, Status.COMPLETED)),
        "list --mentor": page(mentor="mentor007"),
        "list --mentor --status read": page(mentor="mentor007", statuses=(Status.READ,)),
        "list --mentor --status completed": page(mentor="mentor007", statuses=(Status.COMPLETED,)),
        "list --priority urgent": page(priority=Priority.URGENT),
        "list --overdue": page(overdue=True),
        "list --unacknowledged": page(unacknowledged=True),
        "show, by number": Act("anne", shown, one("number")),
        "show, by id": Act("anne", shown, one("id")),
        "show, by eight digits": Act("anne", shown, one("substr(id, 1, 8)")),
        "status": Act("anne", lambda session, _: session.look(ATTENTION, WantedAttention(1, PAGE))),
        "inbox": Act("kari", lambda session, _: inbox.inbox(session.client)),
        "audit log": Act("anne", lambda session, _: log(session, None)),
        "audit log --assignment": Act("anne", log, one("number")),
        "create": Act("anne", VERBS["create"], lambda _office, count: ("kari",) * count),
        "create --dispatch": Act("anne", VERBS["send"], lambda _office, count: ("kari",) * count),
        "open": Act("kari", VERBS["open"], brought_to()),
        "ack": Act("kari", VERBS["ack"], brought_to("open")),
        "contact": Act("kari", VERBS["contact"], brought_to("open", "ack")),
        "complete": Act("kari", VERBS["complete"], brought_to("open", "ack", "contact")),
        "recall": Act("anne", VERBS["recall"], brought_to()),
    }


def page(before: int | None = None, **wanted: Any) -> Act:
    """Return the act of listing a page."""
    return Act(
        "anne",
        lambda session, _: session.look(LIST, WantedPage(AssignmentFilter(**wanted), before, 20)),
    )


def log(session: Session, reference: str | None) -> object:
    """Read a page of the audit log, of one assignment or of all."""
    return session.look(LOG, WantedLog(reference, None, 20))


def one(expression: str) -> References:
    """Return how to name assignments from the middle of an office's history."""
    return lambda office, count: [
        str(name)
        for (name,) in rows(
            office,
            f"SELECT {expression} FROM assignments"
            " WHERE number >= (SELECT max(number) / 2 FROM assignments) ORDER BY number LIMIT ?",
            count,
        )
    ]


def brought_to(*verbs: str) -> References:
    """Return how to make assignments with which kari has done `verbs` already."""

    def made(office: Office, count: int) -> Sequence[str]:
        numbers = sent(office, count)
        for verb in verbs:
            make(office, "kari", verb, numbers)
        return numbers

    return made


def _seconds(office: Office, act: Act, reference: str) -> float:
    identity = identity_of(office, act.profile)
    start = time.perf_counter()
    with acting(office, act.profile, identity=identity) as session:
        act.do(session, reference)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
