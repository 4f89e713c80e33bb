"""Killed while it asks what became of an act, a command leaves that to the next one.

What commands that are killed while they act leave is in `test_every_act_killed`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.attacker import value
from tests.every_point import left_at_every_point
from tests.killed_acts import ACTS, DONE, NOTHING, carried_out, prepared, require_ended
from tests.losing import lost, notes
from tests.must_hold import require_whole
from tests.office import Office
from tests.processes import Command, at_once

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)


@pytest.mark.parametrize("request_lost", [True, False], ids=["request", "answer"])
def test_killed_while_asking(office: Office, tmp_path: Path, request_lost: bool) -> None:
    """The statement stays outstanding until it was said what became of it."""
    act = ACTS["ack"]
    prepared(office, act)
    alone = office.copy_to(tmp_path / "acting alone")
    alone.ok(act.line, profile=act.profile)
    lost(office, act.line, act.profile, request=request_lost)
    assert carried_out(office, act) == (not request_lost)
    expected = NOTHING if request_lost else DONE
    said = set()
    for left in left_at_every_point(office, Command(act.next, act.profile), tmp_path):
        was_noted = bool(notes(left, act.profile))
        heard = left.ok(act.next, profile=act.profile).stderr
        assert (expected in heard) is was_noted, heard
        said.add(was_noted)
        require_ended(left, act, act.line, alone)
    assert said == {True, False}


def test_commands_of_one_profile_do_not_withdraw_each_other_s_acts(office: Office) -> None:
    """What another command is waiting for is outstanding, and not asked about."""
    numbers = [office.dispatch() for _each in range(6)]
    lines = [f"recall {number} --yes" for number in numbers] + ["list"] * 4
    for result in at_once(office, *map(Command, lines)):
        assert result.code == 0, result.said
        assert "An earlier act" not in result.said
    assert value(office, "SELECT count(*) FROM refused_statements") == 0
    require_whole(office)
