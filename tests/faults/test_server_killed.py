"""Server or client killed while an act is carried out: the next command says what became of it.

The server is a process of its own, killed at points from the moment it takes the act up until its
answer is ready and not sent. The client has sent the act and gets no answer. The server is started
again, and the member's next command asks it. Or the client is killed while it waits, and the server
goes on.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.killed_acts import (
    ACTS,
    DONE,
    NOTHING,
    Act,
    carried_out,
    filled,
    prepared,
    require_ended,
    require_said,
)
from tests.office import Office
from tests.points import spread
from tests.processes import Command, killed_when
from tests.serving import reached

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

POINTS = 10
"""How many of an act's points are tried, evenly spread, the first and the last among them."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow)
        for name in ("create and dispatch", "open", "ack", "complete", "recall", "approve")
    ],
)
def test_a_server_killed_at_an_act_has_done_it_once_or_not_and_says_which(
    office: Office, tmp_path: Path, name: str
) -> None:
    office.now = datetime.now(UTC)
    act = ACTS[name]
    line = prepared(office, act)
    alone, count = office.copy_to(tmp_path / "alone"), tmp_path / "count"
    with reached(alone, ("tests.killed_server", "KILL", "0", str(count))) as served:
        assert alone.run(filled(line, alone), profile=act.profile).code == act.code
        assert served.stop() == 0
    said = set()
    for at in spread(int(count.read_text()), POINTS):
        left = office.copy_to(tmp_path / f"at-{at}")
        said.add(killed(left, act, line, at, alone))
    assert said == {"done", "nothing"}


def killed(left: Office, act: Act, line: str, at: int, alone: Office) -> str:
    """Kill the server at this point of the act; return what the next command says of it."""
    before = carried_out(left, act)
    with reached(left, ("tests.killed_server", "KILL", str(at), os.devnull)) as served:
        lost = left.run(filled(line, left), profile=act.profile)
        assert served.process.wait(60) == -9, (at, lost.said)
    assert (lost.code, lost.error_code) == (1, "store_outcome_unknown"), (at, lost.said)
    is_done = carried_out(left, act) > before
    with reached(left) as served:
        said = require_said(left, act, is_done=is_done)
        again = left.ok(act.next, profile=act.profile).stderr
        assert not any(each in again for each in (DONE, NOTHING))
        assert served.stop() == 0
    require_ended(left, act, filled(line, left), alone)
    return said


@pytest.mark.slow
@pytest.mark.parametrize("name", ["create and dispatch", "ack"])
@pytest.mark.parametrize("at", ["before it is carried out", "once its answer is ready"])
def test_what_a_killed_client_had_sent_is_done_once_and_its_next_command_says_so(
    office: Office, tmp_path: Path, name: str, at: str
) -> None:
    office.now = datetime.now(UTC)
    act = ACTS[name]
    line = prepared(office, act)
    alone, count = office.copy_to(tmp_path / "alone"), tmp_path / "count"
    with reached(alone, ("tests.killed_server", "KILL", "0", str(count))):
        assert alone.run(filled(line, alone), profile=act.profile).code == act.code
    point = "1" if at == "before it is carried out" else count.read_text()
    with reached(office, ("tests.killed_server", "STOP", point, os.devnull)) as served:
        command = Command(filled(line, office), act.profile)
        killed_when(office, command, lambda: until_it_stands_still(served.process.pid))
        served.process.send_signal(signal.SIGCONT)
        assert require_said(office, act, is_done=True) == "done"
        assert served.stop() == 0
    require_ended(office, act, filled(line, office), alone)


def until_it_stands_still(process: int) -> None:
    status, ends = Path(f"/proc/{process}/status"), time.monotonic() + 60
    while "State:\tT" not in status.read_text(encoding="ascii"):
        assert time.monotonic() < ends
        time.sleep(0.01)
