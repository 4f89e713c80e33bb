"""A sweep killed without warning at any point: the next one does what is left, and nothing twice.

Afterwards the store says, to the last column, what it says where nobody was killed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.due import Amounts, Due
from tests.faults.test_sweeps_at_once import made_due, require_done_once
from tests.must_hold import shares, state_of
from tests.office import Office
from tests.points import spread
from tests.processes import Command, counted, killed_at
from tests.refusals import rows

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

POINTS = 50
SWEEP = Command("sweep")
LITTLE = Amounts(expire=7, remind=2, shred=1, archive=2, leave=1)
MORE = Amounts(expire=24, remind=12, shred=6, archive=8, leave=4)


def progress(office: Office) -> int:
    """Return how many entries a sweep has added to the log: how far it came before its end."""
    ((count,),) = rows(
        office,
        "SELECT count(*) FROM audit_log WHERE action IN ('assignment.expired', 'cycle.closed',"
        " 'assignment.reminded', 'payload.shredded', 'assignment.archived', 'member.lapsed')",
    )
    return int(count)


def require_sound(office: Office) -> None:
    """Assert that what a kill left is whole, and that no open assignment lost its share."""
    assert office.ok("store check --json").json["problems"] == []
    office.ok("audit verify")
    live = rows(office, "SELECT id FROM encryption_keys WHERE revoked_at IS NULL")
    assert {key for (key,) in live} <= shares(office)


def require_swept(office: Office, due: Due, wanted: dict[str, list[object]]) -> None:
    """Assert that one more sweep brings everything to its end, and the one after does nothing."""
    assert office.ok("sweep").stderr == ""
    require_done_once(office, due)
    assert state_of(office) == wanted
    assert office.ok("sweep").stdout == ""
    assert state_of(office) == wanted


def test_killed_at_any_point_the_next_sweep_completes_it(office: Office, tmp_path: Path) -> None:
    """First statement and last, some between, and around where shares go.

    A sweep does so for what others left behind as it begins, and for what it ended itself at last.
    """
    due = made_due(office, MORE)
    alone = office.copy_to(tmp_path / "alone")
    points = counted(alone, SWEEP)
    wanted, whole = state_of(alone), progress(alone)
    chosen, reached = spread(points.count, POINTS), set()
    assert len(chosen) == POINTS
    assert len(points.turns) > 4
    for point in sorted({*chosen, *points.turns}):
        copy = office.copy_to(tmp_path / f"killed-{point}")
        killed_at(copy, SWEEP, point)
        require_sound(copy)
        reached.add(progress(copy))
        require_swept(copy, due, wanted)
    assert {0, whole} < reached  # nothing was done yet, all was, and something between


def test_killed_again_and_again_it_comes_to_its_end(office: Office, tmp_path: Path) -> None:
    """The same home all the way: what one sweep had done the next ones leave alone."""
    due = made_due(office, LITTLE)
    alone = office.copy_to(tmp_path / "alone")
    last = counted(alone, SWEEP).count
    for part in (2, 3, 4, 5):
        killed_at(office, SWEEP, last // (4 * part))
        require_sound(office)
    assert 0 < progress(office) < progress(alone)
    require_swept(office, due, state_of(alone))
