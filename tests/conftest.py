"""Fixtures for the whole suite. An office is founded once a worker, and copied for each test."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main
from hypothesis import settings

from tests.mail import SmtpServer, Webhook, smtp_server, webhook
from tests.office import Office, found
from tests.office_in_november import found as found_in_november
from tests.told import ANNE, KARI, let_all_through, reach, renewed

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


@pytest.fixture(scope="session")
def mail_server() -> Iterator[SmtpServer]:
    """The mail server of all tests."""
    with smtp_server() as running:
        yield running


@pytest.fixture
def server(mail_server: SmtpServer) -> SmtpServer:
    """A mail server that has received nothing yet."""
    return renewed(mail_server)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    """A webhook of a test's own."""
    with webhook() as running:
        yield running


@pytest.fixture(scope="session")
def all_let_through(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return let_all_through(founded.copy_to(tmp_path_factory.mktemp("never-quiet")))


@pytest.fixture
def awake(all_let_through: Office, tmp_path: Path) -> Office:
    """An office that sends at any hour, and writes in English."""
    return all_let_through.copy_to(tmp_path / "office")


@pytest.fixture(scope="session")
def reached(
    founded: Office, mail_server: SmtpServer, tmp_path_factory: pytest.TempPathFactory
) -> Office:
    office = founded.copy_to(tmp_path_factory.mktemp("reached"))
    reach(office, "kari", mail_server.address(KARI))
    reach(office, "anne", mail_server.address(ANNE))
    office.ok("config set notification_language en")
    return office


@pytest.fixture
def told(reached: Office, tmp_path: Path) -> Office:
    """An office where kari and anne have a mailbox, and notifications are in English."""
    return reached.copy_to(tmp_path / "office")
