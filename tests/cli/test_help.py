"""Help as it is heard: plain lines, the same at any width, in both languages."""

from __future__ import annotations

import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer

from assigncli.cli import main
from assigncli.cli.frame import command, commands, group
from assigncli.cli.frame.commands import COMMANDS, Command
from assigncli.cli.frame.meant import BY_WORD
from assigncli.cli.frame.options import OPTIONS
from assigncli.cli.frame.root import load
from assigncli.locale import N_
from tests.quick import all_in_one

FORBIDDEN = re.compile("[\u2500-\u259f\x1b\r\t]")


class Pace(StrEnum):
    SLOW = "slow"
    QUICK = "quick"


@command(N_("List assignments.") + "\n\nA second paragraph stays a paragraph.")
def walk(
    *,
    number: Annotated[str, typer.Argument(help=N_("Which walk."))],
    to: Annotated[str, typer.Option("--to", metavar="HANDLE", help=N_("Who walks."))],
    pace: Annotated[Pace, typer.Option(help=N_("How fast."))] = Pace.SLOW,
    days: Annotated[int, typer.Option(min=1, help=N_("How long."))] = 10,
    tag: Annotated[list[str] | None, typer.Option(help=N_("A word for it."))] = None,
    loud: Annotated[bool, typer.Option("--loud", help=N_("Sing."))] = False,
) -> None:
    """Never shown."""


app = group(N_("Show your own keys."))


@app.command("one", help=N_("The first.") + "\nMore about it.")
def one() -> None:
    """Never shown."""


@app.command("two", help=N_("The second."))
def two() -> None:
    """Never shown."""


@pytest.fixture(autouse=True)
def _samples(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = (
        Command("walk", __name__, "walk", "Walk."),
        Command("things", __name__, "app", "Things."),
    )
    monkeypatch.setattr(commands, "COMMANDS", samples)


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def run(*argv: str) -> str:
        assert main(argv, {"ASSIGN_HOME": str(tmp_path)}) == 0
        heard = capsys.readouterr()
        assert heard.err == ""
        return heard.out

    return run


def test_a_command_is_told_line_by_line(say) -> None:
    assert say("walk", "--help").splitlines() == [
        "Usage: assign walk [OPTIONS] NUMBER",
        "",
        "List assignments.",
        "",
        "A second paragraph stays a paragraph.",
        "",
        "Arguments:",
        "NUMBER: Which walk. (required)",
        "",
        "Options:",
        "--to HANDLE: Who walks. (required)",
        "--pace PACE: How fast. (one of slow, quick, default slow)",
        "--days NUMBER: How long. (default 10)",
        "--tag TAG: A word for it.",
        "--loud: Sing.",
        "--help, -h: Show this help.",
        "",
        "For the options of every command, run assign help options.",
    ]


def test_a_group_lists_its_commands(say) -> None:
    told = say("things", "--help")
    assert told.startswith("Usage: assign things [OPTIONS] COMMAND\n\nShow your own keys.\n")
    assert "\nCommands:\none: The first.\ntwo: The second.\n" in told
    assert say("things", "two", "-h").startswith("Usage: assign things two [OPTIONS]\n")


def test_bare_assign_says_the_first_page(say) -> None:
    assert say() == say("--help") == say("-h")


@pytest.mark.parametrize("line", [(), ("walk",), ("things",), ("things", "one")])
def test_help_says_in_one_line_where_the_options_are_that_work_everywhere(
    say, line: tuple[str, ...]
) -> None:
    told = say(*line, "--help")
    assert told.endswith("\n\nFor the options of every command, run assign help options.\n")
    assert "--passphrase-file" not in told
    assert not FORBIDDEN.search(told)


def test_help_on_options_says_each_of_those_that_work_everywhere(
    say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "COMMANDS", COMMANDS)
    told = say("help", "options").splitlines()
    assert told[0] == "Options for every command:"
    named = [line.partition(":")[0].split()[0] for line in told[1 : told.index("")]]
    assert named == [option.name for option in OPTIONS]


@pytest.mark.parametrize("words", [(), ("cycle",), ("cycle", "open"), ("list",), ("help",)])
def test_help_on_a_command_is_the_page_of_the_command(
    say, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(commands, "COMMANDS", COMMANDS)
    assert say("help", *words) == say(*words, "--help")


def test_the_first_page_lists_commands_by_who_uses_them(
    say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "COMMANDS", COMMANDS)
    told = say()
    headings = [line for line in told.splitlines() if line.endswith(":")]
    assert headings == [
        *dict.fromkeys(entry.users for entry in COMMANDS),
        "Topics, after assign help:",
        "Options:",
    ]
    assert told.index("For peer mentors:\ninbox: ") > told.index("For coordinators:\nstatus: ")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("send", "dispatch"),
        ("approve", "member approve"),
        ("godkjenn", None),
        ("åpne", "open"),
        ("lsit", "list"),
    ],
)
def test_a_word_of_the_same_meaning_is_understood(
    typed: str,
    meant: str | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "COMMANDS", COMMANDS)
    for line in ([typed], ["help", typed]):
        assert main(line, {"ASSIGN_HOME": str(tmp_path)}) == 2
        told = capsys.readouterr().err
        assert ("Did you mean" in told) == (meant is not None)
        assert meant is None or f"Did you mean assign {meant}?" in told


def test_every_word_of_the_same_meaning_stands_for_a_command() -> None:
    names = {entry.name for entry in COMMANDS}
    for typed, line in BY_WORD.items():
        first, *others = line.split()
        assert typed not in names
        assert first in names, line
        found = load(next(entry for entry in COMMANDS if entry.name == first))
        options = {name for param in found.params for name in param.opts}
        assert set(others) <= options | set(getattr(found, "commands", {})), line


def test_the_version_is_said(say) -> None:
    assert re.fullmatch(r"assign \d+\.\d+\.\d+\n", say("--version"))


def test_the_language_may_change_between_two_calls(say) -> None:
    english, norwegian = say("walk", "--help"), say("--lang", "nb", "walk", "--help")
    assert english == say("walk", "--help", "--lang=en")
    assert norwegian == say("walk", "--lang", "nb", "--help")
    assert norwegian.startswith("Bruk: assign walk [VALG] NUMBER\n")
    assert "assign help options" in norwegian.splitlines()[-1]
    assert "(påkrevd)" in norwegian
    assert "--help, -h: Vis denne hjelpen." in norwegian


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nb", "en"])
def test_the_same_at_any_width(tmp_path: Path, lang: str) -> None:
    heard = {
        subprocess.run(
            [sys.executable, "-m", "assigncli", "--help", "--lang", lang],
            env={"ASSIGN_HOME": str(tmp_path), "COLUMNS": columns, "TERM": "xterm-256color"},
            capture_output=True,
            check=True,
        ).stdout
        for columns in ("40", "200", "")
    }
    assert len(heard) == 1
    assert not FORBIDDEN.search(heard.pop().decode())


@all_in_one("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_of_the_table_says_its_help(
    entry: Command, monkeypatch: pytest.MonkeyPatch, say
) -> None:
    monkeypatch.setattr(commands, "COMMANDS", COMMANDS)
    for lang in ("en", "nb"):
        told = say(entry.name, "--help", "--lang", lang)
        assert not FORBIDDEN.search(told)
        assert told.splitlines()[2].endswith(".")
