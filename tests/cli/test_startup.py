"""Starting up imports only what the command uses (SPEC section 11)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from assigncli.cli.frame.commands import COMMANDS
from tests.office import Office
from tests.quick import only

HEAVY = {
    "sqlmodel",
    "sqlalchemy",
    "alembic",
    "keyring",
    "cryptography",
    "nacl",
    "rich",
    "pydantic",
    "apprise",
    "phonenumbers",
    "babel",
}
SAMPLE = """
from typing import Annotated
import typer
from assigncli.cli.frame import command

@command("Sample.")
def sample(number: Annotated[str, typer.Argument(help="A number.")]) -> None:
    import sqlmodel
"""
LAUNCH = """
import atexit, sys
atexit.register(lambda: sys.stderr.writelines(f"module|{name}\\n" for name in list(sys.modules)))
from assigncli.cli import run
from assigncli.cli.frame import commands
"""
WITH_SAMPLE = """
commands.COMMANDS = (commands.Command("sample", "startup_sample", "sample", "Sample."),)
"""


def imported(
    home: Path, *line: str, before: str = "", environ: Mapping[str, str] | None = None
) -> set[str]:
    """Run `assign` and return all modules it imported.

    What `-X importtime` reports, and what is loaded at the end: a module that is loaded by name is
    missing from the report, one that was taken out of `sys.modules` from the end.
    """
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"{LAUNCH}{before}run()", *line],
        env={
            "ASSIGN_HOME": str(home),
            **(environ or {}),
            "PYTHONPATH": os.pathsep.join([str(home), *sys.path]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    said = ended.stderr.splitlines()
    told = [line for line in said if line.startswith(("import time:", "module|"))]
    return {line.rpartition("|")[2].strip() for line in told}


def catalogue(modules: set[str]) -> set[str]:
    """Return the catalogue of errors if it is loaded, which nothing needs that says none."""
    return {"assigncli.words.errors"} & modules


def heavy(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} & HEAVY


@pytest.mark.parametrize("line", [("--version",), ("--help",), ("--help", "--lang", "nb")])
def test_the_first_page_imports_no_command(tmp_path: Path, line: tuple[str, ...]) -> None:
    modules = imported(tmp_path, *line)
    assert not heavy(modules)
    assert not {entry.module for entry in COMMANDS} & modules
    assert not catalogue(modules)


def test_help_of_a_command_imports_its_own_module_only(tmp_path: Path) -> None:
    (tmp_path / "startup_sample.py").write_text(SAMPLE)
    modules = imported(tmp_path, "sample", "--help", before=WITH_SAMPLE)
    assert "startup_sample" in modules
    assert not heavy(modules)


@pytest.mark.parametrize("entry", only(*COMMANDS[::6], of=COMMANDS), ids=lambda entry: entry.name)
def test_help_of_each_command_is_light(tmp_path: Path, entry) -> None:
    modules = imported(tmp_path, entry.name, "--help")
    assert entry.module in modules
    assert not heavy(modules)
    assert not ({each.module for each in COMMANDS} - {entry.module}) & modules


READING = {"sqlmodel", "sqlalchemy", "pydantic"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", only("config list", of=["config list", "config get contact_deadline_days"])
)
def test_what_only_reads_loads_no_cryptography(office: Office, line: str) -> None:
    modules = imported(office.home, *line.split(), "--profile", "anne", environ=office.env)
    assert heavy(modules) == READING
    assert not catalogue(modules)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    only("show {number}", of=["list", "list --overdue --mentor kari", "show {number}", "status"]),
)
def test_what_shows_assignments_loads_what_verifies_them(office: Office, line: str) -> None:
    """And nothing that unlocks a key or sends a message."""
    words = line.format(number=office.dispatch()).split()
    modules = imported(office.home, *words, "--profile", "anne", environ=office.env)
    assert heavy(modules) == READING | {"nacl", "cryptography"}
    assert not catalogue(modules)
