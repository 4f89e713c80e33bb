"""Canary: a payload typed at a terminal, and processes that are looked at and killed.

What was typed is in no file, no output, no argument and no environment, whether the process ends by
itself, is killed while it waits to write, or in the middle of a transaction.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests import slots
from tests.canary import MARKED, leaks, traces
from tests.office import Office
from tests.terminal import terminal


@pytest.fixture
def office(office: Office, temporary: Path) -> Office:
    """An office whose processes leave what is temporary where it is looked for."""
    office.environ = {"TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)}
    return office


@pytest.mark.slow
def test_typed_at_a_terminal_and_opened_on_one(office: Office, temporary: Path) -> None:
    with terminal(office, "create --dispatch --title Visit --to kari") as typing:
        for question, name in (
            ("Full name of the person: ", "full_name"),
            ("Street address: ", "address"),
            ("Postal code: ", "postal_code"),
            ("City: ", "city"),
            ("Telephone: ", "phone"),
        ):
            typing.answer(question, MARKED[name])
        typing.answer("Finish with an empty line.", MARKED["medical_summary"] + "\n")
        typing.answer("or a hyphen for none: ", MARKED["practical_notes"])
        typing.expect("This is what you have given.")
        asked = typing.heard
        review = typing.answer("save and send: ", "")
        after = typing.rest()
    assert typing.code == 0, typing.heard
    assert traces(asked) == traces(after) == []
    assert {"Quæxly", "Plexmarkør"} <= {marker for marker, _form in traces(review)}
    assert leaks(office.folder, temporary) == []
    with terminal(office, "open 1", profile="kari") as reading:
        reading.rest()
    assert reading.code == 0
    assert {"Quæxly", "Plexmarkør"} <= {marker for marker, _form in traces(reading.heard)}
    assert leaks(office.folder, temporary) == []


@contextmanager
def creating(office: Office, *python: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a create of its own process, the payload on its standard input."""
    words = office.command("create --to kari --title Visit --payload - --debug")
    if python:
        words[1:3] = python
    with subprocess.Popen(
        words,
        env=office.process_env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(MARKED).encode())
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes]) -> bytes:
    """Wait for its end and return all that it said."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = process.stdout.read() + process.stderr.read()
    process.wait(60)
    return said


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait, for a minute at most."""
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def is_held(store: Path) -> bool:
    """Say whether somebody holds the store for writing."""
    with closing(sqlite3.connect(store, isolation_level=None, timeout=0)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_running_process_that_is_killed_before_it_writes(office: Office, temporary: Path) -> None:
    with slots.held(office.vault), creating(office) as process:
        wait_for(lambda: is_held(office.store))  # it has sealed, and waits to put the share
        place = Path("/proc") / str(process.pid)
        for name in ("cmdline", "environ", "comm", "status", "maps"):
            assert traces((place / name).read_bytes()) == []
        if shutil.which("ps"):
            ps = ["ps", "wwe", "-p", str(process.pid)]
            assert traces(subprocess.run(ps, capture_output=True, check=True).stdout) == []
        assert leaks(office.folder, temporary) == []
        os.kill(process.pid, signal.SIGKILL)
        assert traces(ended(process)) == []
    assert leaks(office.folder, temporary) == []
    assert office.ok("list --json").json["assignments"] == []
    assert office.create() == 1


KILLED_IN_A_TRANSACTION = """
import os, signal, sys
from assigncli.server.store import audit_log
append = audit_log.append
def append_and_die(*args, **rows):
    append(*args, **rows)
    args[0].connection().exec_driver_sql("PRAGMA cache_size = 0")
    os.kill(os.getpid(), signal.SIGKILL)
audit_log.append = append_and_die
sys.argv[0] = "assign"
from assigncli.cli import run
run()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_process_killed_in_the_middle_of_writing(office: Office, temporary: Path) -> None:
    with creating(office, "-c", KILLED_IN_A_TRANSACTION) as process:
        assert traces(ended(process)) == []
        assert process.returncode == -signal.SIGKILL
    journal = office.store.with_name(office.store.name + "-journal")
    assert journal.stat().st_size > 0
    assert leaks(office.folder, temporary) == []
    assert office.ok("list --json").json["assignments"] == []
    assert leaks(office.folder, temporary) == []
