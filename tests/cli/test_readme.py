"""The README is true: its commands are run, in the order in which they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from assigncli.cli.frame import commands
from assigncli.cli.manual import TOPICS
from tests.office import ACCEPT, ROOT, Office

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
]
SET_UP = [line for line in LINES if "venv" in line]
COMMANDS = [line for line in LINES if "venv" not in line]


def test_exactly_two_commands_do_the_set_up() -> None:
    run, test = SET_UP
    assert run.endswith(".venv/bin/assign demo")
    assert test.endswith(".venv/bin/pytest")


def test_ci_runs_the_second_command_as_it_stands() -> None:
    assert SET_UP[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_command_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    here, there = Office(tmp_path / "here"), Office(tmp_path / "there")
    for office in (here, there):
        office.folder.mkdir(mode=0o700)
    fingerprint = invitation = ""
    for line in COMMANDS:
        words = shlex.split(line)
        assert words[0] == "assign", line
        if words[1] == "join":
            placed = line.replace("INVITATION", invitation)
            fingerprint = _run(there, f"{placed} --json")["fingerprint"]
        elif words[1:3] == ["member", "invite"] and "--here" not in words:
            invitation = _run(here, f"{line} --json")["invitation"]
        elif words[1:3] == ["member", "approve"]:
            _run(here, f"{line} --fingerprint '{fingerprint}' --json")
        elif words[1] == "consent":
            _run(here, f"{line} {ACCEPT} --json")
        elif words[1] == "open":
            assert _run(here, f"{line} --reveal --json")["full_name"]
        else:
            here.ok(line.removeprefix("assign "), profile=None)


def _run(office: Office, line: str) -> dict[str, str]:
    found: dict[str, str] = office.ok(line.removeprefix("assign "), profile=None).json
    return found


def test_the_readme_is_what_a_newcomer_needs_and_the_manual_has_the_rest() -> None:
    """That the manual speaks of every command is held by test_manual."""
    assert len(README.splitlines()) <= 150
    assert all(f"`{topic.name}`" in README or f"help {topic.name}`" in README for topic in TOPICS)


def test_every_command_that_the_readme_names_exists() -> None:
    known = {entry.name for entry in commands.COMMANDS}
    named = set(re.findall(r"assign ([a-z]+)\b", README))
    assert named <= known | {"lets"}
