"""Run a command in a process that kills itself at a chosen point.

A point is any moment at which something is about to reach, or has just reached, a file of ours: a
statement to the store, a commit, a call to the vault. They are counted, so that a test can choose
the first, the last and any between.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from assigncli.vault import Vault
from tests.office import Office

PATIENCE = 120


class Countdown:
    """Counts points, and kills its own process at the one it was set to; at 0 it only counts."""

    def __init__(self, fatal: int = 0) -> None:
        self.count = 0
        self.fatal = fatal

    def __call__(self, *_facts: object, **_more: object) -> None:
        self.count += 1
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function` with a point before it and one after it."""

        def counted(*arguments: Any, **named: Any) -> Any:
            self()
            result = function(*arguments, **named)
            self()
            return result

        return counted

    def install(self) -> None:
        """Put a point at everything this process does to the store and the vault."""
        event.listen(Engine, "before_cursor_execute", self)
        event.listen(Engine, "after_cursor_execute", self)
        for kind, name in ((DefaultDialect, "do_commit"), (Vault, "put_all"), (Vault, "revoke")):
            setattr(kind, name, self.around(getattr(kind, name)))
        _count_vault_statements(self)


def _count_vault_statements(point: Countdown) -> None:
    """Count the vault's own statements, too; it talks to SQLite without SQLAlchemy."""
    connect = sqlite3.connect

    def counted(*arguments: Any, **named: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **named)
        if ".vault" in str(arguments[0]):
            connection.set_trace_callback(point)
        return connection

    sqlite3.connect = counted  # type: ignore[assignment]


def points_of(office: Office, line: str, profile: str) -> int:
    """Run a command to its end in a process of its own and return how many points it has."""
    receiving, sending = _context().Pipe(duplex=False)
    process = _context().Process(target=_count, args=(office, line, profile, sending))
    process.start()
    assert receiving.poll(PATIENCE)
    count: int = receiving.recv()
    process.join(PATIENCE)
    return count


def killed_at(office: Office, line: str, profile: str, point: int) -> None:
    """Run a command that is killed at `point`; it must come that far."""
    process = _context().Process(target=_die, args=(office, line, profile, point))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.killing", "tests.racing"])
    return context


def _count(office: Office, line: str, profile: str, sending: Any) -> None:
    point = Countdown()
    point.install()
    office.ok(line, profile=profile)
    sending.send(point.count)


def _die(office: Office, line: str, profile: str, fatal: int) -> None:
    Countdown(fatal).install()
    office.ok(line, profile=profile)
