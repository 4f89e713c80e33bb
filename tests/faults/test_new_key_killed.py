"""`serve --new-key` killed at each step: the old key works or the new one waits, never half of one.

The act that certifies it is killed with all others, in `test_every_act_killed` and at a server.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.test_new_key import confirm, make, suffixes
from tests.every_point import left_at_every_point
from tests.office import Office
from tests.processes import Command

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

LINE = "serve --new-key"
OLD, BOTH = [".key", ".root"], [".key", ".new", ".root"]


def kinds(office: Office) -> list[str]:
    """Return the key files, but for what a killed write has left under a name of its own."""
    return [each for each in suffixes(office) if each in BOTH]


def test_killed_at_each_step_the_old_key_works_or_the_new_one_waits(
    office: Office, tmp_path: Path
) -> None:
    office.dispatch()
    seen = set()
    for left in left_at_every_point(office, Command(LINE, None), tmp_path):
        waits = kinds(left) == BOTH
        assert waits or kinds(left) == OLD
        seen.add(waits)
        if waits:
            left.refused("recall 1 --yes", "service_uncertified", 7)
        else:
            left.ok("config set contact_deadline_days 12")
        confirm(left, make(left))
        left.ok("recall 1 --yes")
        assert "whole" in left.ok("audit verify").stdout
        assert kinds(left) == OLD
    assert seen == {True, False}
