"""What it costs to reach a server in another process: over its socket, and over SSH on loopback.

The server is a listener that answers at once, so this is the way alone: what a first and a later
message take, and what the relay adds to a bare `import typer`. As root, with sshd, in a minute.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests import accounts, sshd
from tests.listener import ASK, EVIDENCE, answering, framed, listening

RUNS = 25
LATER = 20
SHARING = "  ControlMaster auto\n  ControlPath ~/.ssh/shared\n  ControlPersist 60\n"
"""Of the host that is named last: later commands use the connection of the first."""
ASKING = """
import json, os, time
from assigncli.client.connection import open_server
from assigncli.server_address import read_address

def timed(work):
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000

asked = bytes.fromhex(sys.argv[2])
connection = open_server(read_address(sys.argv[1]), None, os.environ)
first = timed(lambda: connection(asked))
later = [timed(lambda: connection(asked)) for _ in range(int(sys.argv[3]))]
print(json.dumps({"first": first, "later": later, "end": timed(connection.close)}))
"""


def main() -> None:
    """Print medians in milliseconds."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {RUNS} runs")
    with ExitStack() as made:
        program = made.enter_context(accounts.installed())
        kari = made.enter_context(accounts.account(program, "kari"))
        relay = made.enter_context(accounts.account(program, "relay"))
        folder = Path(made.enter_context(tempfile.TemporaryDirectory()))
        server = made.enter_context(sshd.running(folder))
        place = program.folder / "socket"
        line = f'restrict,command="{program.assign} relay --socket {place}"'
        server.let_in(kari, relay, line)
        server.let_in(kari, relay, line, alias="shared")
        settings = (kari.home / ".ssh" / "config").read_text()
        kari.write(".ssh/config", settings + SHARING)
        made.enter_context(listening(place, answering(*[framed(EVIDENCE)] * (LATER + 1))))
        for address in (f"unix:{place}", "ssh://office", "ssh://shared"):
            _ways(kari, address)
        _starts(
            {
                "import typer": [program.python, "-I", "-c", program.path_line + "; import typer"],
                "ssh itself, without what it starts": ["ssh", "-T", "office"],
                "assign relay": [str(program.assign), "relay", "--socket", str(place)],
            },
            kari,
        )


def _ways(kari: accounts.Account, address: str) -> None:
    found = []
    for _ in range(RUNS):
        ended = kari.python(ASKING, address, ASK.hex(), str(LATER))
        assert ended.returncode == 0, ended.stderr.decode()
        found.append(json.loads(ended.stdout))
    for what in ("first", "end"):
        _say(f"{address.rpartition('/')[2]}, {what}", [each[what] for each in found])
    later = [taken for each in found for taken in each["later"]]
    _say(f"{address.rpartition('/')[2]}, later", later)


def _starts(ways: dict[str, Sequence[str]], kari: accounts.Account) -> None:
    """Print processor times of these processes, run in turn."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, words in ways.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            kari.run(words)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            taken[name].append(spent * 1000)
    for name, each in taken.items():
        _say(f"processor, {name}", each)


def _say(name: str, taken: Sequence[float]) -> None:
    print(f"{name}: median {statistics.median(taken):.1f} ms, best {min(taken):.1f} ms")


if __name__ == "__main__":
    main()
