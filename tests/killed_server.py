"""A server that is killed, or stands still, at a point of the act that it carries out.

    python -m tests.killed_server SIGNAL AT FILE serve ...

Points are counted in the thread that carries out an act, from the moment it takes the act up until
its answer is ready and not yet sent; their number is written to FILE. SIGNAL is KILL or STOP; at 0
it is not given.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assigncli.cli import run
from assigncli.protocol.message import MessageKind
from assigncli.server.serve.desk import Desk
from tests.points import Counter, Fault

_KIND = 1
_here = threading.local()


@dataclass(frozen=True)
class _Signal(Fault):
    """The fault is a signal to the whole process."""

    number: int = signal.SIGKILL

    def happen(self) -> None:
        os.kill(os.getpid(), self.number)


class _CounterOfActs(Counter):
    """Counts only what the thread does for an act."""

    def __call__(self, *facts: object, **more: object) -> None:
        if getattr(_here, "is_acting", False):
            super().__call__(*facts, **more)


def main() -> None:
    """Serve, with the fault set."""
    _program, name, at, told, *sys.argv[1:] = sys.argv
    counter = _CounterOfActs(_Signal(at=int(at), number=signal.Signals[f"SIG{name}"]))
    counter.install()
    answer = Desk.answer

    def answered(self: Desk, uid: int, member: Any, data: bytes) -> bytes:
        _here.is_acting = data[_KIND] == MessageKind.ACT
        try:
            counter()
            return answer(self, uid, member, data)
        finally:
            counter()
            if _here.is_acting:
                Path(told).write_text(str(counter.points.count), encoding="ascii")
            _here.is_acting = False

    Desk.answer = answered  # type: ignore[method-assign]
    run()


if __name__ == "__main__":
    main()
