"""A sheet whose server dies, or whose connection breaks, while a batch is on its way.

The run says what is known of that batch, and the same command again sends what is not sent and
nothing twice. The server is a process of its own, killed and started again at the same socket; the
connection goes through a process-wide relay of this test that cuts it at a chosen byte.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.attacker import value
from tests.faults.test_sheet_killed import require_complete, sheet
from tests.office import Office, Result
from tests.points import spread
from tests.serving import reached

pytestmark = pytest.mark.slow  # servers of their own, killed and started again

if os.name != "posix":
    pytest.skip("the server is POSIX only", allow_module_level=True)

ROWS = 230
"""Three batches."""
POINTS = 6
UNKNOWN = (1, "store_outcome_unknown")
BROKEN = (7, "server_unreachable")


def sent(office: Office) -> int:
    """Return how many rows are sent, each in a batch that was carried out whole."""
    count = value(office, "SELECT count(*) FROM assignments WHERE status = 'dispatched'")
    assert count == value(office, "SELECT count(*) FROM assignments")
    assert isinstance(count, int)
    return count


def require_resumed(office: Office, line: str, before: int) -> None:
    """Assert that the same command says what is sent already, sends the rest, and nothing twice."""
    with reached(office) as served:
        again = office.ok(line)
        assert served.stop() == 0
    if before == ROWS:
        assert f"{ROWS} were sent before" in again.stderr, again.stderr
    elif before:
        assert f"{ROWS - before} assignments are sent. {before} were sent before." in again.stderr
    else:
        assert f"{ROWS} assignments are sent." in again.stderr
    require_complete(office, ROWS)


def test_a_server_killed_at_any_point_of_a_sheet_loses_and_doubles_no_row(
    office: Office, tmp_path: Path
) -> None:
    office.now = datetime.now(UTC)
    line = f"dispatch --csv {sheet(office, ROWS)} --quiet"
    alone, count = office.copy_to(tmp_path / "alone"), tmp_path / "count"
    with reached(alone, ("tests.killed_server", "KILL", "0", str(count))) as served:
        alone.ok(line)
        assert served.stop() == 0
    left = set()
    for at in spread(int(count.read_text()), POINTS):
        copy = office.copy_to(tmp_path / f"at-{at}")
        with reached(copy, ("tests.killed_server", "KILL", str(at), os.devnull)) as served:
            lost = copy.run(line)
            assert served.process.wait(60) == -9, (at, lost.said)
        assert (lost.code, lost.error_code) == UNKNOWN, (at, lost.said)
        before = sent(copy)
        left.add(before)
        require_resumed(copy, line.replace(" --quiet", ""), before)
    assert {0, ROWS} < left


@dataclass
class Line:
    """A connection that is cut once so many bytes have gone to the server, or come from it."""

    server: Path
    path: Path
    there: int | None = None
    back: int | None = None
    cuts: list[str] = field(default_factory=list)
    _listening: socket.socket = field(init=False)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Take connections until the block ends; only the first cut is made."""
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.path))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield
        finally:
            self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self.server))
                for ends, limit, name in (
                    ((near, far), self.there, "there"),
                    ((far, near), self.back, "back"),
                ):
                    carry = (*ends, limit, name)
                    threading.Thread(target=self._carry, args=carry, daemon=True).start()

    def _carry(self, of: socket.socket, to: socket.socket, limit: int | None, name: str) -> None:
        gone = 0
        with suppress(OSError):
            while piece := of.recv(4096):
                if limit is not None and not self.cuts and gone + len(piece) > limit:
                    self.cuts.append(name)
                    to.sendall(piece[: max(0, limit - gone)])
                    break
                to.sendall(piece)
                gone += len(piece)
        for each in (of, to):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def through(office: Office, line: Line, command: str) -> Result:
    """Run a command whose profile reaches the server by this line."""
    path = office.home / "profiles" / "anne.json"
    kept = path.read_text()
    path.write_text(json.dumps({**json.loads(kept), "store": f"unix:{line.path}"}))
    with line.open():
        result = office.run(command)
    path.write_text(kept)
    return result


@dataclass
class CountedLine(Line):
    """A line that is never cut, and counts the bytes of both directions."""

    sizes: dict[str, int] = field(default_factory=lambda: {"there": 0, "back": 0})

    def _carry(self, of: socket.socket, to: socket.socket, limit: int | None, name: str) -> None:
        with suppress(OSError):
            while piece := of.recv(4096):
                self.sizes[name] += len(piece)
                to.sendall(piece)
        to.close()


def measured(office: Office, folder: Path, command: str) -> tuple[int, int]:
    """Return how many bytes go to the server and come back while the sheet is sent."""
    with reached(office) as served:
        line = CountedLine(served.socket, folder / "line")
        assert through(office, line, command).code == 0
        assert served.stop() == 0
    return line.sizes["there"], line.sizes["back"]


def test_a_connection_cut_at_any_byte_of_a_sheet_is_said_and_the_sheet_is_finished(
    office: Office, tmp_path: Path
) -> None:
    office.now = datetime.now(UTC)
    line = f"dispatch --csv {sheet(office, ROWS)}"
    there, back = measured(office.copy_to(tmp_path / "alone"), tmp_path, line)
    ended = set()
    for name, size in (("there", there), ("back", back)):
        for part in (0.3, 0.5, 0.8):
            copy = office.copy_to(tmp_path / f"{name}-{part}")
            cut = Line(Path(), tmp_path / f"line-{name}-{part}", **{name: int(size * part)})
            with reached(copy) as served:
                cut.server = served.socket
                lost = through(copy, cut, line)
                assert served.stop() == 0
            assert cut.cuts == [name]
            ended.add((lost.code, lost.error_code))
            assert (lost.code, lost.error_code) in {UNKNOWN, BROKEN}, lost.said
            require_resumed(copy, line, sent(copy))
    assert UNKNOWN in ended
