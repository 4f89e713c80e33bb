"""The figures of the honorarium ledger: earnings, visits, and the lines behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from assigncli.domain.norwegian import sort_key
from assigncli.domain.tiers import LedgerKind, Thresholds, Tier
from assigncli.lookups import Lookup


@dataclass(frozen=True)
class ReportScope:
    """What a report covers: cycles by name, none for today's; one mentor, or everyone.

    `since` asks for what was added since the last export.
    """

    cycles: tuple[str, ...] = ()
    mentor: str | None = None
    since: bool = False


@dataclass(frozen=True)
class Basis:
    """One cycle, and the thresholds by which its completions earn.

    First and last day are local days. `exported_at` (aware UTC) and `up_to` are the last export and
    the last ledger line in it; None and 0 if there is none, or if it was not asked for.
    """

    cycle_id: UUID
    cycle: str
    starts_on: date
    ends_on: date
    thresholds: Thresholds
    exported_at: datetime | None = None
    up_to: int = 0


@dataclass(frozen=True)
class Tally:
    """One mentor's counts in a cycle.

    Those named `since` count only the lines after a given one. `completed_from_earlier` counts
    completions of assignments that were dispatched in another cycle. `last_line` is the id of the
    newest line.
    """

    member_id: UUID
    handle: str
    display_name: str
    dispatched: int
    completed: int
    dispatched_since: int
    completed_since: int
    completed_from_earlier: int
    last_line: int


@dataclass(frozen=True)
class Visits:
    """One mentor's completions in a cycle, by whether the contact was in person.

    `last_line` is the id of the newest completion.
    """

    handle: str
    display_name: str
    in_person: int
    not_in_person: int
    not_said: int
    last_line: int


def by_name(row: Tally | Visits) -> tuple[str, str]:
    """Return the sort key of a report: the name in Norwegian order, then the handle."""
    return sort_key(row.display_name), row.handle


@dataclass(frozen=True)
class MentorStanding(Tally):
    """One mentor in one cycle. Times are aware UTC, numbers are those of assignments.

    `dispatched` excludes what was recalled, cancelled or expired. `remaining` completions lead to
    `next_tier`; both are None at the highest. `completed_from_earlier` counts those dispatched in
    another cycle. Fields named `since` count what came after the last export; `reached_since` is
    the highest tier reached after it.
    """

    cycle: str
    tier: Tier
    standard_reached_at: datetime | None
    standard_reached_number: int | None
    elevated_reached_at: datetime | None
    elevated_reached_number: int | None
    remaining: int | None
    next_tier: Tier | None
    reached_since: Tier | None


@dataclass(frozen=True)
class Totals:
    """Sums over everyone with a line in the cycle, and how many mentors are at each tier."""

    dispatched: int
    completed: int
    none: int
    standard: int
    elevated: int


@dataclass(frozen=True)
class Figures:
    """One cycle's figures, sorted by name in Norwegian order.

    `totals` cover everyone the report is about, also those without a line since the export. `up_to`
    is the last ledger line counted; 0 if there is none. `disagreeing` are the handles of mentors
    whose last line differs from the log.
    """

    basis: Basis
    rows: tuple[MentorStanding, ...]
    totals: Totals
    up_to: int
    disagreeing: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """The figures asked for, of one mentor or of everyone; `report` is its name in an export."""

    report: ClassVar[str] = "honorarium"
    cycles: tuple[Figures, ...]
    since: bool
    mentor_id: UUID | None


@dataclass(frozen=True)
class Visited(Visits):
    """One mentor's completions in one cycle; `not_said` are those without an answer."""

    cycle: str

    @property
    def visits(self) -> int:
        """The sum of all completions."""
        return self.in_person + self.not_in_person + self.not_said


@dataclass(frozen=True)
class CycleVisits:
    """One cycle's visits, sorted by name in Norwegian order; `up_to` is the last line counted.

    `disagreeing` are the handles of mentors whose last line differs from the log.
    """

    basis: Basis
    rows: tuple[Visited, ...]
    up_to: int
    disagreeing: tuple[str, ...]


@dataclass(frozen=True)
class Activity:
    """The visits asked for, of one mentor or of everyone; `report` is its name in an export."""

    report: ClassVar[str] = "activity"
    cycles: tuple[CycleVisits, ...]
    mentor_id: UUID | None


@dataclass(frozen=True)
class ExplainedLine:
    """One ledger line; `at` is aware UTC.

    `dispatched` and `completed` are the counts after it, `reached` is the tier that it reached.
    `dispatched_in` is the cycle of the dispatch, if it is another.
    """

    at: datetime
    kind: LedgerKind
    number: int | None
    in_person: bool | None
    dispatched: int
    completed: int
    reached: Tier | None
    dispatched_in: str | None


@dataclass(frozen=True)
class Explained:
    """One mentor's lines in one cycle and their sums; `counts` counts the lines of each kind.

    `basis` is None, and there are no lines, if no cycle covers today. `agrees` is whether every
    line is as the log says.
    """

    handle: str
    display_name: str
    basis: Basis | None
    lines: tuple[ExplainedLine, ...]
    counts: Mapping[LedgerKind, int]
    dispatched: int
    completed: int
    tier: Tier
    remaining: int | None
    next_tier: Tier | None
    agrees: bool


@dataclass(frozen=True)
class WantedLedger:
    """Whose ledger lines are asked for, and of which cycle; of today's if None."""

    mentor: str
    cycle: str | None


HONORARIUM = Lookup("show.honorarium", ReportScope, Report)
ACTIVITY = Lookup("show.activity", ReportScope, Activity)
LEDGER = Lookup("show.ledger", WantedLedger, Explained)
