"""Streams that are closed, full or endless: what is said is what is so, and nothing is damaged."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.office import Office
from tests.quick import only

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")

CLOSED = ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"]


def shell(office: Office, line: str, streams: str, profile: str | None = "anne") -> tuple[int, str]:
    """Run `assign LINE` in a shell with these redirections; return its code and standard error."""
    command = f"{shlex.join(office.command(line, profile=profile))} {streams}"
    ended = subprocess.run(
        ["sh", "-c", command],
        env=office.process_env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    said = ended.stderr.decode()
    assert "Traceback" not in said
    assert "internal_error" not in said
    return ended.returncode, said


@pytest.mark.slow
@pytest.mark.parametrize("streams", only(">/dev/full", of=[">/dev/full", ">&-"]))
@pytest.mark.parametrize(
    "line", only("list", of=("list", "list --json", "list --table", "--help", "--version"))
)
def test_output_that_cannot_be_written_is_said(office: Office, line: str, streams: str) -> None:
    code, said = shell(office, line, streams)
    assert code == 1
    assert "output_unwritable" in said
    assert "is done" not in said


@pytest.mark.slow
@pytest.mark.parametrize("line", only("list", of=("list", "list --json")))
def test_nor_is_it_an_internal_error_without_a_buffer(office: Office, line: str) -> None:
    """Under PYTHONUNBUFFERED, as in containers, the write itself fails and no flush after it."""
    office.environ["PYTHONUNBUFFERED"] = "1"
    code, said = shell(office, line, ">/dev/full")
    assert code == 1
    assert "output_unwritable" in said


@pytest.mark.slow
@pytest.mark.parametrize("streams", only("<&- >&-", of=CLOSED))
def test_closed_streams_neither_stop_an_act_nor_reach_the_store(
    office: Office, streams: str
) -> None:
    office.create()
    code, said = shell(office, "dispatch 1", streams)
    has_output = ">&-" not in streams.replace("2>&-", "")
    assert code == (0 if has_output else 1)
    if not has_output and "2>&-" not in streams:
        assert "is done and saved" in said
        assert "Code: output_unwritable" in said
    assert office.ok("show 1 --json").json["status"] == "dispatched"
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_an_act_whose_answer_is_lost_is_said_to_be_done(office: Office) -> None:
    number = office.dispatch()
    code, said = shell(office, f"open {number} --reveal", ">/dev/full", "kari")
    assert code == 1
    assert "is done and saved" in said
    assert office.ok(f"show {number} --json").json["status"] == "read"
    code, said = shell(office, f"ack {number} --json", ">/dev/full 2>/dev/full", "kari")
    assert code == 1
    assert office.ok(f"show {number} --json").json["status"] == "acknowledged"


@pytest.mark.slow
def test_a_remark_that_cannot_be_written_stops_nothing(office: Office) -> None:
    sheet = Path("examples/dispatch-utf8-bom.csv")
    code, _said = shell(office, f"dispatch --csv {sheet} --to kari --dry-run", "2>/dev/full")
    assert code in (0, 2)


@pytest.mark.slow
def test_a_refusal_is_still_told_when_the_output_is_gone(office: Office) -> None:
    code, said = shell(office, "show 99", ">&-")
    assert (code, "assignment_not_found" in said) == (3, True)


@pytest.mark.parametrize(
    ("source", "streams"),
    only("/dev/zero", of=(("/dev/zero", ""), ("-", "</dev/zero"), ("/dev/urandom", ""))),
)
@pytest.mark.parametrize(
    ("line", "code"),
    only(
        "dispatch --csv {} --dry-run",
        of=[
            ("dispatch --csv {} --dry-run", "sheet_too_large"),
            ("create --to kari --title Visit --payload {}", "payload_too_large"),
            ("member notify kari --channel {}", "channel_unreadable"),
        ],
    ),
)
def test_input_without_end_is_refused(
    office: Office, line: str, code: str, source: str, streams: str
) -> None:
    ended, said = shell(office, line.format(source), streams)
    assert ended == 2, (source, said)
    assert source == "/dev/urandom" or code in said, (source, said)


@pytest.mark.slow
def test_a_passphrase_without_end_is_refused(office: Office) -> None:
    line = "init --organization Ny --handle bo --name Bo --keys file --passphrase-file /dev/zero"
    ended, said = shell(office, line, "", None)
    assert (ended, "passphrase_file_unreadable" in said) == (2, True)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("dispatch --csv {}", "sheet_unreadable"),
        ("create --to kari --title Visit --payload {}", "payload_unreadable"),
        ("member notify kari --channel {}", "channel_unreadable"),
    ],
)
def test_a_folder_or_a_pipe_nobody_writes_to_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch, line: str, code: str
) -> None:
    monkeypatch.setattr("assigncli.cli.input.sources.FIRST_WORD_SECONDS", 0.05)
    pipe = office.folder / "pipe"
    os.mkfifo(pipe)
    for source in (pipe, office.folder):
        office.refused(line.format(source), code, 2)


def test_a_pipe_that_is_written_to_is_read(office: Office) -> None:
    pipe = office.folder / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["sh", "-c", f"sleep 0.3; cat '{office.person()}' > '{pipe}'"])
    office.ok(f"create --to kari --title Visit --payload {pipe}")
    writer.wait(10)
