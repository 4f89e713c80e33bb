"""Eight clients for a minute at one server, beside sweeps, exports, backups, the log verified."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime

import pytest

from assigncli.client import create
from assigncli.client.client import Client
from assigncli.client.create import Draft
from assigncli.client.lookup import look
from assigncli.domain.payload import Payload
from assigncli.lookups.about_assignments import LIST, AssignmentFilter, WantedPage
from tests.backing_up import with_passphrase
from tests.must_hold import require_whole
from tests.office import PERSON, Office
from tests.serving import reached

if os.name != "posix":
    pytest.skip("the server needs POSIX", allow_module_level=True)

pytestmark = pytest.mark.slow

SECONDS = 60
CLIENTS = 8
NEWEST = WantedPage(AssignmentFilter(), None, 1)


class Worker(threading.Thread):
    """One coordinator's device: sends, and looks whether what it sent is there."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.numbers: list[int] = []
        self.waits: list[float] = []
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            ends = time.monotonic() + SECONDS
            while time.monotonic() < ends:
                self.once()
        except BaseException as problem:
            self.problem = problem

    def once(self) -> None:
        began = time.monotonic()
        payload = Payload.from_fields(PERSON)
        sent = create.create_and_dispatch(self.client, Draft("kari", "Home visit"), payload)
        self.waits.append(time.monotonic() - began)
        self.numbers.append(sent.number)
        newest = look(self.client, LIST, NEWEST).items[0].number
        assert newest >= sent.number, "a list is older than an act before it"


def test_eight_clients_for_a_minute_meet_no_error_and_every_number_is_given_once(
    office: Office,
) -> None:
    office.now = datetime.now(UTC)
    with reached(office, more="--sweep-every 1") as served:
        workers = [Worker(served.person("anne")) for _number in range(CLIENTS)]
        for each in workers:
            each.start()
        beside, passphrase = 0, with_passphrase(office)
        while any(each.is_alive() for each in workers):
            office.now = datetime.now(UTC)
            figures = office.folder / "figures.csv"
            office.ok(f"honorarium report --output {figures} --force")
            assert "is whole" in office.ok("audit verify").stdout
            beside += 1
            backup = f"store backup {office.folder}/{beside} --store {office.store} {passphrase}"
            office.ok(backup, profile=None)
        assert [each.problem for each in workers] == [None] * CLIENTS
        assert served.stop() == 0
        assert "Fault" not in served.output()
    numbers = sorted(number for each in workers for number in each.numbers)
    assert numbers == list(range(1, len(numbers) + 1))
    require_whole(office)
    for backup in range(1, beside + 1):
        office.ok(f"store check {office.folder}/{backup}")
    longest = max(wait for each in workers for wait in each.waits)
    done = f"{len(numbers)} sent, {beside} exports, verifications and backups"
    print(f"{done}, longest wait {longest:.2f} s")
