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
    """Run the drill in a new folder with a program that is found where ASSIGN says.

    Each device has a key store of its own, which is faster than a passphrase for each command.
    """
    program = folder / "assign"
    program.write_text(
        '#!/bin/sh\nmkdir -p "$ASSIGN_HOME"\nexport ASSIGN_TEST_KEYRING="$ASSIGN_HOME.keys"\n'
        f'exec {sys.executable} -m assigncli "$@"\n'
    )
    program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), str(folder / "drill"), second],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "ASSIGN": str(program),
            "HOME": str(folder),
            "KEYS": "keyring",
            "PYTHON_KEYRING_BACKEND": "tests.keyring_backend.FileKeyring",
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
    has_another = "key_not_certified" if second == "with" else "membership_revoked"
    assert step(said, 7).count(f"Code: {has_another}") == 2
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
    stores = (tmp_path / "drill").glob("*.keys")
    assert [each.name for each in stores if "_root" in each.read_text()] == ["laptop.keys"]
