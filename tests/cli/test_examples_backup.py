"""The example for nightly backups, as cron runs it: no terminal, and nothing asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backing_up import backed_up
from tests.office import ROOT, Office

if os.name != "posix":
    pytest.skip("a shell script", allow_module_level=True)

SCRIPT = ROOT / "examples" / "backup.sh"


def nightly(office: Office, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script with a program that is found where ASSIGN says."""
    program = office.folder / "assign"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m assigncli "$@" --profile anne\n')
    program.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), str(folder)],
        env={**office.process_env(), "ASSIGN": str(program), "HOME": str(office.folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_it_backs_up_says_nothing_and_keeps_the_newest_fourteen(
    office: Office, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    first = nightly(office, folder)
    assert first.returncode == 2
    assert "Code: input_needed" in first.stderr  # it was never sealed
    backed_up(office)
    for day in range(1, 21):
        (folder / f"assign-2026-10-{day:02}").write_bytes(b"old")
    (folder / "notes").write_bytes(b"not a backup")
    done = nightly(office, folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    kept = sorted(path.name for path in folder.iterdir())
    assert kept[:13] == [f"assign-2026-10-{day:02}" for day in range(8, 21)]
    assert len(kept) == 15
    office.ok(f"store check {folder / kept[13]}")
    again = nightly(office, folder)
    assert again.returncode == 2
    assert "Code: backup_exists" in again.stderr


def test_the_readme_speaks_of_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "`examples/backup.sh`" in readme
