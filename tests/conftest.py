"""Fixtures for the whole suite. An office is founded once a worker, and copied for each test."""

from __future__ import annotations

import gc
import os
import signal
from functools import cache
from pathlib import Path

import pytest
import typer.main
from hypothesis import settings

from tests.office import Office, found
from tests.office_in_november import found as found_in_november

# How long one case takes says nothing on a machine that has other work.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# As the program itself does: collecting while statements are built costs, and frees nothing.
gc.set_threshold(50_000, 20, 50)

# A process builds its command once; this one builds thousands, from the same few signatures, and to
# read those is a tenth of what a command costs.
typer.main.get_params_from_function = cache(typer.main.get_params_from_function)

# Started with SIGINT ignored, as by nohup or a script's `&`, this process and every one that a test
# starts would ignore Ctrl-C as well. The handler of Python is the usual one; children inherit none,
# but that the signal is not ignored.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_MEMORY = Path("/dev/shm")  # noqa: S108 - each run makes a private folder of its own there

# Every commit of a store waits for the disk. What the suite asks is not whether the disk keeps its
# word, so its stores are in memory where there is a file system for that.
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office that others are copies of; tests leave it alone."""
    return found(tmp_path_factory.mktemp("founded"))


@pytest.fixture(scope="session")
def november(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of the transcripts; tests leave it alone."""
    return found_in_november(tmp_path_factory.mktemp("november") / "office")


@pytest.fixture
def office(founded: Office, tmp_path: Path) -> Office:
    """An office of a test's own."""
    return founded.copy_to(tmp_path / "office")
