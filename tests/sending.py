"""A command that sends, in a process of its own that is killed at a chosen step of sending.

Complements `tests.killing`, which counts what reaches a file: here the steps have names, and the
outside world has seen something of some of them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from typing import Any

from assigncli.server.notifications.notifier import AppriseNotifier
from assigncli.server.store import ballast, notifications
from tests.mail import SmtpServer, wait_until
from tests.office import Office, Result

PATIENCE = 120

AppriseNotifier().kind_of("json://127.0.0.1")  # loads Apprise once, before the forks


@dataclass(frozen=True)
class Step:
    """A call at which the process dies: on its way in, or on its way out."""

    owner: Any
    call: str
    before: bool

    def install(self) -> None:
        """Let this process die here."""
        function = getattr(self.owner, self.call)

        def deadly(*arguments: Any, **named: Any) -> Any:
            if not self.before:
                function(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(self.owner, self.call, deadly)


STEPS = {
    "before it is queued": Step(notifications, "queue_all", before=True),
    "queued, not committed": Step(notifications, "queue_all", before=False),
    "before the mark": Step(notifications, "begin", before=True),
    "marked, not committed": Step(notifications, "begin", before=False),
    "before the connection": Step(AppriseNotifier, "send", before=True),
    "before the text": Step(smtplib.SMTP, "data", before=True),
    "accepted": Step(smtplib.SMTP, "data", before=False),
    "before the result": Step(notifications, "finish", before=True),
    "result not committed": Step(notifications, "finish", before=False),
    "after the result": Step(ballast, "keep", before=True),
}
"""In the order in which a sweep comes to them."""


def killed_at(office: Office, line: str, step: str) -> None:
    """Run a command as anne in a process that dies at the step; it must come that far."""
    process = _context().Process(target=_die, args=(office, line, step))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL, step


def killed_while_waiting(office: Office, line: str, server: SmtpServer) -> None:
    """Run a command and kill it while it waits for a server to say that it has the message."""
    process = _context().Process(target=_run, args=(office, line))
    process.start()
    wait_until(lambda: server.messages, PATIENCE)
    process.kill()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL


def at_once(office: Office, lines: Sequence[str]) -> list[Result]:
    """Run commands as anne at the same moment, each in a process of its own."""
    start = _context().Barrier(len(lines))
    ends = []
    for line in lines:
        ours, theirs = _context().Pipe(duplex=False)
        process = _context().Process(target=_tell, args=(office, line, start, theirs))
        process.start()
        theirs.close()
        ends.append((process, ours))
    results = []
    for process, end in ends:
        assert end.poll(PATIENCE), "a command did not come to an end"
        results.append(end.recv())
        process.join(PATIENCE)
    return results


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.sending"])
    return context


def _die(office: Office, line: str, step: str) -> None:
    STEPS[step].install()
    office.run(line)


def _run(office: Office, line: str) -> None:
    office.run(line)


def _tell(office: Office, line: str, start: Barrier, end: Connection) -> None:
    start.wait(PATIENCE)
    end.send(office.run(line))
