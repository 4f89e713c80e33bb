"""Runs in processes of their own: of commands and acts, at once with others or with a fault.

One process of this module's has everything imported, one thread, and nothing open between two runs.
Each run is a fork of it, and so begins within milliseconds; only a command whose points are counted
runs in that process itself, which has its statements ready for the forks then.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import shlex
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.connection import Connection
from typing import Any, Protocol

import assigncli.server.sweep  # noqa: F401 - so that sweeps at once begin at once
from assigncli.cli.session.in_process import Session
from assigncli.errors import AssignError
from assigncli.server.notifications.notifier import AppriseNotifier
from assigncli.words.errors import said
from tests.acting import acting, identity_of, process
from tests.acts import VERBS
from tests.office import ROOT, Office, Result, described
from tests.points import DISK, OURS, STEPS, Counter, Fault, FaultKind, Points

PATIENCE = 120
"""Seconds that one command or act may take, on a machine that has other work."""
LONG_PATIENCE = 900
"""Seconds for runs that have a thousand things to do."""

AppriseNotifier().kind_of("json://127.0.0.1")  # loads Apprise once, before the forks


# What is run


class Run(Protocol):
    """What a process is to do; it waits for the others of its race at `together`."""

    def __call__(self, office: Office, together: Callable[[], object]) -> Any: ...


@dataclass(frozen=True)
class Command:
    """A whole command, as `profile` types it; returns its Result."""

    line: str
    profile: str | None = "anne"

    def __call__(self, office: Office, together: Callable[[], object]) -> Result:
        together()
        return office.run(self.line, profile=self.profile)


@dataclass(frozen=True)
class Contender:
    """One member and what they do on an assignment in each round; returns an Outcome for each."""

    profile: str
    verb: str
    references: Sequence[str]

    def __call__(self, office: Office, together: Callable[[], object]) -> list[Outcome]:
        identity, outcomes = identity_of(office, self.profile), []
        with acting(office, self.profile, identity=identity) as session:
            for reference in self.references:
                together()
                outcomes.append(_outcome(VERBS[self.verb], session, reference))
        return outcomes


@dataclass(frozen=True)
class Outcome:
    """How one act ended: `kind` is the error's class, empty for who got through."""

    kind: str = ""
    code: str = ""
    detail: str = ""

    @property
    def won(self) -> bool:
        """Whether the act got through."""
        return not self.kind


def _outcome(act: Callable[[Session, str], object], session: Session, reference: str) -> Outcome:
    try:
        act(session, reference)
    except AssignError as error:
        return Outcome(type(error).__name__, error.code, said(error)[0])
    except BaseException as error:
        return Outcome(f"foreign {type(error).__name__}", "", str(error))
    return Outcome()


@dataclass(frozen=True)
class Ended:
    """What a run returned, None where it was killed; how it ended, as os.wait says; its points."""

    said: Any
    status: int
    points: Points

    def require_killed(self, where: object) -> None:
        """Assert that the run came as far as where it was to be killed."""
        assert os.WIFSIGNALED(self.status), f"came to its end before {where}: {self.said}"
        assert os.WTERMSIG(self.status) == signal.SIGKILL


def at_once(office: Office, *runs: Run) -> list[Any]:
    """Run these at the same moment; return what each returned."""
    ended = _asked(office, runs, Fault(), LONG_PATIENCE)
    assert [each.status for each in ended] == [0] * len(runs)
    return [each.said for each in ended]


def started_at_once(office: Office, *commands: Command) -> list[Result]:
    """Start these as a user does, at the office's moment; return how each ended."""
    running = [
        subprocess.Popen(
            process(office, each.line, each.profile),
            env=office.process_env(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for each in commands
    ]
    said = [each.communicate(timeout=PATIENCE) for each in running]
    return [
        described(shlex.split(command.line), Result(each.returncode, *told))
        for command, each, told in zip(commands, running, said, strict=True)
    ]


def race(office: Office, *contenders: Contender) -> list[tuple[Outcome, ...]]:
    """Let the contenders act at once, round by round; return each round's outcomes."""
    return list(zip(*at_once(office, *contenders), strict=True))


def counted(office: Office, command: Command, *, code: int = 0) -> Points:
    """Run a command to its end, which must have this exit code; return its points."""
    (ended,) = _asked(office, [command], None)
    assert ended.said.code == code, ended.said.said
    return ended.points


def broken(office: Office, command: Command, kind: FaultKind, at: int) -> Ended:
    """Run a command with this fault at this point of the disk's; return what became of it."""
    (ended,) = _asked(office, [command], Fault(kind, at, DISK))
    if ended.said is None:
        ended.require_killed(at)
    return ended


def killed_at(office: Office, command: Command, point: int | str) -> None:
    """Run a command that is killed at a point, or at one of STEPS; it must come that far."""
    fault = Fault(at=point) if isinstance(point, int) else Fault(at=STEPS[point][2], among=point)
    _asked(office, [command], fault)[0].require_killed(point)


def killed_when(office: Office, command: Command, reached: Callable[[], object]) -> None:
    """Run a command and kill it from outside as soon as `reached` returns."""

    def kill(running: list[int]) -> None:
        reached()
        os.kill(running[0], signal.SIGKILL)

    _asked(office, [command], Fault(), meanwhile=kill)[0].require_killed("that")


def _asked(
    office: Office,
    runs: Sequence[Run],
    fault: Fault | None,
    seconds: float = PATIENCE,
    meanwhile: Callable[[list[int]], None] = lambda _running: None,
) -> list[Ended]:
    """Run these, each with the fault; without any, in the process that counts."""
    host = _host()
    host.send((office, runs, fault))
    meanwhile(host.recv())
    if not host.poll(seconds):
        _host.cache_clear()  # the next ones are asked of another
        raise AssertionError("a run did not come to an end")
    ended: list[Ended] = host.recv()
    return ended


@cache
def _host() -> Connection:
    """Start the process, once; it ends with ours."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_serve, args=(theirs,), daemon=True).start()
    theirs.close()
    return ours


def _serve(asked: Connection) -> None:
    counter = Counter(Fault())
    counter.install()
    while True:
        try:
            office, runs, fault = asked.recv()
        except EOFError:
            return
        counter.set_to(Fault())
        if fault is None:
            asked.send([])
            asked.send([Ended(run(office, _alone), 0, counter.points) for run in runs])
            continue
        start = multiprocessing.get_context("fork").Barrier(len(runs))
        gc.freeze()  # the forks would copy what they collect
        together = partial(start.wait, PATIENCE)
        counting = counter if fault.among == OURS else Counter(fault, office.folder)
        counting.set_to(fault)
        forks = [_fork(partial(run, office, together), counting) for run in runs]
        asked.send([child for child, _reading in forks])
        asked.send([_ended(*each) for each in forks])


def _alone() -> None:
    """Wait for nobody."""


def _fork(run: Callable[[], object], counter: Counter) -> tuple[int, int]:
    """Run this in a fork of this process; return its number and where it tells what it returned."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    code = 1
    try:
        counter.install()
        returned = run()
        with os.fdopen(writing, "wb") as told:
            pickle.dump((returned, counter.points), told)
        code = 0
    finally:
        os._exit(code)


def _ended(child: int, reading: int) -> Ended:
    with os.fdopen(reading, "rb") as told:
        content = told.read()
    status = os.waitpid(child, 0)[1]
    returned, points = pickle.loads(content) if content else (None, Points())  # noqa: S301 - ours
    return Ended(returned, status, points)
