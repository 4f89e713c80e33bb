"""The threads that answer: one for acts, in order, and a few for questions.

Acts are carried out one after another, so that none waits for another's lock. Each thread opens a
store of its own and closes it. How many requests may wait is decided by who hands them in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Final

from assigncli.server.serve.desk import Desk

OpenDesk = Callable[[], AbstractContextManager[Desk]]

QUESTION_THREADS: Final = 2


@dataclass(frozen=True)
class Job:
    """What to do at a desk, and what to do with the outcome: None where it raised.

    `done` is called in the worker's thread.
    """

    work: Callable[[Desk], Any]
    done: Callable[[Any], object]


@dataclass(eq=False)
class Queue:
    """Jobs in order, for one thread or several; `waiting` counts those not done yet."""

    limit: int
    jobs: SimpleQueue[Job | None] = field(default_factory=SimpleQueue)
    waiting: int = 0
    _lock: Lock = field(default_factory=Lock)

    def offer(self, job: Job) -> bool:
        """Take a job, or return False where too many wait."""
        with self._lock:
            if self.waiting >= self.limit:
                return False
            self.waiting += 1
        self.jobs.put(job)
        return True

    def finished(self) -> None:
        """Count a job as done."""
        with self._lock:
            self.waiting -= 1


@dataclass(eq=False)
class Workers:
    """The threads of one server, and their two queues."""

    acts: Queue
    questions: Queue
    _threads: list[Thread] = field(default_factory=list)

    def start(self, open_desk: OpenDesk, fault: Callable[[str], None]) -> None:
        """Start the threads, each with a copy of this thread's context; `fault` takes a code."""
        for queue in (self.acts, *[self.questions] * QUESTION_THREADS):
            context = copy_context()
            thread = Thread(target=context.run, args=(_work, queue, open_desk, fault))
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let the threads finish every job that was handed in, and wait for them."""
        for queue in (self.acts, *[self.questions] * QUESTION_THREADS):
            queue.jobs.put(None)
        for thread in self._threads:
            thread.join()


def _work(queue: Queue, open_desk: OpenDesk, fault: Callable[[str], None]) -> None:
    with open_desk() as desk:
        while (job := queue.jobs.get()) is not None:
            outcome = None
            try:
                outcome = job.work(desk)
            except Exception as problem:
                fault(getattr(problem, "code", "internal_error"))
            finally:
                queue.finished()
            job.done(outcome)


def queues(acts: int, questions: int) -> Workers:
    """Return workers, not started, with so many jobs waiting at most."""
    return Workers(Queue(acts), Queue(questions))
