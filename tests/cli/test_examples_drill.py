"""The drill: lost devices, and a second administrator who takes over with the key kit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.office import ROOT

if os.name != "posix":
    pytest.skip("a shell script", allow_module_level=True)

SCRIPT = ROOT / "examples" / "lost-keys-drill.sh"
LOST = "Assignment 1, Visit one, can be read by nobody any more"


def drill(folder: Path, second: str) -> str:
    """Run the drill in a new folder with a program that is found where ASSIGN says."""
    program = folder / "assign"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m assigncli "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), str(folder / "drill"), second],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "ASSIGN": str(program),
            "HOME": str(folder),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


def step(said: str, number: int) -> str:
    """Return what one step said."""
    return said.partition(f"\n{number}. ")[2].partition(f"\n{number + 1}. ")[0]


@pytest.mark.slow
@pytest.mark.parametrize("second", ["with", "without"])
def test_after_the_drill_the_right_people_read_what_is_open_and_nobody_else(
    tmp_path: Path, second: str
) -> None:
    said = drill(tmp_path, second)
    assert "The paper has 10 groups of digits." in step(said, 1)
    assert ("you are the only administrator" in step(said, 3)) == (second == "with")
    assert "You are an administrator of Testforeningen" in step(said, 5)
    assert step(said, 7).count("Code: key_not_certified") == 2
    assert "A key of the organisation is sealed to" in step(said, 9)
    now = step(said, 10)
    assert (LOST in now) == (second == "without")
    assert ("Kari reads assignment 1 on the new telephone." in now) == (second == "with")
    assert "Ola reads assignment 2." in now
    assert "Ola reads assignment 3." in now
    assert "Code: not_your_assignment" in now
    assert "Kari reads assignment 4 on the new telephone." in step(said, 11)
    assert "Code: key_not_certified" in step(said, 11)
    assert step(said, 12).count("The audit log is whole") == 2
    kept = {path for path in (tmp_path / "drill").rglob("*_root*") if path.is_file()}
    assert {path.relative_to(tmp_path / "drill").parts[0] for path in kept} == {"laptop"}
