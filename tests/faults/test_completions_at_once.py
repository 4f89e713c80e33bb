"""Two completions at the same moment, from two processes: one is the 3rd, the other the 4th."""

from __future__ import annotations

import os

import pytest

from assigncli.domain.tiers import Tier
from assigncli.lookups.about_honorarium import LEDGER, WantedLedger
from tests.acting import acting
from tests.acts import make, sent
from tests.must_hold import require_whole
from tests.office import Office
from tests.processes import Contender, race
from tests.refusals import rows

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("fork and signals are POSIX only", allow_module_level=True)

PAIRS = 400
STEPS = ("open", "ack", "contact")


def begun(office: Office, count: int) -> tuple[str, ...]:
    """Send assignments to kari, who has made contact in each; return their numbers."""
    numbers = sent(office, count)
    for verb in STEPS:
        make(office, "kari", verb, numbers)
    return numbers


def test_two_completions_of_one_mentor(office: Office) -> None:
    """The first pair is the 3rd and the 4th, the next the 5th and the 6th, and so on."""
    numbers = begun(office, 2 + 2 * PAIRS)
    make(office, "kari", "complete", numbers[:2])
    mine, other = numbers[2::2], numbers[3::2]
    rounds = race(office, Contender("kari", "complete", mine), Contender("kari", "complete", other))
    assert all(outcome.won for outcomes in rounds for outcome in outcomes), rounds
    with acting(office, "anne") as session:
        found = session.look(LEDGER, WantedLedger("kari", None))
    done = [line for line in found.lines if line.kind == "completed"]
    assert [line.completed for line in done] == list(range(1, len(numbers) + 1))
    for place, pair in enumerate(zip(mine, other, strict=True)):
        third, fourth = done[2 + 2 * place : 4 + 2 * place]
        assert {str(third.number), str(fourth.number)} == set(pair)
    reached = {line.completed: line.reached for line in done if line.reached is not None}
    assert reached == {3: Tier.STANDARD, 15: Tier.ELEVATED}
    require_same_order(office)
    require_whole(office)


def require_same_order(office: Office) -> None:
    """Hold that ledger, status log and audit chain agree on who was first."""
    ledger, log, chain = (
        rows(office, query)
        for query in (
            "SELECT assignment_id FROM assignment_threshold_logs WHERE kind = 'completed'"
            " ORDER BY id",
            "SELECT assignment_id FROM assignment_status_logs WHERE to_status = 'completed'"
            " ORDER BY id",
            "SELECT subject_id FROM audit_log WHERE action = 'assignment.completed'"
            " ORDER BY sequence",
        )
    )
    assert ledger == log == chain
