"""A server that is killed, or stands still, at one step of the first act that it is sent, or later.

It is a real `assign serve` in a process of its own, forked from one that has loaded the program
already: an import for each of hundreds of servers would take most of a test's time.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from assigncli.protocol.message import MessageKind
from tests.office import Office

STEPS = (
    "received",
    "queued",
    "begun",
    "before the commit",
    "committed",
    "answer ready",
    "answer on its way",
)
"""Of an act: arrived whole; in the queue; taken up by the thread; all written but not committed;
committed, with no share deleted or given out yet; answered by the thread; about to be sent."""
_KIND = 1
_PATIENCE = 120.0
_acting = threading.local()


@dataclass
class Forked:
    """A running server, which is a child of the process that forks them."""

    pid: int
    socket: Path
    said: Path
    _status: int | None = None

    def status(self) -> int:
        """Wait for its end; return how it ended, as os.wait says."""
        if self._status is None:
            self._status = _asked("wait", self.pid)
        return self._status

    def stop(self) -> int:
        """Ask it to stop, and return how it ended."""
        os.kill(self.pid, signal.SIGTERM)
        return self.status()

    def until_it_stands_still(self) -> None:
        """Wait until a signal has stopped it."""
        status, ends = Path(f"/proc/{self.pid}/status"), time.monotonic() + _PATIENCE
        while "State:\tT" not in status.read_text(encoding="ascii"):
            assert time.monotonic() < ends
            time.sleep(0.005)

    def until_it_listens(self) -> None:
        """Wait until it answers."""
        ends = time.monotonic() + _PATIENCE
        while "Listening at" not in (said := self.said.read_text(encoding="utf-8")):
            assert time.monotonic() < ends, said
            assert "Error" not in said, said
            time.sleep(0.005)


@contextmanager
def forked(
    office: Office, step: str = "", number: int = signal.SIGKILL, *, number_of_act: int = 1
) -> Iterator[Forked]:
    """Serve the office, whose profiles reach it until the block ends; at `step` it is signalled.

    The step is that of the act with this number, of those that it is sent.
    """
    profiles = {path: path.read_text() for path in (office.home / "profiles").glob("*.json")}
    folder = Path(tempfile.mkdtemp(prefix="assign-socket-"))
    folder.chmod(0o755)
    said, place = folder / "said", folder / "socket"
    said.touch()
    asked = (str(office.store), str(place), str(said), step, int(number), number_of_act)
    served = Forked(_asked(*asked), place, said)
    try:
        served.until_it_listens()
        for path, text in profiles.items():
            elsewhere = {"store": f"unix:{place}", "vault": None}
            path.write_text(json.dumps({**json.loads(text), **elsewhere}))
        office.now = datetime.now(UTC)
        yield served
    finally:
        if served._status is None:
            os.kill(served.pid, signal.SIGKILL)
            served.status()
        for path, text in profiles.items():
            path.write_text(text)
        shutil.rmtree(folder)


def _asked(*what: object) -> int:
    host = _host()
    host.send(what)
    assert host.poll(_PATIENCE), what
    found: int = host.recv()
    return found


@cache
def _host() -> Connection:
    """Start the process that forks, once; it ends with ours."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_fork_all, args=(theirs,), daemon=True).start()
    theirs.close()
    return ours


def _fork_all(asked: Connection) -> None:
    _load()
    while True:
        try:
            what = asked.recv()
        except EOFError:
            return
        asked.send(os.waitpid(what[1], 0)[1] if what[0] == "wait" else _fork(*what))


def _load() -> None:
    """Import what a server imports when it has something to do."""
    from importlib import import_module

    for name in ("serve", "session.served_store", "session.sweeper"):
        import_module(f"assigncli.cli.{name}")
    for name in ("carry_out", "serve.listener", "serve.desk", "store.engine", "vault.vault"):
        import_module(f"assigncli.server.{name}")


def _fork(store: str, place: str, said: str, step: str, number: int, number_of_act: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        with open(said, "w", encoding="utf-8", buffering=1) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            sys.stdout = sys.stderr = file
            os.environ.clear()
            sys.argv = ["assign", "serve", "--store", store, "--socket", place]
            sys.argv += ["--sweep-every", "1440"]
            _signalled_at(step, number, number_of_act)
            from assigncli.cli import run

            try:
                run()
            except SystemExit as ended:
                code = int(ended.code or 0)
    finally:
        os._exit(code)


def _signalled_at(step: str, number: int, number_of_act: int) -> None:
    """Put the signal at this step of the act with this number."""
    from assigncli.server.handle import Server
    from assigncli.server.serve.desk import Desk
    from assigncli.server.serve.listener import Listener
    from assigncli.server.serve.stream import Stream
    from assigncli.server.serve.workers import Queue
    from assigncli.server.store import commit_outcome

    comes = itertools.count(1)

    def happen() -> None:
        if next(comes) == number_of_act:
            os.kill(os.getpid(), number)

    def is_act(_listener: Any, stream: Any, data: bytes) -> bool:
        stream.is_of_act = data[_KIND] == MessageKind.ACT
        return bool(stream.is_of_act)

    def of_acts(queue: Any, _party: Any, job: Any) -> bool:
        sent = getattr(job.work, "keywords", {}).get("data")
        return sent is not None and sent[_KIND] == MessageKind.ACT

    def here(*_any: Any) -> bool:
        return bool(getattr(_acting, "is_so", False))

    def answers(stream: Any, _answer: bytes | None) -> bool:
        return bool(getattr(stream, "is_of_act", False))

    places: dict[str, tuple[Any, str, Callable[..., bool], bool]] = {
        "received": (Listener, "ask", is_act, True),
        "queued": (Queue, "offer", of_acts, False),
        "begun": (Server, "handle", here, True),
        "before the commit": (commit_outcome, "leave_mark", here, False),
        "committed": (Server, "_in_one_transaction", here, False),
        "answer ready": (Server, "handle", here, False),
        "answer on its way": (Stream, "answered", answers, True),
    }
    _mark_acts(Desk)
    _around(Listener, "ask", is_act, lambda: None, is_before=True)
    if step:
        owner, name, applies, is_before = places[step]
        _around(owner, name, applies, happen, is_before=is_before)


def _mark_acts(desk: Any) -> None:
    """Know in the thread that carries out an act that it does."""
    answer = desk.answer

    def answered(self: Any, uid: int, member: Any, data: bytes) -> bytes:
        _acting.is_so = data[_KIND] == MessageKind.ACT
        try:
            found: bytes = answer(self, uid, member, data)
            return found
        finally:
            _acting.is_so = False

    desk.answer = answered


def _around(
    owner: Any,
    name: str,
    applies: Callable[..., bool],
    happen: Callable[[], None],
    *,
    is_before: bool,
) -> None:
    function = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        chosen = applies(*arguments)
        if chosen and is_before:
            happen()
        result = function(*arguments, **named)
        if chosen and not is_before:
            happen()
        return result

    setattr(owner, name, wrapped)
