"""Each act that has a command, killed: the next command says what became of it, and that is true.

Client and server are one process here, so that each point is one of either: before the statement is
noted, before it is sent, at each statement to the store and the vault, before the reply is read,
before the note is removed. Each command is killed at every one of its points, each time in a copy
of the office. Then everything on the disk is compared with what the other points have left. Nobody
who comes afterwards knows anything else, so that where two points left the same, down to each row
and each file, one examination is true of both.

Examined in full, that is by the next command, the same command again, a sweep, `audit verify` and a
look into the vault, is what was left for the first time and for the last, for each that differs;
and, whatever they left, the points around the commits and around what the vault is given and loses.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.every_point import Kills
from tests.killed_acts import (
    ACTS,
    carried_out,
    filled,
    is_done,
    prepared,
    require_ended,
    require_said,
)
from tests.office import Office
from tests.processes import Command, counted

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

COMMITS = 6
"""The points around the last three commits, of which one is the act's."""


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("create and dispatch", False),
        *(pytest.param(name, True, marks=pytest.mark.slow) for name in ACTS),
    ],
)
def test_killed_it_is_done_or_not_and_the_next_command_says_which(
    office: Office, tmp_path: Path, name: str, whole: bool
) -> None:
    """Where not the whole of it is tried, just before and just after the commits."""
    act = ACTS[name]
    line = prepared(office, act)
    alone = office.copy_to(tmp_path / "alone")
    points = counted(alone, Command(filled(line, alone), act.profile), code=act.code)
    assert carried_out(alone, act) == carried_out(office, act) + 1
    alone.ok(act.next, profile=act.profile)

    commits = points.commits[-COMMITS:]
    tried = range(1, points.count + 1) if whole else commits
    kills = Kills(office, Command(line, act.profile), tmp_path)
    kills.at(tried, chosen={*commits, *points.puts, *points.turns})
    said = set()
    for left in kills.examined():
        said.add(require_said(left, act, is_done=is_done(left, office, act)))
        require_ended(left, act, filled(line, left), alone)
    kills.require_all_examined(tried)
    assert said >= ({"unsaid", "nothing", "done"} if whole else {"nothing", "done"})
