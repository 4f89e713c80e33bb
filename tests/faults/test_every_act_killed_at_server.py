"""Every act that a command sends, with the server or the client killed at each step of it.

The client has sent the act and gets no answer. The server is started again, and the member's next
command says what became of it, which is true; the same command again ends what is not done, and
nothing is done twice. Before the commit nothing may have happened, after it everything.
"""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.forked_server import STEPS, Forked, forked
from tests.killed_acts import (
    ACTS,
    DONE,
    NOTHING,
    Act,
    carried_out,
    filled,
    outcome,
    prepared,
    require_ended,
    require_said,
)
from tests.office import Office
from tests.processes import Command, killed_when

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

pytestmark = pytest.mark.slow

UNDONE = STEPS[: STEPS.index("committed")]
EXAMINED = ("before the commit", "committed")
"""Where shares and rows may part: there sweep, `audit verify` and the vault are looked at too."""


@pytest.mark.parametrize("name", ACTS)
def test_a_server_killed_at_each_step_of_an_act_has_done_it_whole_or_not_at_all(
    office: Office, tmp_path: Path, name: str
) -> None:
    office.now = datetime.now(UTC)
    act = ACTS[name]
    line = prepared(office, act)
    alone = done_alone(office, tmp_path, act, line)
    for step in STEPS:
        left = office.copy_to(tmp_path / step.replace(" ", "-"))
        killed(left, act, line, step)
        is_done = carried_out(left, act) > carried_out(office, act)
        assert is_done is (step not in UNDONE), step
        with forked(left) as served:
            assert require_said(left, act, is_done=is_done) == ("done" if is_done else "nothing")
            require_once(left, act, line, alone, is_done=is_done)
            said = left.ok(act.next, profile=act.profile).stderr
            assert not any(each in said for each in (DONE, NOTHING))
            assert os.WEXITSTATUS(served.stop()) == 0
        if step in EXAMINED:
            require_ended(left, act, filled(line, left), alone)


@pytest.mark.parametrize("name", ACTS)
def test_a_client_killed_between_sending_and_answer_finds_its_act_done(
    office: Office, tmp_path: Path, name: str
) -> None:
    office.now = datetime.now(UTC)
    act = ACTS[name]
    line = prepared(office, act)
    alone = done_alone(office, tmp_path, act, line)
    with forked(
        office, "before the commit", signal.SIGSTOP, number_of_act=act.acts_before + 1
    ) as served:
        command = Command(filled(line, office), act.profile)
        killed_when(office, command, served.until_it_stands_still)
        os.kill(served.pid, signal.SIGCONT)
        assert require_said(office, act, is_done=True) == "done"
        require_once(office, act, line, alone, is_done=True)
        assert os.WEXITSTATUS(served.stop()) == 0


def done_alone(office: Office, folder: Path, act: Act, line: str) -> Office:
    """Return a copy of the office in which a server carried the act out undisturbed."""
    alone = office.copy_to(folder / "alone")
    with forked(alone) as served:
        assert alone.run(filled(line, alone), profile=act.profile).code == act.code
        alone.ok(act.next, profile=act.profile)
        assert os.WEXITSTATUS(served.stop()) == 0
    return alone


def killed(left: Office, act: Act, line: str, step: str) -> None:
    """Run the command at a server that is killed at this step of it."""
    served: Forked
    with forked(left, step, number_of_act=act.acts_before + 1) as served:
        lost = left.run(filled(line, left), profile=act.profile)
        assert os.WTERMSIG(served.status()) == signal.SIGKILL, (step, lost.said)
    assert (lost.code, lost.error_code) == (1, "store_outcome_unknown"), (step, lost.said)


def require_once(left: Office, act: Act, line: str, alone: Office, *, is_done: bool) -> None:
    """Assert that the same command, where it may be tried, leaves the act done, and once."""
    if not is_done or act.again is not None:
        again = left.run(filled(line, left), profile=act.profile)
        ended = again.code, again.error_code
        assert (ended == act.again) if is_done else (again.code == act.code), again.said
    assert outcome(left, act) == outcome(alone, act)
