"""Fixtures for the whole suite. An office is founded once a worker, and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office import Office, found


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office that others are copies of; tests leave it alone."""
    return found(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def office(founded: Office, tmp_path: Path) -> Office:
    """An office of a test's own."""
    return founded.copy_to(tmp_path / "office")
