"""No line of any help page is longer than one can keep in mind, in either language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

from assigncli.cli import main
from assigncli.cli.frame.commands import COMMANDS
from assigncli.cli.frame.root import load

LONGEST = 160


def pages() -> Iterator[tuple[str, ...]]:
    for entry in COMMANDS:
        yield (entry.name,)
        found = load(entry)
        if isinstance(found, TyperGroup):
            yield from ((entry.name, name) for name in found.commands)


def test_there_are_pages_of_groups_and_of_their_commands() -> None:
    assert {("sweep",), ("member",), ("member", "notify")} <= set(pages())


@pytest.mark.parametrize("lang", ["en", "nb"])
def test_no_line_of_a_help_page_is_too_long(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for page in ((), *pages()):
        assert main([*page, "--help", "--lang", lang], {"ASSIGN_HOME": str(tmp_path)}) == 0
        told = capsys.readouterr().out.splitlines()
        assert [line for line in told if len(line) > LONGEST] == [], page


def test_each_sentence_of_a_description_is_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", "--help"], {"ASSIGN_HOME": str(tmp_path)}) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[2:5] == [
        "List assignments, newest first.",
        "The content is never shown here.",
        "",
    ]


def test_values_follow_on_a_line_of_their_own_where_the_line_gets_too_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", "--help"], {"ASSIGN_HOME": str(tmp_path)}) == 0
    told = capsys.readouterr().out.splitlines()
    place = told.index("--status STATUS: Only assignments with this status. Repeat it for several.")
    assert told[place + 1].startswith("--status STATUS, one of draft, sent, delivered, read, ")
    assert "--priority PRIORITY: Only those of this priority. (one of normal, urgent)" in told
