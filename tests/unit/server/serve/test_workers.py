"""Whoever has something waiting takes turns; who has most gives way to who has fewer."""

from __future__ import annotations

import threading
from uuid import UUID

from assigncli.server.serve.room import Party
from assigncli.server.serve.workers import Job, Queue

ANNE: Party = (1, None)
KARI: Party = (7, UUID(int=1))
OLA: Party = (7, UUID(int=2))


def job(name: str, given_up: list[str] | None = None) -> Job:
    gone = [] if given_up is None else given_up
    return Job(lambda _desk: name, print, lambda: gone.append(name))


def offered(queue: Queue, *jobs: tuple[Party, str]) -> None:
    assert all(queue.offer(party, job(name)) for party, name in jobs)


def taken(queue: Queue, count: int) -> list[str]:
    found = []
    for _each in range(count):
        job = queue.take()
        assert job is not None
        found.append(job.work(None))  # type: ignore[arg-type]
        queue.finished()
    return found


def test_a_party_with_one_job_waits_for_no_more_than_one_of_each_other() -> None:
    queue = Queue(limit=10)
    offered(queue, (ANNE, "a1"), (ANNE, "a2"), (ANNE, "a3"), (KARI, "k1"), (OLA, "o1"))
    assert taken(queue, 2) == ["a1", "k1"]
    offered(queue, (KARI, "k2"))
    assert taken(queue, 4) == ["o1", "a2", "k2", "a3"]


def test_of_one_party_the_jobs_are_taken_in_their_order() -> None:
    queue = Queue(limit=9)
    offered(queue, *((ANNE, str(number)) for number in range(9)))
    assert taken(queue, 9) == [str(number) for number in range(9)]


def test_too_many_are_refused_until_one_is_done() -> None:
    queue = Queue(limit=2)
    offered(queue, (ANNE, "a1"), (ANNE, "a2"))
    assert not queue.offer(ANNE, job("a3"))
    assert queue.take() is not None
    assert not queue.offer(ANNE, job("a3"))  # what is being done counts too
    queue.finished()
    assert queue.offer(ANNE, job("a3"))


def test_where_all_is_full_the_newest_of_who_has_most_gives_way() -> None:
    queue, gone = Queue(limit=3), list[str]()
    assert all(queue.offer(ANNE, job(name, gone)) for name in ("a1", "a2", "a3"))
    assert queue.offer(KARI, job("k1", gone))
    assert (gone, queue.waiting) == (["a3"], 3)
    assert queue.offer(OLA, job("o1", gone))
    assert (gone, queue.waiting) == (["a3", "a2"], 3)
    assert not queue.offer(KARI, job("k2", gone))  # then she would have the most
    assert taken(queue, 3) == ["a1", "k1", "o1"]


def test_a_closed_queue_gives_what_it_has_and_then_ends_every_thread() -> None:
    queue, found = Queue(limit=9), list[str]()

    def work() -> None:
        while (job := queue.take()) is not None:
            found.append(job.work(None))  # type: ignore[arg-type]

    threads = [threading.Thread(target=work) for _each in range(3)]
    offered(queue, (ANNE, "a1"), (KARI, "k1"))
    for thread in threads:
        thread.start()
    offered(queue, (OLA, "o1"))
    queue.close()
    for thread in threads:
        thread.join(timeout=10)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(found) == ["a1", "k1", "o1"]
