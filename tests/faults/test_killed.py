"""Killed without warning at any point, a command leaves a whole store, and can be run again.

What it may leave is a share in the vault that no assignment names; the sweep deletes those.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.every_point import left_at_every_point
from tests.must_hold import require_numbers, require_whole
from tests.office import PERSON, Office
from tests.processes import Command
from tests.refusals import rows

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

Attempts = Callable[..., Iterator[Office]]
MARKERS = (
    "Olga",
    "Prøvesen",
    "Granitten",
    "22 11 22 11",
    "22112211",
    "macular",
    "degeneration",
    "Ring twice",
)
"""Pieces of the synthetic person that stand nowhere else."""


def require_sound(office: Office) -> None:
    """Assert that what a kill left is whole, also in the program's own eyes, and says nothing."""
    assert office.ok("store check --json").json["problems"] == []
    assert office.ok("audit verify").code == 0
    require_numbers(office)
    require_no_plaintext(office)


def require_no_plaintext(office: Office) -> None:
    for path in office.files():
        content = path.read_bytes()
        for marker in MARKERS:
            for encoding in ("utf-8", "utf-16-le", "latin-1"):
                assert marker.encode(encoding) not in content, path.name


@pytest.fixture
def attempts(office: Office, tmp_path: Path) -> Attempts:
    """Copies of the office in which a command was killed, one for each thing that this can leave.

    No plaintext is left at any point.
    """

    def left(line: str, profile: str = "anne") -> Iterator[Office]:
        return left_at_every_point(
            office, Command(line, profile), tmp_path, look=require_no_plaintext
        )

    return left


def create_line(office: Office) -> str:
    return f"create --to kari --title 'Home visit' --payload {office.person()} --dispatch"


def test_killed_while_creating_and_dispatching(office: Office, attempts: Attempts) -> None:
    """Either nothing or all of it is there, and the same command then works."""
    line = create_line(office)
    seen = set()
    for left in attempts(line):
        require_sound(left)
        ((found,),) = rows(left, "SELECT count(*) FROM assignments WHERE status = 'dispatched'")
        seen.add(found)
        assert left.dispatch() == found + 1
        require_whole(left)
    assert seen == {0, 1}


def test_killed_while_dispatching_a_draft(office: Office, attempts: Attempts) -> None:
    number = office.create()
    for left in attempts(f"dispatch {number}"):
        require_sound(left)
        ((status,),) = rows(left, "SELECT status FROM assignments")
        again = left.run(f"dispatch {number}")
        assert again.code == (0 if status == "pending" else 6), again.said
        require_whole(left)
        left.read(number)


def test_killed_while_opening(office: Office, attempts: Attempts) -> None:
    """What was recorded stays recorded; the mentor opens it again."""
    number = office.dispatch()
    for left in attempts(f"open {number} --reveal", "kari"):
        require_sound(left)
        assert PERSON["full_name"] in left.read(number).stdout
        require_whole(left)


def test_killed_while_recalling(office: Office, attempts: Attempts) -> None:
    """Once the recall is written the brief cannot be opened, although its share may be left."""
    number = office.dispatch()
    for left in attempts(f"recall --yes {number}"):
        require_sound(left)
        ((status,),) = rows(left, "SELECT status FROM assignments")
        if status == "recalled":
            left.refused(f"open {number} --reveal", "valid_status_transition", 6, profile="kari")
        else:
            left.ok(f"recall --yes {number}")
            require_whole(left)


def test_killed_while_editing(office: Office, attempts: Attempts) -> None:
    """The draft is the old one or the new one, and can be sent and read either way."""
    number = office.create()
    path = office.person("new.json", full_name="Olga Prøvesen Ny")
    for left in attempts(f"edit {number} --payload {path}"):
        require_sound(left)
        left.ok(f"dispatch {number}")
        assert PERSON["full_name"] in left.read(number).stdout
        require_whole(left)
