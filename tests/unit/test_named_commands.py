"""Every command that a text names is there: in errors, hints, help and README, both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from typer.core import TyperGroup

from assigncli.cli.frame import commands
from assigncli.cli.frame.root import load
from assigncli.locale import DIRECTORY, DOMAIN
from tests.office import ROOT

NAMED = re.compile(r"(?<![\w.-])assign ((?:[a-z]+[ \n])*[a-z]+)")
"""The program's name and the small words after it: a command, and how the text goes on."""
PROSE = {"assign lets", "assign is", "assign itself"}
PLANTED = [("See assign store forget.", "store forget"), ("Run assign nothing now.", "nothing")]


@cache
def table() -> dict[str, set[str]]:
    """Return every command's name with those of the commands under it."""
    found = {}
    for entry in commands.COMMANDS:
        loaded = load(entry)
        found[entry.name] = set(loaded.commands) if isinstance(loaded, TyperGroup) else set()
    return found


def texts() -> Iterator[tuple[str, str]]:
    """Yield everything that a user reads, with where it is from."""
    with (DIRECTORY / "nb" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        for message in read_po(file, locale="nb", domain=DOMAIN):
            said = [message.id, message.string]
            for each in filter(None, said):
                yield from (
                    ("catalogue", text) for text in ([each] if isinstance(each, str) else each)
                )
    manual = sorted((ROOT / "assigncli" / "cli" / "manual").rglob("*.md"))
    examples = sorted((ROOT / "examples").iterdir())
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *manual, *examples]:
        yield path.name, path.read_text(encoding="utf-8", errors="replace")
    for path in sorted(Path(ROOT / "assigncli").rglob("*.py")):
        yield path.name, path.read_text(encoding="utf-8")  # what is put in with {command}


def unknown(text: str) -> list[str]:
    """Return the commands named in a text that are not there."""
    found = []
    for match in NAMED.finditer(text):
        first, *others = match[1].split()
        if f"assign {first}" in PROSE:
            continue
        if first not in table():
            found.append(first)
        elif table()[first] and others and others[0] not in table()[first]:
            found.append(f"{first} {others[0]}")
    return found


def test_every_command_that_is_named_is_there() -> None:
    wrong = [f"{where}: assign {name}" for where, text in texts() for name in unknown(text)]
    assert sorted(set(wrong)) == []


@pytest.mark.parametrize(("text", "name"), PLANTED)
def test_one_that_is_not_there_would_be_found(text: str, name: str) -> None:
    assert unknown(text) == [name]
