"""Hostile connections end in bounded time and memory, while honest commands go on.

The hostile client is a process of its own and, where the test runs as root, another account. The
slowdown of the honest commands is printed, not asserted: it depends on the machine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from assigncli.client import asking, config
from assigncli.client.inquiry import Wanted
from assigncli.profiles import load_profile
from assigncli.server.serve.limits import Limits
from tests.office import ROOT, Office
from tests.serving import Served, person, serving

pytestmark = pytest.mark.slow  # thousands of connections

if os.name != "posix":
    pytest.skip("the server is POSIX only", allow_module_level=True)

HOSTILE = 61_234 if os.geteuid() == 0 else os.geteuid()
MORE_MEMORY = 150_000
"""Kilobytes that the server may grow by, over what it had before any harm."""
IDLE = Limits().connections_of(is_shared=False)
PAUSE = 0.2
"""Seconds between two honest commands, so that they keep within their member's own allowance."""
BOUNDED = 30.0
"""Seconds in which every hostile connection has ended."""


@pytest.fixture(scope="module")
def served(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    office = founded.copy_to(tmp_path_factory.mktemp("flooded") / "office")
    with serving(office, "--sweep-every 1440") as running:
        yield running
        assert running.stop() == 0
    assert "is whole" in office.ok("audit verify").stdout


@dataclass
class Honest:
    """A coordinator who changes a setting again and again, each time on a new connection."""

    served: Served
    took: list[float] = field(default_factory=list)

    def act(self) -> None:
        """Do what one command does: connect, ask and act."""
        began = time.monotonic()
        wire = self.served.wire(load_profile("anne", self.served.office.env).member_id)
        anne = person(self.served.office, "anne", wire)
        config.change(anne, "expires_after_days", str(20 + len(self.took) % 9))
        asking.read(anne, Wanted("read.cycles"))
        wire.close()
        self.took.append(time.monotonic() - began)
        time.sleep(PAUSE)


def usual(served: Served) -> float:
    honest = Honest(served)
    for _each in range(20):
        honest.act()
    return statistics.median(honest.took)


def harmed(served: Served, kind: str, uid: int) -> tuple[dict[str, Any], Honest]:
    """Do one kind of harm, and honest commands for as long as it goes on."""
    words = [sys.executable, "-m", "tests.flood", str(served.socket), kind, str(uid)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    honest = Honest(served)
    while process.poll() is None:
        honest.act()
    honest.act()
    assert process.stdout is not None
    with process.stdout:
        said: dict[str, Any] = json.load(process.stdout)
    assert process.returncode == 0
    return said, honest


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        ("half", {"store_busy", "closed"}),
        ("drip", {"store_busy", "closed"}),
        ("large", {"message_too_large", "version_unknown", "closed"}),
        ("crowd", {"store_busy", "closed"}),
        ("greeted_crowd", {"store_busy", "closed", "open"}),
        ("garbage", {"message_malformed", "message_too_large", "version_unknown", "closed"}),
        ("version", {"version_unknown"}),
    ],
)
@pytest.mark.parametrize("uid", sorted({HOSTILE, os.geteuid()}))
def test_harm_ends_in_bounded_time_and_memory_while_honest_commands_go_on(
    served: Served, kind: str, ends: set[str], uid: int
) -> None:
    before, memory = usual(served), served.peak_kilobytes()
    said, honest = harmed(served, kind, uid)
    grown = served.peak_kilobytes() - memory
    slowdown = statistics.median(honest.took) / before
    print(
        f"{kind} from {uid}: {said}; {len(honest.took)} honest commands,"
        f" {slowdown:.1f} times as long (longest {max(honest.took):.2f} s), {grown} kB more memory"
    )
    found, longest = said["ends"], said["longest"]
    assert set(found) <= ends, said
    assert longest < BOUNDED, said
    assert found.get("open", 0) <= IDLE, said  # a few may be idle for as long as others are
    assert grown < MORE_MEMORY
