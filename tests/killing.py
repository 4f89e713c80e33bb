"""Run a command in a process that kills itself at a chosen point.

A point is any moment at which something is about to reach, or has just reached, a file of ours or
the server: a statement to the store, a commit, a call to the vault or for the ballast, a note of an
act, a message, a file that is put on disk, renamed or removed. They are counted, so that a test can
choose the first, the last and any between.

One process of this module's own has everything imported and counts points by running commands. It
has one thread, and nothing open between two commands; each command that is killed runs in a fork of
it, and so begins within milliseconds.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from assigncli.client.outstanding import Note, Outstanding
from assigncli.server.handle import Server
from assigncli.server.store import ballast
from assigncli.server.vault import slot_file
from assigncli.server.vault.vault import Vault
from tests.office import Office, Result

PATIENCE = 120
VAULT_CALLS = ("held_among", "unchecked", "mark_checked")
VAULT_TURNS = ("revoke",)
"""The calls between which a share and what the store says of it may part."""


@dataclass(frozen=True)
class Points:
    """How many points a command has; which of them stand just before and after what they name."""

    count: int
    turns: list[int]
    puts: list[int]
    commits: list[int]


class Countdown:
    """Counts points, and kills its own process at the one it was set to; at 0 it only counts."""

    def __init__(self) -> None:
        self.count = 0
        self.fatal = 0
        self.turns: list[int] = []
        self.puts: list[int] = []
        self.commits: list[int] = []

    def set_to(self, fatal: int) -> None:
        """Begin to count from nothing."""
        self.count, self.fatal = 0, fatal
        for places in (self.turns, self.puts, self.commits):
            places.clear()

    @property
    def points(self) -> Points:
        """What was counted."""
        return Points(self.count, [*self.turns], [*self.puts], [*self.commits])

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

    def noting(self, function: Callable[..., Any], places: list[int]) -> Callable[..., Any]:
        """Return `function` as `around` does; the two points are added to `places`."""
        counted = self.around(function)

        def noted(*arguments: Any, **named: Any) -> Any:
            places.append(self.count + 1)
            result = counted(*arguments, **named)
            places.append(self.count)
            return result

        return noted

    def install(self) -> None:
        """Put a point at everything this process does to the store, the vault and our files."""
        event.listen(Engine, "before_cursor_execute", self)
        event.listen(Engine, "after_cursor_execute", self)
        for kind, name in (
            *((Vault, name) for name in VAULT_CALLS),
            *((ballast, name) for name in ("keep", "free")),
            *((slot_file, name) for name in ("write_at", "sync")),
            (Server, "handle"),
            (Outstanding, "keep"),
            *((Note, name) for name in ("remove", "set_aside")),
            *((os, name) for name in ("fsync", "replace", "unlink")),
        ):
            setattr(kind, name, self.around(getattr(kind, name)))
        for kind, name, places in (
            (DefaultDialect, "do_commit", self.commits),
            (Vault, "put_all", self.puts),
            *((Vault, name, self.turns) for name in VAULT_TURNS),
        ):
            setattr(kind, name, self.noting(getattr(kind, name), places))


def spread(last: int, count: int) -> list[int]:
    """Return `count` points from 1 to `last`, both included and evenly spread."""
    return sorted({1 + round(step * (last - 1) / (count - 1)) for step in range(count)})


def points_of(office: Office, line: str, profile: str) -> int:
    """Run a command to its end in another process and return how many points it has."""
    return all_points(office, line, profile).count


def points_and_turns(office: Office, line: str, profile: str) -> tuple[int, list[int]]:
    """As `points_of`; return also which of them stand just before and after the vault's turns."""
    found = all_points(office, line, profile)
    return found.count, found.turns


def all_points(office: Office, line: str, profile: str, *, code: int = 0) -> Points:
    """As `points_of`, with what its points are; the command must end with this exit code."""
    result, found = _asked(office, line, profile)
    assert result.code == code, result.said
    return found


def killed_at(office: Office, line: str, profile: str, point: int) -> None:
    """Run a command that is killed at `point`; it must come that far."""
    status = _asked(office, line, profile, point)
    assert os.WIFSIGNALED(status), f"came to its end before point {point}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def _asked(*what: Any) -> Any:
    server = _server()
    server.send(what)
    assert server.poll(PATIENCE)
    return server.recv()


@cache
def _server() -> Connection:
    """Start the process that counts and forks, once; it ends with ours."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.killing", "tests.racing"])
    ours, theirs = context.Pipe()
    context.Process(target=_serve, args=(theirs,), daemon=True).start()
    theirs.close()
    return ours


def _serve(asked: Connection) -> None:
    point = Countdown()
    point.install()
    while True:
        try:
            office, line, profile, *fatal = asked.recv()
        except EOFError:
            return
        asked.send(
            _died(point, fatal[0], office, line, profile)
            if fatal
            else _counted(point, office, line, profile)
        )


def _counted(point: Countdown, office: Office, line: str, profile: str) -> tuple[Result, Points]:
    point.set_to(0)
    result = office.run(line, profile=profile)
    return result, point.points


def _died(point: Countdown, fatal: int, office: Office, line: str, profile: str) -> int:
    """Run the command in a fork of this process; return how that ended, as `os.wait` says it."""
    gc.freeze()  # the fork would copy what it collects
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        point.set_to(fatal)
        office.run(line, profile=profile)
    finally:
        os._exit(0)
