"""What a server in a process of its own costs: acts at its socket, whole commands, and its memory.

Run with `python -m tests.benchmarks.bench_serve [ACTS]`. An act is a signed change of a setting,
made beforehand and sent by threads of this process, each with a connection of its own; right after
that such acts go to `handle` in this process, on a copy of the same office. The server carries out
one act after another, so each of several clients waits for the others as well: a turn is what that
takes at this rate. Commands are processes from start to end, a local one and a remote one in turn.
On a machine that has other work only the ratios say something.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from assigncli.profiles import load_profile
from assigncli.protocol.message import Message, MessageKind
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import encode_texts
from tests.acting import acting, identity_of
from tests.attacker import value
from tests.hostile import Hostile
from tests.office import Office, found
from tests.serving import Served, serving

ACTS = 640
WARM = 10
"""Acts that are carried out first, and not counted."""
CLIENTS = (1, 16, 64)
RUNS = 11
"""Of each command, without the first one, which is not counted."""


@dataclass(frozen=True)
class Pace:
    """Acts a second, and the seconds that 99 of 100 acts took at most."""

    rate: float
    p99: float

    @classmethod
    def of(cls, spent: Sequence[float], seconds: float) -> Pace:
        """Return it for acts that each took so long, and all of them together `seconds`."""
        return cls(len(spent) / seconds, statistics.quantiles(spent, n=100)[-1])

    def said(self) -> str:
        """Return it as words."""
        return f"{self.rate:.0f} acts a second, p99 {1000 * self.p99:.1f} ms"


def main() -> None:
    """Print acts, commands and memory."""
    count = int(sys.argv[1]) if sys.argv[1:] else ACTS
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        for _ in range(2 * RUNS + 2):
            office.dispatch()
        here, there = (office.copy_to(Path(folder) / name) for name in ("here", "there"))
        with serving(there, "--sweep-every 1440") as served:
            time.sleep(2)  # the first sweep is over
            _memory("at rest, never asked", served)
            for client in CLIENTS:
                _compared(client, _at_socket(served, client, count), _here(here, count))
            _memory("at rest after all acts", served)
            _at(there, served)
            for line, profile in (("list", "anne"), ("open {} --reveal", "kari")):
                _commands(here, there, line, profile)
            _memory("at rest after all commands", served)
            print(f"server: {served.peak_kilobytes() / 1024:.0f} MB at most")


def _acts(office: Office, count: int) -> list[bytes]:
    """Return signed acts; they are for the next five minutes."""
    office.now = datetime.now(UTC)
    anne, key = Hostile(office, "anne"), identity_of(office, "anne")
    about = UUID(str(value(office, "SELECT id FROM organizations")))

    def act(number: int) -> bytes:
        said = {"name": "expires_after_days", "value": str(20 + number % 9)}
        body = anne.statement("setting.changed", about, arguments=said).encode()
        parts = (body, key.sign(Statement.purpose, body), encode_texts({}))
        return Message(MessageKind.ACT, parts).encode()

    return [act(number) for number in range(count)]


def _here(office: Office, count: int) -> Pace:
    """Carry acts out in this process, one after another."""
    acts = _acts(office, count + WARM)
    with acting(office, "anne") as session:
        for sent in acts[count:]:
            session.server.handle(sent, datetime.now(UTC))
        return _paced(
            [acts[:count]], lambda _client, sent: session.server.handle(sent, datetime.now(UTC))
        )


def _at_socket(served: Served, clients: int, count: int) -> Pace:
    """Carry acts out at the server, by so many clients at once."""
    acts = _acts(served.office, count + WARM)
    member = load_profile("anne", served.office.env).member_id
    wires = [served.wire(member) for _ in range(clients)]
    try:
        for sent in acts[count:]:
            wires[0].say(sent)
        shares = [acts[client:count:clients] for client in range(clients)]
        return _paced(shares, lambda client, sent: wires[client].say(sent))
    finally:
        for wire in wires:
            wire.close()


def _paced(shares: Sequence[Sequence[bytes]], say: Callable[[int, bytes], bytes | None]) -> Pace:
    """Send each share by a thread of its own, the first by this one; return the pace of all."""
    spent: list[float] = []

    def work(client: int) -> None:
        for sent in shares[client]:
            began = time.perf_counter()
            answer = say(client, sent)
            spent.append(time.perf_counter() - began)
            assert answer is not None
            Message.decode(answer, {MessageKind.REPLY})

    others = [threading.Thread(target=work, args=(each,)) for each in range(1, len(shares))]
    began = time.perf_counter()
    for thread in others:
        thread.start()
    work(0)
    for thread in others:
        thread.join()
    assert len(spent) == sum(map(len, shares))
    return Pace.of(spent, time.perf_counter() - began)


def _compared(clients: int, there: Pace, here: Pace) -> None:
    rate, p99 = there.rate / here.rate, there.p99 / here.p99
    print(f"in process: {here.said()}")
    turn = there.p99 * there.rate / clients
    ratios = f"{rate:.2f} of the rate in process, {p99:.1f} times its p99, {turn:.1f} times a turn"
    print(f"{clients} at the socket: {there.said()}; {ratios}", flush=True)


def _at(office: Office, served: Served) -> None:
    """Let the office's profiles name the server."""
    for path in office.home.glob("profiles/*.json"):
        profile = json.loads(path.read_text(encoding="utf-8"))
        remote = {**profile, "store": f"unix:{served.socket}", "vault": None}
        path.write_text(json.dumps(remote), encoding="utf-8")


def _commands(here: Office, there: Office, line: str, profile: str) -> None:
    """Run a command beside the store and at the server in turn, on another assignment each time."""
    taken: dict[str, list[float]] = {"local": [], "remote": []}
    for number in range(1, RUNS + 2):
        for name, office in (("local", here), ("remote", there)):
            began = time.perf_counter()
            ended = office.spawn(line.format(number), profile=profile)
            taken[name].append(time.perf_counter() - began)
            assert ended.returncode == 0, ended.stderr.decode()
    local, remote = (statistics.median(each[1:]) for each in taken.values())
    figures = f"local {1000 * local:.0f} ms, remote {1000 * remote:.0f} ms"
    print(f"{line.partition(' ')[0]}: {figures}, {remote / local:.2f} times", flush=True)


def _memory(when: str, served: Served) -> None:
    status = Path(f"/proc/{served.process.pid}/status").read_text(encoding="ascii")
    found = dict(line.split(":", 1) for line in status.splitlines())
    resident, own = (int(found[each].split()[0]) / 1024 for each in ("VmRSS", "RssAnon"))
    print(f"server {when}: {resident:.0f} MB, {own:.0f} MB of it its own", flush=True)


if __name__ == "__main__":
    main()
