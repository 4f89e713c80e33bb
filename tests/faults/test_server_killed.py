"""A server that is killed while it carries out an act: the next command says what became of it.

The server is a process of its own, killed at points from the moment it takes the act up until its
answer is ready and not sent. The client has sent the act and gets no answer. The server is started
again, and the member's next command asks it.
"""

from __future__ import annotations

import os
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
    with reached(alone, ("tests.killed_server", "0", str(count))) as served:
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
    with reached(left, ("tests.killed_server", str(at), os.devnull)) as served:
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
