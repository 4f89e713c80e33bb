"""The sweep of a server: a thread of its own, which also sends what an act has just caused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from threading import Condition, Thread
from time import monotonic

from assigncli.cli import session as clock
from assigncli.cli.session import post
from assigncli.cli.session.served_store import hosts
from assigncli.cli.session.service_turns import service_turns
from assigncli.cli.sweep import outcomes_of, say_outcome
from assigncli.errors import AssignError, IdentityUnavailable
from assigncli.server.store import notifications, organizations
from assigncli.server.store.engine import Store
from assigncli.server.sweep import SweepOutcome, delivered
from assigncli.server.turn import Turn


class Task(Enum):
    """What the thread does next: the whole sweep, or the notifications alone."""

    SWEEP = auto()
    NOTIFY = auto()


@dataclass(eq=False)
class Sweeping:
    """When the thread works; `every` is in seconds."""

    every: float
    is_stopping: bool = False
    _wakes: Condition = field(default_factory=Condition)
    _due_at: float = field(default_factory=monotonic)
    _has_news: bool = False

    def acted(self) -> None:
        """Look for notifications that an act has caused."""
        with self._wakes:
            self._has_news = True
            self._wakes.notify()

    def founded(self) -> None:
        """Sweep now: an organisation was founded, or a new key certified: a sweep is due."""
        with self._wakes:
            self._due_at, self._has_news = monotonic(), True
            self._wakes.notify()

    def stop(self) -> None:
        """End at the next safe point."""
        with self._wakes:
            self.is_stopping = True
            self._wakes.notify()

    def wait(self) -> Task | None:
        """Wait for something to do, and return it; None to end."""
        with self._wakes:
            self._wakes.wait_for(
                lambda: self.is_stopping or self._has_news, self._due_at - monotonic()
            )
            if self.is_stopping:
                return None
            if monotonic() >= self._due_at:
                self._due_at = monotonic() + self.every
                return Task.SWEEP
            self._has_news = False
            return Task.NOTIFY


@contextmanager
def sweeping(
    store: Path, vault: Path, every: float, fault: Callable[[str], None]
) -> Iterator[Sweeping]:
    """Sweep the store now and then inside the block; at its end wait for a safe point."""
    plan = Sweeping(every)
    context = copy_context()
    thread = Thread(target=context.run, args=(_work, plan, store, vault, fault))
    thread.start()
    try:
        yield plan
    finally:
        plan.stop()
        thread.join()


def _work(plan: Sweeping, store: Path, vault: Path, fault: Callable[[str], None]) -> None:
    with Store.open(store) as own:
        while (task := plan.wait()) is not None:
            try:
                _sweep(plan, store, vault) if task is Task.SWEEP else _notify(plan, own)
            except AssignError as problem:
                fault(problem.code)
            except Exception:
                fault("internal_error")


def _sweep(plan: Sweeping, store: Path, vault: Path) -> None:
    try:
        with service_turns(store, vault) as sweepers:
            _say(plan, outcomes_of(sweepers, dry_run=False))
    except IdentityUnavailable as problem:
        if problem.code != "service_identity_missing":  # nothing is founded here yet
            raise


def _notify(plan: Sweeping, own: Store) -> None:
    """Send what is due now, if anything is: most acts cause nothing."""
    now = clock.utc_now()
    with own.read() as tx:
        names = {row.id: row.name for row in organizations.everyone(tx)}
        due = {each for each in names if notifications.waiting(tx, each, now, None)}
    for host in hosts(own) if due else ():
        if host.organization_id in due:
            turn = Turn(host, now, host.service.member_id)
            name = names[host.organization_id] if len(names) > 1 else ""
            _say(plan, ((name, sent) for sent in delivered(turn, post())))


def _say(plan: Sweeping, outcomes: Iterable[tuple[str, SweepOutcome]]) -> None:
    """Show each outcome; stop after one when the server stops, where nothing is half done."""
    for name, outcome in outcomes:
        say_outcome(name, outcome, dry_run=False)
        if plan.is_stopping:
            return
