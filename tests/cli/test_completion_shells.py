"""Completion typed into real shells: what stands on the line, and what the shell then runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

if os.name != "posix":
    pytest.skip("there are no pseudo terminals here", allow_module_level=True)

import pexpect

from tests.office import ROOT, Office

pytestmark = pytest.mark.slow
READY = "ready> "
CYCLE = "Høst 2031: 'x' $HOME"
"""A name with everything that a shell would take for something else."""
STARTS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        ["PS1='ready''> '", "bind 'set enable-bracketed-paste off'", "bind 'set bell-style none'"],
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        ["unsetopt PROMPT_SP BEEP", "autoload -Uz compinit", "compinit -u -D", "PS1='ready''> '"],
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        ["set -g fish_autosuggestion_enabled 0", "function fish_prompt; echo -n 'ready''> '; end"],
    ),
}
PROGRAM = """#!/bin/sh
if [ -n "$_ASSIGN_COMPLETE" ]; then exec '{python}' -m assigncli; fi
printf 'ran'; printf '<%s>' "$@"; printf '\\n'
"""
_STEERING = re.compile("\x1b(\\[[0-9;?>=]*[a-zA-Z]|\\][^\x07]*\x07|[()][A-Z0-9]|[=>])")


@dataclass
class TypedShell:
    """A shell at a terminal."""

    child: pexpect.spawn[str]

    def typed(self, line: str) -> str:
        """Type a line with tabs in it, press Enter, and return the words that the shell ran."""
        for piece in re.split("(\t)", line):
            self.child.send(piece)
            if piece == "\t":
                self._wait()
        self.child.send("\r")
        self.child.expect(r"ran((?:<[^>]*>)*)\r?\n")
        ran = str(self.child.match[1])  # type: ignore[index,union-attr]
        self.child.expect_exact(READY)
        return ran

    def listed(self, line: str) -> str:
        """Type a line, press Tab twice, and return what the screen then shows."""
        self.child.send(line)
        said = ""
        for _twice in range(2):  # zsh and fish show the list at once
            self.child.send("\t")
            said += self._wait()
        self.child.send("\x03")
        self._wait()
        return said

    def _wait(self) -> str:
        """Wait until the shell has been silent for a while; return what it has shown."""
        said = ""
        while True:
            try:
                said += self.child.read_nonblocking(4096, timeout=2.5 if not said else 1)
            except pexpect.TIMEOUT:
                return _STEERING.sub("", said)


@contextmanager
def started(office: Office, name: str, profile: str = "anne") -> Iterator[TypedShell]:
    """Start a shell in which `assign` completes, and shows its words when run."""
    words, settings = STARTS[name]
    if shutil.which(words[0]) is None:
        pytest.skip(f"no {name} here")
    folder = office.folder / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "assign"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o700)
    script = office.folder / f"script.{name}"
    script.write_text(office.ok(f"--show-completion {name}", profile=None).stdout)
    environ = {
        **office.process_env(),
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(office.folder),
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "ASSIGN_PROFILE": profile,
    }
    child = pexpect.spawn(
        words[0],
        words[1:],
        env=environ,
        cwd=str(office.folder),
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 160),
    )
    try:
        for line in (*settings, f"source '{script}'"):
            child.sendline(line)
        child.sendline("echo all set")
        child.expect("all set\r?\n")
        child.expect_exact(READY)
        yield TypedShell(child)
    finally:
        child.close(force=True)


@pytest.fixture(params=sorted(STARTS))
def shell(request: pytest.FixtureRequest, office: Office) -> Iterator[TypedShell]:
    """Each shell, in an office with two assignments and a cycle whose name needs quotes."""
    office.now = datetime.now(UTC)
    office.ok("create --to kari --title 'Hjemmebesøk i øst' --payload -", stdin=_payload())
    office.ok("create --to ola --title 'Walk: in town' --payload - --dispatch", stdin=_payload())
    office.ok(f"cycle open {shlex.quote(CYCLE)} --from 1.7.2031 --to 31.12.2031")
    (office.folder / "brief of june.json").write_text("{}")
    with started(office, request.param) as running:
        yield running


def _payload() -> str:
    return (ROOT / "examples" / "assignment.json").read_text(encoding="utf-8")


def test_each_shell_completes_what_is_typed(shell: TypedShell) -> None:
    assert shell.typed("assign disp\t1") == "<dispatch><1>"
    assert shell.typed("assign dispatch \t") == "<dispatch><1>"  # the only draft
    assert shell.typed("assign recall \t--yes") == "<recall><2><--yes>"  # the only one sent
    assert shell.typed("assign create --to ka\t--title x") == "<create><--to><kari><--title><x>"
    assert shell.typed("assign list --mentor=ol\t") in ("<list><--mentor=ola>",)
    assert shell.typed("assign honorarium rep\t--forc\t") == "<honorarium><report><--force>"
    assert shell.typed("assign config set quiet_d\tsun\t") == (
        "<config><set><quiet_days><sundays_and_holidays>"
    )
    assert shell.typed("assign profile use ka\t") == "<profile><use><kari>"
    assert shell.typed("assign list --status contact\t") == "<list><--status><contact_made>"


def test_each_shell_quotes_a_name_as_it_must_be(shell: TypedShell) -> None:
    whole = f"<cycle><close><{CYCLE}>"
    assert shell.typed("assign cycle close H\t") == whole
    assert shell.typed("assign cycle close Høst\\ 20\t") == whole
    assert shell.typed("assign cycle close 'Hø\t") == whole
    assert shell.typed('assign cycle close "Høst 2\t') == whole


def test_each_shell_shows_titles_beside_numbers(shell: TypedShell) -> None:
    said = shell.listed("assign show ")
    for about in ("1", "2", "Hjemmebesøk i øst", "Walk: in town"):
        assert about in said
    assert "Prøvesen" not in said


def test_each_shell_names_files_where_a_file_is_wanted(shell: TypedShell) -> None:
    assert shell.typed("assign edit 1 --payload brief\t") == (
        "<edit><1><--payload><brief of june.json>"
    )


def test_each_shell_is_silent_where_nothing_is_known(shell: TypedShell) -> None:
    assert shell.typed("assign frobnicate \tx") == "<frobnicate><x>"
    assert shell.typed("assign create --title \tVisit") == "<create><--title><Visit>"


def test_nothing_is_said_where_the_store_is_no_store(office: Office) -> None:
    office.store.write_bytes(b"x" * 5000)
    with started(office, "bash") as shell:
        assert shell.typed("assign show \t1") == "<show><1>"
