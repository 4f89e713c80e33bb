"""Fixtures that several tests of commands share."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.office import Office


@pytest.fixture
def machine(tmp_path: Path) -> Office:
    """A machine on which nothing was ever done: a home and a key store of its own."""
    office = Office(tmp_path / "machine")
    office.folder.mkdir(mode=0o700)
    return office


@pytest.fixture
def busy(a_busy_one: Office, tmp_path: Path) -> Office:
    """A test's own copy of the office that its module has filled."""
    return a_busy_one.copy_to(tmp_path / "busy")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files, as the commands of this test see it."""
    folder = tmp_path / "temporary"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(folder))
    return folder
