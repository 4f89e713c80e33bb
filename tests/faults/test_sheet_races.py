"""Two runs of the same sheet at once, each a process of its own: they share the rows between them.

Both come to their end, each row is sent once, and both tell the same number for each row.
"""

from __future__ import annotations

import pytest

from tests.faults.test_sheet_killed import MENTORS, require_complete, sheet
from tests.must_hold import require_whole
from tests.office import Office
from tests.processes import Command, started_at_once
from tests.refusals import rows

pytestmark = pytest.mark.slow  # processes of their own, started and killed

ROUNDS = 12


def new_in(stderr: str) -> int:
    """Return how many rows a run says it made."""
    (line,) = (line for line in stderr.splitlines() if line.startswith("Done. "))
    count = line.split()[1]
    return 0 if count == "No" else int(count)


def test_two_runs_of_the_same_sheet(office: Office) -> None:
    for turn in range(1, ROUNDS + 1):
        count = 230 * turn  # the rows of the rounds before, and as many new ones
        path = sheet(office, count)
        ended = started_at_once(office, *[Command(f"dispatch --csv {path}")] * 2)
        assert [each.code for each in ended] == [0, 0], ended
        assert sum(new_in(each.stderr) for each in ended) == 230
        assert ended[0].stdout == ended[1].stdout
        require_complete(office, count)


def test_three_runs_with_the_rows_in_another_order(office: Office) -> None:
    """Where one begins at the end, the batches of the runs overlap in part."""
    for turn in range(1, ROUNDS + 1):
        count = 150 * turn
        forth = sheet(office, count)
        head, *body = forth.read_text(encoding="utf-8").splitlines()
        back, middle = office.folder / "back.csv", office.folder / "middle.csv"
        back.write_text("\n".join([head, *reversed(body)]), encoding="utf-16")
        middle.write_text("\n".join([head, *body[70:], *body[:70]]), encoding="cp1252")
        ended = started_at_once(
            office, *(Command(f"dispatch --csv {path}") for path in (forth, back, middle))
        )
        assert [each.code for each in ended] == [0, 0, 0], ended
        assert sum(new_in(each.stderr) for each in ended) == 150
        require_complete(office, count)


def test_a_sheet_beside_single_dispatches(office: Office) -> None:
    """Whoever else dispatches meanwhile takes numbers, and nothing is missed or doubled."""
    path, person = sheet(office, 230), office.person()
    single = f"create --to {MENTORS[0]} --title Visit --payload {person} --dispatch"
    ended = started_at_once(office, *map(Command, (f"dispatch --csv {path}", single, single)))
    assert [each.code for each in ended] == [0, 0, 0], ended
    office.ok(f"dispatch --csv {sheet(office, 230)}")
    assert rows(office, "SELECT count(*), count(import_key) FROM assignments") == [(232, 230)]
    require_whole(office)
