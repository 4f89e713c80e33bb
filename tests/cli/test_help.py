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
    told = say("walk", "--help").partition("\nOptions for every command:")[0]
    assert told.splitlines() == [
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
    ]


def test_a_group_lists_its_commands(say) -> None:
    told = say("things", "--help")
    assert told.startswith("Usage: assign things [OPTIONS] COMMAND\n\nShow your own keys.\n")
    assert "\nCommands:\none: The first.\ntwo: The second.\n" in told
    assert say("things", "two", "-h").startswith("Usage: assign things two [OPTIONS]\n")


def test_bare_assign_says_the_first_page(say) -> None:
    assert say() == say("--help") == say("-h")


@pytest.mark.parametrize("line", [(), ("walk",), ("things",), ("things", "one")])
def test_help_names_the_options_that_work_everywhere(say, line: tuple[str, ...]) -> None:
    told = say(*line, "--help")
    assert "\nOptions for every command:\n--profile NAME: " in told
    assert not FORBIDDEN.search(told)


def test_the_version_is_said(say) -> None:
    assert re.fullmatch(r"assign \d+\.\d+\.\d+\n", say("--version"))


def test_the_language_may_change_between_two_calls(say) -> None:
    english, norwegian = say("walk", "--help"), say("--lang", "nb", "walk", "--help")
    assert english == say("walk", "--help", "--lang=en")
    assert norwegian == say("walk", "--lang", "nb", "--help")
    assert norwegian.startswith("Bruk: assign walk [VALG] NUMBER\n")
    assert "\nValg som gjelder alle kommandoer:\n" in norwegian
    assert "(påkrevd)" in norwegian
    assert "--help, -h: Vis denne hjelpen." in norwegian


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
