"""Every command that writes, on a disk that fails once: what is said is what is so.

`tests.disk_cases` has the commands and judges; here they are tried. All calls of all commands are
behind `slow`; of a few commands the calls that decide are tried always.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.disk_cases import CASES, SHARE_LEFT, UNKNOWN, Case, Trial, plan
from tests.failing_disk import Disk, Point, available, failing
from tests.office import Office
from tests.quick import only
from tests.refusals import require_one_document, require_three_lines

if not available():
    pytest.skip("this Python has an SQLite of its own within it", allow_module_level=True)

BY_NAME = {case.name: case for case in CASES}


def last(points: list[Point], call: str, file: str) -> Point:
    return [point for point in points if (point.call, point.file) == (call, file)][-1]


@pytest.fixture
def trial(request: pytest.FixtureRequest, founded: Office, tmp_path: Path) -> Trial:
    case: Case = request.param
    return Trial(case, founded, tmp_path)


def commands(*names: str) -> pytest.MarkDecorator:
    """Try each command; the default suite tries the first."""
    cases = [BY_NAME[name] for name in names]
    return pytest.mark.parametrize("trial", only(cases[0], of=cases), indirect=True, ids=names)


@pytest.mark.slow
@pytest.mark.parametrize("trial", CASES, indirect=True, ids=[case.name for case in CASES])
def test_whatever_call_of_the_disk_fails_what_is_said_is_what_is_so(trial: Trial) -> None:
    """And doing as the message says does the thing once, never twice."""
    complaints = [
        verdict
        for kind, point in plan(trial.points)
        if (verdict := trial.at(point, kind)).complaint
    ]
    assert complaints == []


@commands("create --dispatch", "dispatch", "recall", "open")
def test_a_sync_that_fails_after_the_commit_leaves_the_command_done(trial: Trial) -> None:
    verdict = trial.at(last(trial.points, "sync", "store journal"))
    assert (verdict.said, verdict.so, verdict.complaint) == ("done, disk error", "done", "")


@pytest.mark.slow
@commands("dispatch", "cancel", "inbox")
@pytest.mark.parametrize("call", ["truncate", "open"])
def test_a_commit_that_fails_before_that_leaves_it_not_done(trial: Trial, call: str) -> None:
    verdict = trial.at(last(trial.points, call, "store journal"))
    assert (verdict.so, verdict.complaint) == ("not done", "")
    assert verdict.said.startswith("not done")


@commands("dispatch")
def test_a_disk_that_stays_broken_leaves_it_unknown(trial: Trial) -> None:
    verdict = trial.at(last(trial.points, "truncate", "store journal"), "lasting")
    assert (verdict.said, verdict.complaint) == (UNKNOWN, "")


@pytest.mark.slow
@commands("recall")
@pytest.mark.parametrize("call", ["write", "sync"])
def test_a_share_whose_deletion_the_disk_does_not_confirm_is_not_said_to_be_deleted(
    trial: Trial, call: str
) -> None:
    verdict = trial.at(last(trial.points, call, "vault"))
    assert (verdict.said, verdict.so, verdict.complaint) == (SHARE_LEFT, "done", "")


def points_of(office: Office, line: str, scratch: Path) -> list[Point]:
    with failing(Disk()) as disk:
        office.copy_to(scratch).ok(line)
    return disk.points


def test_an_outcome_that_is_not_known_is_said_and_is_no_reason_to_try_again(
    office: Office, tmp_path: Path
) -> None:
    number = office.create()
    point = last(points_of(office, f"dispatch {number}", tmp_path / "a"), "sync", "store")
    said = []
    for more in ("", " --json"):
        copy = office.copy_to(tmp_path / f"b{more}")
        with failing(Disk(point.number, lasting=True)):
            said.append(copy.run(f"dispatch {number}{more}"))
    plain, spoken = said
    assert (plain.code, plain.stdout) == (1, "")
    require_three_lines(plain.stderr, "store_outcome_unknown")
    assert "What to do: Run assign list before you try again" in plain.stderr
    require_one_document(spoken.stderr, plain.stderr)


@pytest.mark.slow
def test_a_disk_that_failed_behind_what_is_saved_is_a_warning(
    office: Office, tmp_path: Path
) -> None:
    number = office.create()
    point = last(points_of(office, f"dispatch {number}", tmp_path / "a"), "sync", "store journal")
    for more in ("", " --quiet", " --json"):
        copy = office.copy_to(tmp_path / f"b{more}")
        with failing(Disk(point.number)):
            said = copy.ok(f"dispatch {number}{more}")
        if more == " --json":
            assert [each["code"] for each in said.json["warnings"]] == ["disk_error"]
            assert said.stderr == ""
        else:
            assert said.stderr.count("Warning: This is saved, but the disk reported an error") == 1
        assert copy.ok(f"show {number} --json").json["status"] == "dispatched"
    assert "warnings" not in office.ok("list --json").json


STRACE = shutil.which("strace")


def traced(office: Office, line: str, call: str, when: str) -> tuple[int, str, list[str]]:
    """Run a command with one of its calls refused by the system; return code, said and trace."""
    log = office.folder / "trace"
    files = [office.store.with_name(office.store.name + end) for end in ("", "-journal", ".vault")]
    paths = [word for file in files for word in ("-P", str(file))]
    done = subprocess.run(
        [
            *(str(STRACE), "-f", "-o", str(log), "-e", f"trace={call}"),
            *("-e", f"inject={call}:error=EIO:when={when}", *paths, *office.command(line)),
        ],
        env=office.process_env(),
        capture_output=True,
        check=False,
    )
    calls = [each for each in log.read_text().splitlines() if re.search(rf"\b{call}\(", each)]
    return done.returncode, done.stderr.decode(), calls


@pytest.mark.slow
@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
@pytest.mark.parametrize("call", ["fdatasync", "ftruncate"])
def test_the_system_itself_refuses_a_call_of_a_dispatch(
    office: Office, tmp_path: Path, call: str
) -> None:
    """The same with real system calls: each of its kind once, and none is told wrongly."""
    number = office.create()
    code, _said, calls = traced(office.copy_to(tmp_path / "all"), f"dispatch {number}", call, "999")
    if code != 0 or not calls:
        pytest.skip("processes may not be traced here")
    outcomes = []
    for when in range(1, len(calls) + 1):
        copy = office.copy_to(tmp_path / str(when))
        code, said, refused = traced(copy, f"dispatch {number}", call, str(when))
        assert sum("INJECTED" in each for each in refused) == 1
        done = copy.ok(f"show {number} --json").json["status"] == "dispatched"
        assert (code == 0) == done, said
        if not done:
            copy.ok(f"dispatch {number}")
        outcomes.append((done, "the disk reported an error" in said))
        log = copy.ok("audit log --json").json["entries"]
        assert [each["action"] for each in log].count("assignment.dispatched") == 1
    assert (False, False) in outcomes
    if call == "fdatasync":
        assert (True, True) in outcomes
