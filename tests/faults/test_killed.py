"""Killed without warning at any point, a command leaves a whole store, and can be run again.

What it may leave is a share in the vault that no assignment names; the sweep deletes those.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.killing import killed_at, points_of, spread
from tests.office import PERSON, Office
from tests.racing import require_numbers, require_whole, rows

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

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


def attempts(
    office: Office, tmp_path: Path, line: str, profile: str, count: int
) -> Iterator[Office]:
    """Yield copies of the office in which the command was killed, each at a later point."""
    last = points_of(office.copy_to(tmp_path / "counted"), line, profile)
    chosen = spread(last, count)
    assert len(chosen) == min(count, last)
    for point in chosen:
        copy = office.copy_to(tmp_path / f"killed-{point}")
        killed_at(copy, line, profile, point)
        yield copy


def create_line(office: Office) -> str:
    return f"create --to kari --title 'Home visit' --payload {office.person()} --dispatch"


@pytest.mark.parametrize("count", [6, pytest.param(400, marks=pytest.mark.slow)])
def test_killed_while_creating_and_dispatching(office: Office, tmp_path: Path, count: int) -> None:
    """Either nothing or all of it is there, and the same command then works."""
    line = create_line(office)
    seen = set()
    for left in attempts(office, tmp_path, line, "anne", count):
        require_sound(left)
        ((found,),) = rows(left, "SELECT count(*) FROM assignments WHERE status = 'dispatched'")
        seen.add(found)
        assert left.dispatch() == found + 1
        require_whole(left)
    assert seen == {0, 1}


@pytest.mark.parametrize("count", [5, pytest.param(400, marks=pytest.mark.slow)])
def test_killed_while_dispatching_a_draft(office: Office, tmp_path: Path, count: int) -> None:
    number = office.create()
    for left in attempts(office, tmp_path, f"dispatch {number}", "anne", count):
        require_sound(left)
        ((status,),) = rows(left, "SELECT status FROM assignments")
        again = left.run(f"dispatch {number}")
        assert again.code == (0 if status == "pending" else 6), again.said
        require_whole(left)
        left.read(number)


@pytest.mark.parametrize("count", [5, pytest.param(400, marks=pytest.mark.slow)])
def test_killed_while_opening(office: Office, tmp_path: Path, count: int) -> None:
    """What was recorded stays recorded; the mentor opens it again."""
    number = office.dispatch()
    for left in attempts(office, tmp_path, f"open {number} --reveal", "kari", count):
        require_sound(left)
        assert PERSON["full_name"] in left.read(number).stdout
        require_whole(left)


@pytest.mark.parametrize("count", [5, pytest.param(400, marks=pytest.mark.slow)])
def test_killed_while_recalling(office: Office, tmp_path: Path, count: int) -> None:
    """Once the recall is written the brief cannot be opened, although its share may be left."""
    number = office.dispatch()
    for left in attempts(office, tmp_path, f"recall --yes {number}", "anne", count):
        require_sound(left)
        ((status,),) = rows(left, "SELECT status FROM assignments")
        if status == "recalled":
            left.refused(f"open {number} --reveal", "valid_status_transition", 6, profile="kari")
        else:
            left.ok(f"recall --yes {number}")
            require_whole(left)


@pytest.mark.parametrize("count", [5, pytest.param(400, marks=pytest.mark.slow)])
def test_killed_while_editing(office: Office, tmp_path: Path, count: int) -> None:
    """The draft is the old one or the new one, and can be sent and read either way."""
    number = office.create()
    path = office.person("new.json", full_name="Olga Prøvesen Ny")
    for left in attempts(office, tmp_path, f"edit {number} --payload {path}", "anne", count):
        require_sound(left)
        left.ok(f"dispatch {number}")
        assert PERSON["full_name"] in left.read(number).stdout
        require_whole(left)
