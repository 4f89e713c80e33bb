"""What one act costs: SQL statements of the store, bytes that cross, and CPU of the whole command.

Run with `python -m tests.benchmarks.bench_exchange`. Statements are counted as the driver is given
them; CPU is the median of several runs of the command in this process, without its imports.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from assigncli.server.handle import Server
from tests.office import Office, found

_RUNS = 5


@dataclass
class Cost:
    """What was counted while a command ran."""

    statements: int = 0
    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)


@contextmanager
def counting() -> Iterator[Cost]:
    """Count what the store's driver is given, and what crosses."""
    cost = Cost()

    def executed(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        cost.statements += not sql.startswith(("BEGIN", "PRAGMA"))

    handle = Server.handle

    def crossing(server: Server, message: bytes, *more: Any) -> bytes:
        answer = handle(server, message, *more)
        cost.sent.append(len(message))
        cost.received.append(len(answer))
        return answer

    event.listen(Engine, "before_cursor_execute", executed)
    Server.handle = crossing  # type: ignore[method-assign]
    try:
        yield cost
    finally:
        Server.handle = handle  # type: ignore[method-assign]
        event.remove(Engine, "before_cursor_execute", executed)


def main() -> None:
    """Print a line for each command."""
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        for _ in range(_RUNS + 1):
            office.create()
        _show(office, "dispatch", [(f"dispatch {n}", "anne") for n in range(1, _RUNS + 2)])
        first = _RUNS + 2
        for _ in range(2 * (_RUNS + 1)):
            office.dispatch(to="ola")
        _show(office, "inbox of two", [("inbox --limit 2", "ola")] * (_RUNS + 1))
        numbers = range(first, first + _RUNS + 1)
        _show(office, "open", [(f"open {n} --reveal", "ola") for n in numbers])
        _show(office, "ack", [(f"ack {n}", "ola") for n in numbers])


def _show(office: Office, name: str, lines: list[tuple[str, str]]) -> None:
    spent = []
    for line, profile in lines:
        with counting() as cost:
            began = time.process_time()
            office.ok(line, profile=profile)
            spent.append(time.process_time() - began)
    crossed = f"{sum(cost.sent)} bytes sent, {sum(cost.received)} received"
    cpu = 1000 * statistics.median(spent[1:])
    print(f"{name}: {cost.statements} statements, {crossed}, {cpu:.1f} ms of CPU")


if __name__ == "__main__":
    main()
