"""Whatever mentors and coordinators do, and whenever: assignments, ledger and report agree.

A model that knows nothing but who did what is kept beside a real store. After every step it is
asked what should stand in the assignments, what the ledger should come to and what the report
should say; at the end of each story the whole store is verified.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from assigncli.cli.session.in_process import Session
from assigncli.client import cancel, create, open, recall
from assigncli.client import config as organization
from assigncli.client import cycle as client_cycle
from assigncli.domain.payload import Payload
from assigncli.domain.tiers import Counts
from assigncli.errors import AssignError
from assigncli.lookups import Nothing
from assigncli.lookups.about_honorarium import ReportScope
from assigncli.lookups.about_office import CYCLES
from assigncli.server.reports.honorarium_report import report
from assigncli.server.store import ledger
from assigncli.server.verify import whole
from tests import acts
from tests.acting import ZONE, acting, altered
from tests.must_hold import OTHER_COUNTS
from tests.office import PERSON, Office
from tests.refusals import rows

MENTORS = ("kari", "ola", "per")
WHAT = (
    *(["dispatch"] * 6 + ["finish"] * 9 + ["act"] * 5),
    *("wait", "wait", "sweep", "open", "open", "open", "close", "reopen", "thresholds"),
)
VERBS = ("recall", "cancel", "open", "ack", "contact", "complete")
NEXT = {
    "open": {"dispatched": "read"},
    "ack": {"read": "acknowledged"},
    "contact": {"acknowledged": "contact_made"},
    "complete": {"contact_made": "completed"},
    "recall": {"dispatched": "recalled"},
}
ENDED = ("completed", "recalled", "cancelled", "expired")
THRESHOLDS = st.tuples(st.integers(1, 4), st.integers(1, 3)).map(lambda two: (two[0], sum(two)))


@dataclass
class Job:
    """One assignment as the model has it; cycles are named, moments UTC."""

    number: int
    mentor: str
    cycle: str
    sequence: int
    tier: str
    expires_at: datetime
    status: str = "dispatched"
    completed_in: str | None = None

    @property
    def counts(self) -> bool:
        """Whether the dispatch still counts."""
        return self.status not in ("recalled", "cancelled", "expired")


@dataclass
class Cycle:
    """One cycle as the model has it."""

    first: date
    last: date
    open: bool = True


@dataclass
class Model:
    """All that matters, and how it changes, in the plainest words."""

    by_hand: bool
    jobs: list[Job] = field(default_factory=list)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    thresholds: list[tuple[date, int, int]] = field(default_factory=list)
    completed: list[Job] = field(default_factory=list)

    def cycle_for(self, today: date) -> str | None:
        """Return the open cycle of today, opening the year's own where that may be."""
        for name, cycle in self.cycles.items():
            if cycle.open and cycle.first <= today <= cycle.last:
                return name
        year = Cycle(date(today.year, 1, 1), date(today.year, 12, 31))
        if self.by_hand or self.taken(year):
            return None
        self.cycles[str(today.year)] = year
        return str(today.year)

    def taken(self, wanted: Cycle) -> bool:
        """Say whether another cycle has some of these days."""
        return any(
            cycle.first <= wanted.last and wanted.first <= cycle.last
            for cycle in self.cycles.values()
        )

    def dispatched(self, mentor: str, cycle: str) -> int:
        """Return the running count."""
        return sum(job.counts for job in self.jobs if (job.mentor, job.cycle) == (mentor, cycle))

    def done(self, mentor: str, cycle: str) -> list[Job]:
        """Return what the mentor completed in the cycle, in order."""
        return [job for job in self.completed if (job.mentor, job.completed_in) == (mentor, cycle)]

    def counts(self, mentor: str, cycle: str) -> Counts:
        """Return all running counts."""
        done = self.done(mentor, cycle)
        said = [in_person(job) for job in done]
        return Counts(
            self.dispatched(mentor, cycle),
            len(done),
            sum(job.cycle != cycle for job in done),
            said.count(True),
            said.count(False),
        )

    def thresholds_of(self, cycle: str, today: date) -> tuple[int, int]:
        """Return the thresholds by which the cycle earns: its last day's, today's while it runs."""
        last = min(self.cycles[cycle].last, today)
        standard, elevated = 3, 15
        for day, *both in self.thresholds:
            if day <= last:
                standard, elevated = both
        return standard, elevated


def in_person(job: Job) -> bool | None:
    """Return what the mentor says of a completion."""
    return (None, True, False)[job.number % 3]


def tier_of(number: int, thresholds: tuple[int, int]) -> str:
    """Return what a count earns."""
    standard, elevated = thresholds
    return "elevated" if number >= elevated else "standard" if number >= standard else "none"


