"""A sheet whose run was killed, or stopped, is finished by running it again: no row is sent twice.

Killed without warning at points from the first statement to the last; stopped with Ctrl-C between
two batches. What a kill may leave is shares in the vault that no assignment names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.every_point import Kills
from tests.must_hold import require_numbers, require_whole
from tests.office import Office
from tests.points import spread
from tests.processes import Command, counted, killed_at
from tests.refusals import rows

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

MENTORS = ("kari", "ola", "per")
MARKER = "Zqxmarkør"
POINTS = 60


def sheet(office: Office, count: int, name: str = "sheet.csv") -> Path:
    """Write a sheet of `count` rows, every other with an id of its own, and return its path."""
    lines = ["navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel;ekstern_id"]
    for number in range(count):
        external = f"HF-{number}" if number % 2 else ""
        lines.append(
            f"{MARKER} {number};{MARKER}veien {number};0181;Oslo;22 11 22 11;"
            f"{MARKER} synsrest {number}.;{MENTORS[number % 3]};Hjemmebesøk;{external}"
        )
    path = office.folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def require_complete(office: Office, count: int) -> None:
    """Assert that each row is sent once, and each mentor's sequence has no gap and no double."""
    assert rows(office, "SELECT count(*), count(DISTINCT import_key) FROM assignments") == [
        (count, count)
    ]
    assert rows(office, "SELECT DISTINCT status FROM assignments") == [("dispatched",)]
    require_sequences(office)
    require_whole(office)
    require_no_plaintext(office)


def require_sequences(office: Office) -> None:
    given: dict[object, list[int]] = {}
    for mentor, sequence in rows(
        office,
        "SELECT recipient_user_id, threshold_sequence_number FROM assignments"
        " WHERE dispatched_at IS NOT NULL ORDER BY 1, 2",
    ):
        given.setdefault(mentor, []).append(sequence)
    for sequences in given.values():
        assert sequences == list(range(1, len(sequences) + 1))


def require_no_plaintext(office: Office) -> None:
    for path in office.files():
        content = path.read_bytes()
        for encoding in ("utf-8", "utf-16-le", "latin-1"):
            assert MARKER.encode(encoding) not in content, path.name


def test_killed_at_any_point_and_run_again(office: Office, tmp_path: Path) -> None:
    """Sheets of more than one batch, so that some kills find one batch sent and another not.

    What several points left alike is examined where it was left first and last.
    """
    count = 200
    line = f"dispatch --csv {sheet(office, count)} --quiet"
    last = counted(office.copy_to(tmp_path / "counted"), Command(line)).count
    points = spread(last, POINTS)
    assert len(points) == POINTS
    kills, left = Kills(office, Command(line), tmp_path), set()
    kills.at(points, look=require_no_plaintext)
    for copy in kills.examined():
        left.add(require_sound(copy))
        again = copy.ok(f"{line} --json").json["rows"]
        assert len({row["number"] for row in again}) == count
        require_complete(copy, count)
        copy.read(1)
    kills.require_all_examined(points)
    assert left == {0, 100, count}


def require_sound(office: Office) -> int:
    """Assert that what a kill left is whole batches; return how many rows are sent."""
    assert office.ok("store check --json").json["problems"] == []
    assert office.ok("audit verify").code == 0
    require_numbers(office)
    require_sequences(office)
    require_no_plaintext(office)
    ((sent,),) = rows(office, "SELECT count(*) FROM assignments WHERE status = 'dispatched'")
    assert rows(office, "SELECT count(*) FROM assignments") == [(sent,)]
    return int(sent)


def test_killed_again_and_again_it_comes_to_its_end(office: Office) -> None:
    """The same home all the way: each run is killed later than the one before."""
    line = f"dispatch --csv {sheet(office, 230)} --quiet"
    for point in (40, 90, 130, 60):
        killed_at(office, Command(line), point)
        require_sound(office)
    office.ok(line)
    require_complete(office, 230)


STOPPED = """
import os, signal, sys
from datetime import datetime
from assigncli.client import create as draft
from assigncli.cli import run, session
now = datetime.fromisoformat(sys.argv.pop(1))
batch, times = int(sys.argv.pop(1)), int(sys.argv.pop(1))
session.utc_now = lambda: now
make, made = draft.create_and_dispatch_all, []
def stopped(*arguments):
    made.append(1)
    if len(made) == batch:
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
    return make(*arguments)
draft.create_and_dispatch_all = stopped
run()
"""
"""Presses Ctrl-C, so many times, as the batch with this number begins."""


def stopped(
    office: Office, line: str, *, batch: int, times: int = 1
) -> subprocess.CompletedProcess[str]:
    words = office.command(line, profile="anne")[3:]
    return subprocess.run(
        [sys.executable, "-c", STOPPED, office.now.isoformat(), str(batch), str(times), *words],
        env=office.process_env(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_ctrl_c_stops_after_the_batch_in_hand(office: Office) -> None:
    line = f"dispatch --csv {sheet(office, 320)}"
    found = stopped(office, line, batch=2)
    assert found.returncode == 130
    assert "Stopping after the rows in hand." in found.stderr
    assert "Stopped after 200 of 320 rows. Those 200 are sent." in found.stderr
    assert "Run the same command again to go on. No row is sent twice." in found.stderr
    assert found.stderr.splitlines()[-1] == "Code: interrupted"
    assert found.stdout.count(";dispatched") == 200
    assert MARKER not in found.stdout + found.stderr
    assert require_sound(office) == 200
    require_whole(office)
    assert "Done. 120 assignments are sent. 200 were sent before." in office.ok(line).stderr
    require_complete(office, 320)


def test_ctrl_c_in_the_last_batch_changes_nothing(office: Office) -> None:
    found = stopped(office, f"dispatch --csv {sheet(office, 120)}", batch=2)
    assert (found.returncode, found.stdout.count(";dispatched")) == (0, 120)
    require_complete(office, 120)


def test_ctrl_c_twice_stops_at_once(office: Office) -> None:
    """The batch in hand is not made; shares that were put for it are taken back."""
    line = f"dispatch --csv {sheet(office, 220)}"
    found = stopped(office, line, batch=2, times=2)
    assert found.returncode == 130
    assert found.stderr.splitlines()[-1] == "Code: interrupted"
    assert require_sound(office) == 100
    office.ok(line)
    require_complete(office, 220)


def test_ctrl_c_while_the_result_goes_to_json_and_to_a_file(office: Office) -> None:
    line, target = f"dispatch --csv {sheet(office, 220)}", office.folder / "result.csv"
    found = stopped(office, f"{line} --json", batch=1)
    assert found.returncode == 130
    assert found.stdout.count('"number"') == 100
    found = stopped(office, f"{line} --result {target}", batch=1)
    assert (found.returncode, found.stdout) == (130, "")
    assert target.read_bytes().count(b";dispatched") == 200
    office.ok(line)
    require_complete(office, 220)


def test_a_reader_that_goes_away_stops_nothing_half_way(office: Office) -> None:
    """As with `| head -1`: what is sent is whole batches, and running it again finishes."""
    line = f"dispatch --csv {sheet(office, 220)}"
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        office.command(line), env=office.process_env(), stdout=writing, stderr=subprocess.DEVNULL
    ) as process:
        os.close(writing)
    assert process.returncode in (1, -signal.SIGPIPE)
    assert require_sound(office) in (0, 100)
    office.now = datetime.now(UTC)  # that of the process, which the log has seen
    office.ok(line)
    require_complete(office, 220)
