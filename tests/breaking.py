"""Run a command in a process in which one chosen step towards the disk goes wrong.

A step is anything that Python itself reports of files under the office's folder (audit events: open
for writing, rename, remove, mkdir, chmod), a statement to the store, and both sides of its commit.
They are counted, so that a test can choose any of them.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sys
from multiprocessing.context import ForkServerContext
from typing import Any, Literal

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from tests.office import Office, Result

PATIENCE = 120
Fault = Literal["none", "killed", "full", "stopped"]
"""Killed at the step; the disk is full there; or Ctrl-C is pressed."""

_WRITES = os.O_WRONLY | os.O_RDWR
_ON_FILES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}


class Steps:
    """Counts steps; at the one it was set to, lets the fault happen, once."""

    def __init__(self, folder: str, fault: Fault, fatal: int) -> None:
        self.folder = folder
        self.fault = fault
        self.fatal = fatal
        self.count = 0

    def step(self, *_facts: object, **_more: object) -> None:
        self.count += 1
        if self.count != self.fatal:
            return
        if self.fault == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.fault == "stopped":
            raise KeyboardInterrupt

    def audit(self, name: str, facts: tuple[Any, ...]) -> None:
        if name == "open":
            path, _mode, flags = facts
            concerns = bool(flags & _WRITES)
        elif name in _ON_FILES:
            path, concerns = facts[0], True
        else:
            return
        if (
            concerns
            and isinstance(path, (str, bytes))
            and os.fsdecode(path).startswith(self.folder)
        ):
            self.step()

    def install(self) -> None:
        sys.addaudithook(self.audit)
        if self.fault == "full":
            return  # what the database writes is written by SQLite, not by Python
        event.listen(Engine, "before_cursor_execute", self.step)
        commit = DefaultDialect.do_commit

        def counted(dialect: DefaultDialect, connection: Any) -> None:
            self.step()
            commit(dialect, connection)
            self.step()

        DefaultDialect.do_commit = counted  # type: ignore[assignment,method-assign]


def broken(
    office: Office, line: str, fault: Fault, at: int, *, profile: str | None = None
) -> tuple[Result | None, int]:
    """Run `line` with this fault at step `at`; return what it said and how many steps there were.

    None was said by a process that was killed.
    """
    receiving, sending = _context().Pipe(duplex=False)
    process = _context().Process(target=_run, args=(office, line, profile, fault, at, sending))
    process.start()
    sending.close()
    try:
        said: tuple[Result | None, int] = receiving.recv()
    except EOFError:
        said = None, at
    process.join(PATIENCE)
    if said[0] is None:
        assert process.exitcode == -signal.SIGKILL
    return said


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.killing", "tests.racing", "tests.breaking"])
    return context


def _run(
    office: Office, line: str, profile: str | None, fault: Fault, at: int, sending: Any
) -> None:
    steps = Steps(str(office.folder), fault, at)
    steps.install()
    result = office.run(line, profile=profile)
    sending.send((result, steps.count))
