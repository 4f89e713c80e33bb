"""How long a writer waits at a server while another member asks for the longest reads.

    python -m tests.benchmarks.bench_long_reads                     200,000 entries
    python -m tests.benchmarks.bench_long_reads 20000               a size of your own

There are two stores. One has a log of that many entries with signatures that hold, made as in
`bench_audit_verify`; the other a history of a third as many assignments, as in `bench_scale`, which
are as many entries, for what is read from the tables. Each is served by a process of its own. One
member changes a setting again and again, each time a question and an act; beside it a command of
another asks for one long read, again and again for at least SECONDS. The longest act and the median
are said, and the median as a ratio to the same act with nothing beside it in the same run. Of the
act alone, since only that writes, and of the whole command.

Before that the same reads are done in this process, and the longest transaction of each is said in
CPU seconds: for so long a writer waits on a machine that does nothing else, whatever this one does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import event

from assigncli.cli.session.in_process import Session
from assigncli.client import config
from assigncli.client.client import Client
from assigncli.client.lookup import look
from assigncli.lookups.about_assignments import (
    ATTENTION,
    LIST,
    AssignmentFilter,
    WantedAttention,
    WantedPage,
)
from assigncli.lookups.about_honorarium import (
    ACTIVITY,
    HONORARIUM,
    LEDGER,
    ReportScope,
    WantedLedger,
)
from assigncli.lookups.about_log import LOG, WantedLog
from assigncli.protocol.message import MessageKind
from assigncli.server.verify import whole
from tests.acting import acting, process
from tests.acts import sent
from tests.attacker import enrol
from tests.benchmarks.bench_audit_verify import lengthen
from tests.benchmarks.bench_scale import filled
from tests.office import ROOT, Office, found
from tests.serving import Served, reached

SIZE = 200_000
SECONDS = 8.0
"""A read is asked for until so many have passed."""
PAUSE = 0.02
_KIND = 1
READER = "bob"
OF_THE_LOG = ("audit verify --quiet", "audit log --limit 1000 --json")
OF_THE_TABLES = (
    "list --json",
    "list --overdue --json",
    "status --json",
    "honorarium report",
    "honorarium report --activity",
    "honorarium explain mentor007",
)


@dataclass
class Writer(threading.Thread):
    """A member who changes a setting again and again; seconds of each act and each command."""

    client: Client
    acts: list[float] = field(default_factory=list)
    commands: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Time each act on its way."""
        super().__init__()
        self.done = threading.Event()
        say = self.client.connection

        def timed(data: bytes) -> bytes:
            began = time.perf_counter()
            answer = say(data)
            if data[_KIND] == MessageKind.ACT:
                self.acts.append(time.perf_counter() - began)
            return answer

        self.client.connection = timed

    def run(self) -> None:
        """Write until it is enough."""
        while not self.done.is_set():
            began = time.perf_counter()
            config.change(self.client, "expires_after_days", str(20 + len(self.acts) % 9))
            self.commands.append(time.perf_counter() - began)
            time.sleep(PAUSE)

    __hash__ = threading.Thread.__hash__


def main() -> None:
    """Print a line for each long read."""
    size = int(sys.argv[1]) if sys.argv[1:] else SIZE
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        enrol(office, READER, "coordinator")
        sent(office, 1)
        office.ok("open 1 --reveal", profile="kari")
        tables = filled(office, Path(folder), size // 3)
        lengthen(office, size)
        _held(office, {"audit verify": lambda session: whole.verify(session.turn), **ON_THE_LOG})
        _held(tables, ON_THE_TABLES)
        for each, reads in ((office, OF_THE_LOG), (tables, OF_THE_TABLES)):
            with reached(each, more="--sweep-every 1440") as served:
                time.sleep(3)  # the first sweep is over
                _measured(served, reads)


ALL = WantedPage(AssignmentFilter(), None, 1_000)
LATE = WantedPage(AssignmentFilter(overdue=True), None, 1_000)
MENTOR = WantedLedger("mentor007", None)
Read = Callable[[Session], object]
ON_THE_LOG: dict[str, Read] = {
    "log": lambda session: session.look(LOG, WantedLog(None, None, 1_000)),
    "log of one assignment": lambda session: session.look(LOG, WantedLog("1", None, 1_000)),
}
ON_THE_TABLES: dict[str, Read] = {
    "list": lambda session: session.look(LIST, ALL),
    "list --overdue": lambda session: session.look(LIST, LATE),
    "status": lambda session: session.look(ATTENTION, WantedAttention(1, None)),
    "honorarium report": lambda session: session.look(HONORARIUM, ReportScope()),
    "honorarium report --activity": lambda session: session.look(ACTIVITY, ReportScope()),
    "honorarium explain": lambda session: session.look(LEDGER, MENTOR),
}


def _held(office: Office, reads: dict[str, Read]) -> None:
    """Print how long each read keeps its longest transaction, in CPU seconds."""
    for name, read in reads.items():
        spans = _transactions(office, read)
        longest = f"longest {max(spans):.3f} s of CPU"
        print(f"{name}: {len(spans)} transactions, {longest}, all {sum(spans):.2f} s", flush=True)


def _transactions(office: Office, read: Read) -> list[float]:
    began, spans = list[float](), list[float]()

    def begun(_connection: object) -> None:
        began.append(time.process_time())

    def ended(_connection: object) -> None:
        if began:
            spans.append(time.process_time() - began.pop())

    with acting(office, "anne") as session:
        engine = session.turn.store._reader
        event.listen(engine, "begin", begun)
        for kind in ("commit", "rollback"):
            event.listen(engine, kind, ended)
        read(session)
    return spans


def _measured(served: Served, lines: Sequence[str]) -> None:
    with _writing(served) as alone:
        time.sleep(SECONDS)
    _said("nothing", alone, alone, [])
    for line in lines:
        with _writing(served) as beside:
            spent = list(_asked(lambda line=line: _command(served.office, line)))
        _said(line, beside, alone, spent)
    with _writing(served) as beside:
        client = served.person(READER)
        spent = list(_asked(lambda: look(client, LOG, WantedLog("1", None, 1_000))))
    _said("the log of one assignment", beside, alone, spent)


@contextmanager
def _writing(served: Served) -> Iterator[Writer]:
    writer = Writer(served.person("anne"))
    writer.start()
    try:
        yield writer
    finally:
        writer.done.set()
        writer.join()


def _asked(read: Callable[[], object]) -> Iterator[float]:
    """Ask until it is enough; yield the seconds of each."""
    ends = time.perf_counter() + SECONDS
    while time.perf_counter() < ends:
        began = time.perf_counter()
        read()
        yield time.perf_counter() - began


def _command(office: Office, line: str) -> None:
    ended = subprocess.run(
        process(office, line, READER),
        env=office.process_env(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()


def _said(beside: str, found: Writer, alone: Writer, spent: Sequence[float]) -> None:
    act, usual = statistics.median(found.acts), statistics.median(alone.acts)
    read = f", a read {statistics.median(spent):.2f} s" if spent else ""
    print(
        f"beside {beside}: an act {1000 * act:.0f} ms, {act / usual:.1f} times as long as alone,"
        f" longest {max(found.acts):.3f} s of {len(found.acts)};"
        f" a whole command at most {max(found.commands):.3f} s{read}",
        flush=True,
    )


if __name__ == "__main__":
    main()