class Ledger(RuleBasedStateMachine):
    """Three mentors, one coordinator, a clock, and the model beside it."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.names = count(1)
        self.model = Model(by_hand=False)
        self.open = ExitStack()
        self.sessions = {
            who: self.open.enter_context(acting(office, who)) for who in ("anne", *MENTORS)
        }

    @property
    def today(self) -> date:
        return self.office.now.astimezone(ZoneInfo(ZONE)).date()

    def session(self, who: str) -> Session:
        return altered(self.sessions[who], now=self.office.now)

    @initialize(by_hand=st.booleans(), thresholds=THRESHOLDS, late=st.booleans())
    def begin(self, by_hand: bool, thresholds: tuple[int, int], late: bool) -> None:
        self.model = Model(by_hand=by_hand)
        self.model.cycles["2026"] = Cycle(date(2026, 1, 1), date(2026, 12, 31))
        if late:
            self.office.later(days=39)
        if by_hand:
            organization.change(self.session("anne").client, "reporting_cycles", "by_hand")
        self.set_thresholds(thresholds)

    @rule(
        what=st.sampled_from(WHAT),
        mentor=st.sampled_from(("kari", "kari", "kari", "ola", "per")),
        which=st.integers(0, 99),
        verb=st.sampled_from(VERBS),
        days=st.sampled_from([2, 12, 30, 90]),
        thresholds=THRESHOLDS,
    )
    def happens(
        self,
        what: str,
        mentor: str,
        which: int,
        verb: str,
        days: int,
        thresholds: tuple[int, int],
    ) -> None:
        """Let one thing happen: one rule for all, since how often each does is ours to say."""
        jobs = self.live() if what == "finish" else self.model.jobs
        if what == "dispatch" or not jobs:
            self.dispatch(mentor, days)
        elif what == "finish":
            self.see_through(jobs[which % len(jobs)])
        elif what == "act":
            self.act(jobs[-1 - which % min(len(jobs), 8)], verb)
        elif what == "wait":
            self.office.later(days=days)
        elif what == "sweep":
            self.sweep()
        elif what == "open":
            self.open_cycle(days)
        elif what == "close":
            self.close_cycle()
        elif what == "reopen":
            self.reopen_cycle()
        else:
            self.set_thresholds(thresholds)

    def dispatch(self, mentor: str, days: int) -> None:
        self.office.later(minutes=1)
        expires_at = self.office.now + timedelta(days=days)
        cycle = self.model.cycle_for(self.today)
        said = create.Draft(mentor, "Home visit", expires_at=expires_at)
        if cycle is None:
            with pytest.raises(AssignError) as refused:
                self.send(said)
            assert refused.value.code == "reporting_cycle_active"
            return
        sequence = 1 + self.model.dispatched(mentor, cycle)
        tier = tier_of(sequence, self.model.thresholds_of(cycle, self.today))
        number = len(self.model.jobs) + 1
        self.model.jobs.append(Job(number, mentor, cycle, sequence, tier, expires_at))
        sent = self.send(said)
        assert (sent.number, sent.threshold_sequence_number, str(sent.honorarium_tier)) == (
            number,
            sequence,
            tier,
        )

    def send(self, said: create.Draft) -> create.Dispatched:
        return create.create_and_dispatch(
            self.session("anne").client, said, Payload.from_fields(PERSON)
        )

    def live(self) -> list[Job]:
        return [job for job in self.model.jobs if job.status not in ENDED]

    def act(self, job: Job, verb: str) -> None:
        """Act on whatever it is; what has ended refuses everything but reading."""
        if job.status not in ENDED:
            self.do(job, verb)
        elif verb != "open":
            with pytest.raises(AssignError):
                self.call(job, verb)

    def see_through(self, job: Job) -> None:
        """Go on with one to its end, as the mentor should."""
        for verb in ("open", "ack", "contact", "complete"):
            if job.status in NEXT[verb]:
                self.do(job, verb)

    def do(self, job: Job, verb: str) -> None:
        """Act on a live assignment; the model says beforehand what comes of it."""
        self.office.later(minutes=1)
        target = "cancelled" if verb == "cancel" else NEXT[verb].get(job.status)
        if verb in ("open", "ack", "contact", "complete") and self.office.now >= job.expires_at:
            job.status, refused = "expired", True
        elif verb == "open" and target is None:
            refused = False
        else:
            job.status, refused = target or job.status, target is None
        if job.status == "completed":
            job.completed_in = self.model.cycle_for(self.today) or job.cycle
            self.model.completed.append(job)
        if not refused:
            self.call(job, verb)
            return
        with pytest.raises(AssignError):
            self.call(job, verb)

    def call(self, job: Job, verb: str) -> None:
        number, anne, mentor = str(job.number), self.session("anne"), self.session(job.mentor)
        if verb == "recall":
            recall.recall(anne.client, number)
        elif verb == "cancel":
            cancel.cancel(anne.client, number, "No longer needed.")
        elif verb == "open":
            open.open_brief(mentor.client, number)
        elif verb == "complete":
            acts.complete(mentor, number, in_person=in_person(job))
        else:
            {"ack": acts.acknowledge, "contact": acts.contact}[verb](mentor, number)

    def sweep(self) -> None:
        assert self.office.run("sweep").code == 0
        for job in self.live():
            if self.office.now >= job.expires_at:
                job.status = "expired"
        for cycle in self.model.cycles.values():
            cycle.open = cycle.open and cycle.last >= self.today

    def open_cycle(self, days: int) -> None:
        name = f"Cycle {next(self.names)}"
        wanted = Cycle(self.today, self.today + timedelta(days=days))
        if self.model.taken(wanted):
            with pytest.raises(AssignError) as refused:
                client_cycle.open_cycle(
                    self.session("anne").client, name, wanted.first, wanted.last
                )
            assert refused.value.code == "cycle_overlaps"
            return
        client_cycle.open_cycle(self.session("anne").client, name, wanted.first, wanted.last)
        self.model.cycles[name] = wanted

    def close_cycle(self) -> None:
        for name, cycle in self.model.cycles.items():
            if cycle.open:
                client_cycle.close_cycle(self.session("anne").client, name, force=True)
                cycle.open = False
                return

    def reopen_cycle(self) -> None:
        """Reopen the last one that was closed; one that has ended stays closed."""
        for name, cycle in reversed(self.model.cycles.items()):
            if not cycle.open and cycle.last < self.today:
                with pytest.raises(AssignError) as refused:
                    client_cycle.reopen_cycle(self.session("anne").client, name)
                assert refused.value.code == "cycle_has_ended"
            elif not cycle.open:
                client_cycle.reopen_cycle(self.session("anne").client, name)
                cycle.open = True
                return

    def set_thresholds(self, thresholds: tuple[int, int]) -> None:
        standard, elevated = thresholds
        for name, value in (("elevated", 99), ("standard", standard), ("elevated", elevated)):
            organization.change(self.session("anne").client, f"honorarium_{name}_from", str(value))
        self.model.thresholds.append((self.today, standard, elevated))

    @invariant()
    def assignments_agree(self) -> None:
        query = " UNION ALL ".join(
            "SELECT a.number, m.handle, a.status, c.name, threshold_sequence_number,"
            f" honorarium_tier FROM {table} AS a JOIN members AS m ON m.id = recipient_user_id"
            " JOIN reporting_cycles AS c ON c.id = reporting_cycle_id"
            for table in ("assignments", "archived_assignments")
        )
        with closing(sqlite3.connect(self.office.store)) as db:
            found = db.execute(f"{query} ORDER BY 1").fetchall()
        assert found == [
            (job.number, job.mentor, job.status, job.cycle, job.sequence, job.tier)
            for job in self.model.jobs
        ]

    @invariant()
    def ledger_agrees(self) -> None:
        session = self.session("anne")
        found = {cycle.name: cycle for cycle in session.look(CYCLES, Nothing()).cycles}
        assert {name: str(cycle.status) == "open" for name, cycle in found.items()} == {
            name: cycle.open for name, cycle in (self.model.cycles or START).items()
        }
        members = {who: self.sessions[who].client.member_id for who in MENTORS}
        with session.host.store.read() as tx:
            for name, cycle in found.items():
                counts = ledger.counts(tx, list(members.values()), cycle.id)
                for who, member_id in members.items():
                    assert counts[member_id] == self.model.counts(who, name)

    @invariant()
    def every_line_carries_what_the_lines_come_to(self) -> None:
        assert rows(self.office, OTHER_COUNTS) == []

    @invariant()
    def report_agrees(self) -> None:
        told = report(self.session("anne").turn, ReportScope(("all",)))
        found = {
            (each.handle, each.cycle): (
                each.dispatched,
                each.completed,
                str(each.tier),
                each.standard_reached_number,
                each.elevated_reached_number,
                each.remaining,
                each.completed_from_earlier,
            )
            for figures in told.cycles
            for each in figures.rows
        }
        assert found == dict(self.expected())

    def expected(self) -> Iterator[tuple[tuple[str, str], tuple[object, ...]]]:
        """Yield what the report should say of whoever has a line in a cycle."""
        for cycle in self.model.cycles:
            standard, elevated = self.model.thresholds_of(cycle, self.today)
            for who in MENTORS:
                done = self.model.done(who, cycle)
                if not done and not any(
                    (job.mentor, job.cycle) == (who, cycle) for job in self.model.jobs
                ):
                    continue
                numbers: list[int | None] = [job.number for job in done]
                reached = [*numbers, *[None] * 20]
                ahead = [limit - len(done) for limit in (standard, elevated) if limit > len(done)]
                yield (
                    (who, cycle),
                    (
                        self.model.dispatched(who, cycle),
                        len(done),
                        tier_of(len(done), (standard, elevated)),
                        reached[standard - 1],
                        reached[elevated - 1],
                        ahead[0] if ahead else None,
                        sum(job.cycle != cycle for job in done),
                    ),
                )

    def teardown(self) -> None:
        findings = whole.verify(self.session("anne").turn).findings
        self.open.close()
        assert findings == ()


START = {"2026": Cycle(date(2026, 1, 1), date(2026, 12, 31))}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stories", "steps"), [(2, 30), pytest.param(80, 60, marks=pytest.mark.slow)]
)
def test_assignments_ledger_and_report_agree_with_the_model(
    founded: Office, tmp_path: Path, stories: int, steps: int
) -> None:
    numbers = count(1)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Ledger(founded.copy_to(tmp_path / str(next(numbers)))),
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
