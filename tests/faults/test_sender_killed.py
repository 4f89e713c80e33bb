"""A sender that is killed at any step: one reminder queued ever, and never two sent by themselves.

No order of steps is exactly-once over SMTP. What holds: a message that surely did not leave is sent
later, and one of which nobody can know is shown as unknown, whether it arrived or not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acts import sent
from tests.mail import SmtpServer, wait_until
from tests.must_hold import require_whole
from tests.office import Office
from tests.refusals import rows
from tests.told import KARI, attention, let_all_through, outbox, reach

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

from tests.points import STEPS
from tests.processes import PATIENCE, Command, at_once, killed_at, killed_when

pytestmark = pytest.mark.slow  # processes of their own, started and killed

SWEEP = Command("sweep")
OLA = "kasse-ola@example.org"
LATER = ("sent", 1)
LOST = ("unknown", 0)
ARRIVED = ("unknown", 1)
ENDS = {
    "before it is queued": LATER,
    "queued, not committed": LATER,
    "before the mark": LATER,
    "marked, not committed": LATER,
    "before the connection": LOST,
    "before the text": LOST,
    "accepted": ARRIVED,
    "before the result": ARRIVED,
    "result not committed": ARRIVED,
    "after the result": LATER,
}
"""What becomes of the message in the end, and how many of it arrived."""


@pytest.fixture(scope="module")
def dispatched(
    founded: Office, mail_server: SmtpServer, tmp_path_factory: pytest.TempPathFactory
) -> Office:
    """An office that is never quiet, with an assignment of which kari has been told long ago."""
    office = let_all_through(founded.copy_to(tmp_path_factory.mktemp("dispatched")))
    office.dispatch()
    office.ok("sweep")
    reach(office, "kari", mail_server.address(KARI))
    reach(office, "ola", mail_server.address(OLA))
    return office


@pytest.fixture
def due(dispatched: Office, tmp_path: Path) -> Office:
    """An office where a reminder is due."""
    office = dispatched.copy_to(tmp_path / "office")
    office.later(days=10)
    return office


def sweeps(office: Office) -> Iterator[str]:
    """Sweep at once, after the time for which a sender is believed to be at work, and later."""
    for minutes in (0, 16, 60 * 24):
        office.later(minutes=minutes)
        yield office.run("sweep").stdout


def reminders(office: Office) -> tuple[int, int, int]:
    """Return how often a reminder was queued, recorded on the assignment, and in the audit log."""
    ((queued,),) = rows(office, "SELECT count(*) FROM notifications WHERE kind = 'reminder'")
    ((kept,),) = rows(office, "SELECT count(reminder_sent_at) FROM assignments")
    query = "SELECT count(*) FROM audit_log WHERE action = 'assignment.reminded'"
    ((recorded,),) = rows(office, query)
    return queued, kept, recorded


def test_every_step_has_an_end() -> None:
    assert list(ENDS) == list(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_a_sweep_killed_around_its_reminder(due: Office, server: SmtpServer, step: str) -> None:
    killed_at(due, SWEEP, step)
    begun = len(server.messages)
    assert begun == (STEPS_WITH_TEXT.count(step))
    said = "".join(sweeps(due))
    status, arrived = ENDS[step]
    assert outbox(due, 1)["reminder", "kari"] == status
    assert [mail.recipients for mail in server.messages] == [[KARI]] * arrived
    assert reminders(due) == (1, 1, 1)
    assert said.count("Nobody knows whether the notification to Kari Nordmann arrived.") == (
        status == "unknown"
    )
    assert ("notification_unknown" in attention(due)[1]) == (status == "unknown")
    require_whole(due)


STEPS_WITH_TEXT = ("accepted", "before the result", "result not committed", "after the result")
"""Those at which the server has the message."""


def test_while_somebody_may_be_sending_nobody_else_does(due: Office, server: SmtpServer) -> None:
    killed_at(due, SWEEP, "before the text")
    for minutes in (0, 10, 5):
        due.later(minutes=minutes)
        assert due.ok("sweep").stdout == ""
        assert outbox(due, 1)["reminder", "kari"] == "sending"
    due.later(seconds=1)
    assert due.run("sweep").stdout.endswith(" Code: notification_unknown.\n")
    assert server.messages == []


def test_on_purpose_an_unknown_one_is_sent_again(due: Office, server: SmtpServer) -> None:
    killed_at(due, SWEEP, "accepted")
    list(sweeps(due))
    due.ok("sweep --retry 1")
    assert [mail.recipients for mail in server.messages] == [[KARI]] * 2
    assert outbox(due, 1)["reminder", "kari"] == "sent"
    assert reminders(due) == (1, 1, 1)


def test_killed_while_the_server_makes_up_its_mind(due: Office, server: SmtpServer) -> None:
    server.silent_after_data = True
    killed_when(due, SWEEP, lambda: wait_until(lambda: server.messages, PATIENCE))
    server.silent_after_data = False
    list(sweeps(due))
    assert len(server.messages) == 1
    assert outbox(due, 1)["reminder", "kari"] == "unknown"
    assert "notification_unknown" in attention(due)[1]


@pytest.mark.parametrize("step", ["before the connection", "accepted"])
def test_a_dispatch_killed_around_its_message(due: Office, server: SmtpServer, step: str) -> None:
    """The dispatch stands whatever becomes of the news of it."""
    number = due.create(to="ola")
    killed_at(due, Command(f"dispatch {number}"), step)
    list(sweeps(due))
    status, arrived = ENDS[step]
    assert outbox(due, number) == {("dispatched", "ola"): status}
    assert [mail.recipients for mail in server.messages].count([OLA]) == arrived
    due.read(number, profile="ola")
    require_whole(due)


def test_two_sweeps_at_once_send_each_message_once(due: Office, server: SmtpServer) -> None:
    numbers = sent(due, 200, to="ola")
    results = at_once(due, SWEEP, SWEEP)
    assert [result.code for result in results] == [0, 0], results
    lines = "".join(result.stdout for result in results).splitlines()
    told = [f"Ola Dunk is notified about assignment {number}." for number in numbers]
    assert sorted(line for line in lines if line.startswith("Ola ")) == sorted(told)
    subjects = [m.message["Subject"] for m in server.messages if m.recipients == [OLA]]
    assert sorted(subjects) == sorted(f"Assignment {number}" for number in numbers)
    assert reminders(due) == (1, 1, 1)
    assert due.ok("sweep").stdout == ""
