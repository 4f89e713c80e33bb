"""The threads that answer: one for acts, in order, a few for questions, and one for long ones.

Acts are carried out one after another, so that none waits for another's lock. Each thread opens a
store of its own and closes it. Whoever has something waiting takes turns with the others, so that
nobody waits for more than one job of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Final

from assigncli.server.serve.desk import Desk
from assigncli.server.serve.room import Party

OpenDesk = Callable[[], AbstractContextManager[Desk]]

QUESTION_THREADS: Final = 2


@dataclass(frozen=True)
class Job:
    """What to do at a desk, and what to do with the outcome: None where it raised.

    `done` is called in the worker's thread. `given_up` is called instead, in the thread that offers
    another job, where this one gives way to it.
    """

    work: Callable[[Desk], Any]
    done: Callable[[Any], object]
    given_up: Callable[[], object] = lambda: None


@dataclass(eq=False)
class Queue:
    """Jobs for one thread or several: the parties take turns, and each party's are in order.

    `waiting` counts those not done yet.
    """

    limit: int
    waiting: int = 0
    _jobs: dict[Party, deque[Job]] = field(default_factory=dict)
    """By party, in the order of their turns; a party without a job is not in it."""
    _is_closed: bool = False
    _changed: Condition = field(default_factory=Condition)

    def offer(self, party: Party, job: Job) -> bool:
        """Take a job, or return False where too many wait.

        Where too many wait, the newest job of the party that has most gives way to one of a party
        that has fewer.
        """
        with self._changed:
            leaving = None if self.waiting < self.limit else self._giving_way_to(party)
            if self.waiting >= self.limit and leaving is None:
                return False
            self._jobs.setdefault(party, deque()).append(job)
            self.waiting += leaving is None
            self._changed.notify()
        if leaving is not None:
            leaving.given_up()
        return True

    def take(self) -> Job | None:
        """Wait for the next job and return it; None once the queue is closed and empty."""
        with self._changed:
            while not self._jobs:
                if self._is_closed:
                    return None
                self._changed.wait()
            party = next(iter(self._jobs))
            jobs = self._jobs.pop(party)
            job = jobs.popleft()
            if jobs:  # behind all others, whose turn it is now
                self._jobs[party] = jobs
            return job

    def finished(self) -> None:
        """Count a job as done."""
        with self._changed:
            self.waiting -= 1

    def close(self) -> None:
        """Let every thread end that finds nothing more to do."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _giving_way_to(self, party: Party) -> Job | None:
        most = max(self._jobs, key=lambda each: len(self._jobs[each]), default=party)
        if len(self._jobs.get(most, ())) <= len(self._jobs.get(party, ())) + 1:
            return None
        return self._jobs[most].pop()


@dataclass(eq=False)
class Workers:
    """The threads of one server, and their queues."""

    acts: Queue
    questions: Queue
    long: Queue
    """For questions whose answer is read from the whole store: they do not delay the others."""
    _threads: list[Thread] = field(default_factory=list)

    def start(self, open_desk: OpenDesk, fault: Callable[[str], None]) -> None:
        """Start the threads, each with a copy of this thread's context; `fault` takes a code."""
        for queue in (*self._each(), *[self.questions] * (QUESTION_THREADS - 1)):
            context = copy_context()
            thread = Thread(target=context.run, args=(_work, queue, open_desk, fault))
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let the threads finish every job that was handed in, and wait for them."""
        for queue in self._each():
            queue.close()
        for thread in self._threads:
            thread.join()

    def _each(self) -> Iterator[Queue]:
        yield from (self.acts, self.questions, self.long)


def _work(queue: Queue, open_desk: OpenDesk, fault: Callable[[str], None]) -> None:
    with open_desk() as desk:
        while (job := queue.take()) is not None:
            outcome = None
            try:
                outcome = job.work(desk)
            except Exception as problem:
                fault(getattr(problem, "code", "internal_error"))
            finally:
                queue.finished()
            job.done(outcome)


def queues(acts: int, questions: int, long: int) -> Workers:
    """Return workers, not started, with so many jobs waiting at most."""
    return Workers(Queue(acts), Queue(questions), Queue(long))
