"""Where a command can go wrong on its way, and how: points that are counted, and a fault at one.

A point is any moment at which something is about to reach, or has just reached, a file of ours or
the server. They are counted, so that a test can choose the first, the last and any between.
"""

from __future__ import annotations

import errno
import os
import signal
import smtplib
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from assigncli.client.outstanding import Note, Outstanding
from assigncli.server.handle import Server
from assigncli.server.notifications.notifier import AppriseNotifier
from assigncli.server.store import ballast, notifications
from assigncli.server.vault import slot_file
from assigncli.server.vault.vault import Vault

OURS = "ours"
"""Points at statements, commits, calls to the vault, the ballast, notes, messages, and files."""
DISK = "disk"
"""Points at what Python reports of files under the office's folder, statements and commits."""


@dataclass(frozen=True)
class Fault:
    """What happens at point `at` of those that are counted; at 0 they are only counted.

    The process is killed; the disk is full; or Ctrl-C is pressed.
    """

    kind: FaultKind = "killed"
    at: int = 0
    among: str = OURS

    def happen(self) -> None:
        if self.kind == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        raise KeyboardInterrupt


FaultKind = Literal["killed", "full", "stopped"]
BEFORE, AFTER = 1, 2
STEPS: dict[str, tuple[Any, str, int]] = {
    "before it is queued": (notifications, "queue_all", BEFORE),
    "queued, not committed": (notifications, "queue_all", AFTER),
    "before the mark": (notifications, "begin", BEFORE),
    "marked, not committed": (notifications, "begin", AFTER),
    "before the connection": (AppriseNotifier, "send", BEFORE),
    "before the text": (smtplib.SMTP, "data", BEFORE),
    "accepted": (smtplib.SMTP, "data", AFTER),
    "before the result": (notifications, "finish", BEFORE),
    "result not committed": (notifications, "finish", AFTER),
    "after the result": (ballast, "keep", BEFORE),
}
"""The calls of sending, in the order in which a sweep comes to them."""

COMMIT = (DefaultDialect, "do_commit")
_OUR_CALLS: tuple[tuple[Any, str], ...] = (
    COMMIT,
    *((Vault, name) for name in ("held_among", "unchecked", "mark_checked", "put_all", "revoke")),
    *((ballast, name) for name in ("keep", "free")),
    *((slot_file, name) for name in ("write_at", "sync")),
    (Server, "handle"),
    (Outstanding, "keep"),
    *((Note, name) for name in ("remove", "set_aside")),
    *((os, name) for name in ("fsync", "replace", "unlink", "link")),
)
_WRITES = os.O_WRONLY | os.O_RDWR
_ON_FILES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}


@dataclass
class Points:
    """How many there are, and which of them are just before and after each call, by its name."""

    count: int = 0
    around: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def commits(self) -> list[int]:
        return self.around["do_commit"]

    @property
    def puts(self) -> list[int]:
        return self.around["put_all"]

    @property
    def turns(self) -> list[int]:
        """Those between which a share and what the store says of it may part."""
        return self.around["revoke"]


class Counter:
    """Counts points; at the one that the fault was set to, lets it happen, once."""

    def __init__(self, fault: Fault, folder: Path = Path()) -> None:
        self._folder = str(folder)
        self._is_installed = False
        self.set_to(fault)

    def set_to(self, fault: Fault) -> None:
        """Begin to count from nothing."""
        self.fault, self.points = fault, Points()

    def __call__(self, *_facts: object, **_more: object) -> None:
        self.points.count += 1
        if self.points.count == self.fault.at:
            self.fault.happen()

    def around(self, owner: Any, call: str) -> None:
        """Put a point before a function and one after it."""
        function = getattr(owner, call)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.points.around[call].append(self.points.count + 1)
            self()
            result = function(*arguments, **named)
            self()
            self.points.around[call].append(self.points.count)
            return result

        setattr(owner, call, counted)

    def install(self) -> None:
        """Put points where the fault wants them, once; the disk's are those under the folder."""
        if self._is_installed:
            return
        self._is_installed = True
        if self.fault.among in STEPS:
            self.around(*STEPS[self.fault.among][:2])
        elif self.fault.among == OURS:
            event.listen(Engine, "before_cursor_execute", self)
            event.listen(Engine, "after_cursor_execute", self)
            for owner, call in _OUR_CALLS:
                self.around(owner, call)
        else:
            sys.addaudithook(self._audit)
            if self.fault.kind != "full":  # what the database writes is written by SQLite
                event.listen(Engine, "before_cursor_execute", self)
                self.around(*COMMIT)

    def _audit(self, name: str, facts: tuple[Any, ...]) -> None:
        writes = name in _ON_FILES or (name == "open" and facts[2] & _WRITES)
        path = facts[0] if writes else None
        if isinstance(path, (str, bytes)) and os.fsdecode(path).startswith(self._folder):
            self()


def spread(last: int, count: int) -> list[int]:
    """Return `count` points from 1 to `last`, both included and evenly spread."""
    return sorted({1 + round(step * (last - 1) / (count - 1)) for step in range(count)})
