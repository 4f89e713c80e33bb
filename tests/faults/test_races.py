"""Two people acting at the same moment: never both win, nobody is told anything but the rule.

Each race is run a few hundred times between two processes, and a few times between two real
commands; afterwards the whole store must agree with itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable

import pytest

from assigncli.domain.rules import Rule
from tests.acts import drafts, make, sent
from tests.must_hold import require_whole, sequence_numbers
from tests.office import ROOT, Office
from tests.processes import Command, Contender, Outcome, race, started_at_once
from tests.refusals import rows

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("fork and signals are POSIX only", allow_module_level=True)

STEP = str(Rule.VALID_STATUS_TRANSITION)
READ = str(Rule.RECALL_ONLY_BEFORE_READ)

ROUNDS = 200


def require_one_winner(rounds: Iterable[tuple[Outcome, ...]], *codes: str) -> None:
    """Assert that each round had one winner, and that the loser was told of a rule."""
    for outcomes in rounds:
        losers = [outcome for outcome in outcomes if not outcome.won]
        assert len(losers) == len(outcomes) - 1, outcomes
        assert all(loser.kind == "RuleRefused" for loser in losers), outcomes
        assert all(loser.code in codes for loser in losers), outcomes


def require_all_won(rounds: Iterable[tuple[Outcome, ...]]) -> None:
    for outcomes in rounds:
        assert all(outcome.won for outcome in outcomes), outcomes


def test_recall_against_open(office: Office) -> None:
    numbers = sent(office, 300)
    outcomes = race(
        office, Contender("anne", "recall", numbers), Contender("kari", "open", numbers)
    )
    require_one_winner(outcomes, STEP, READ)
    assert {recalled.code for recalled, _ in outcomes} <= {"", READ}
    assert {opened.code for _, opened in outcomes} <= {"", STEP}
    require_whole(office)
    (read,) = rows(office, "SELECT count(*) FROM assignments WHERE first_read_at IS NOT NULL")[0]
    (gone,) = rows(office, "SELECT count(*) FROM assignments WHERE recalled_at IS NOT NULL")[0]
    assert (read, gone) == (
        sum(opened.won for _, opened in outcomes),
        sum(recalled.won for recalled, _ in outcomes),
    )


def test_two_dispatches_to_one_mentor(office: Office) -> None:
    numbers = drafts(office, 2 * ROUNDS)
    outcomes = race(
        office,
        Contender("anne", "dispatch", numbers[:ROUNDS]),
        Contender("anne", "dispatch", numbers[ROUNDS:]),
    )
    require_all_won(outcomes)
    require_whole(office)
    assert sequence_numbers(office) == list(range(1, 2 * ROUNDS + 1))


def test_two_dispatches_of_one_draft(office: Office) -> None:
    numbers = drafts(office, ROUNDS)
    contender = Contender("anne", "dispatch", numbers)
    require_one_winner(race(office, contender, contender), STEP)
    require_whole(office)
    assert sequence_numbers(office) == list(range(1, ROUNDS + 1))


def test_two_coordinators_create_and_dispatch(office: Office) -> None:
    office.ok("member invite bea --name 'Bea Dahl' --here --keys keyring --role coordinator")
    outcomes = race(
        office,
        Contender("anne", "send", ("kari",) * ROUNDS),
        Contender("bea", "send", ("kari",) * ROUNDS),
        Contender("anne", "create", ("ola",) * ROUNDS),
    )
    require_all_won(outcomes)
    require_whole(office)
    assert sequence_numbers(office) == list(range(1, 2 * ROUNDS + 1))
    ((count,),) = rows(office, "SELECT count(*) FROM assignments")
    assert count == 3 * ROUNDS


def test_two_acknowledgements_of_one_brief(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    make(office, "kari", "open", numbers)
    contender = Contender("kari", "ack", numbers)
    require_one_winner(race(office, contender, contender), STEP)
    require_whole(office)


def test_opening_the_same_on_two_machines(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    contender = Contender("kari", "open", numbers)
    require_all_won(race(office, contender, contender))
    require_whole(office)
    opened = "SELECT count(*) FROM audit_log WHERE action = 'payload_decrypted' GROUP BY subject_id"
    assert rows(office, opened) == [(2,)] * ROUNDS


def test_cancel_against_complete(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    for verb in ("open", "ack", "contact"):
        make(office, "kari", verb, numbers)
    require_one_winner(
        race(office, Contender("anne", "cancel", numbers), Contender("kari", "complete", numbers)),
        STEP,
    )
    require_whole(office)


def test_recall_comes_too_late_while_the_mentor_acknowledges(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    make(office, "kari", "open", numbers)
    outcomes = race(office, Contender("anne", "recall", numbers), Contender("kari", "ack", numbers))
    assert {(recalled.kind, recalled.code) for recalled, _ in outcomes} == {("RuleRefused", READ)}
    assert all(acknowledged.won for _, acknowledged in outcomes)
    require_whole(office)


def visited(office: Office, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the numbers of sent assignments, and their references."""
    references = tuple(f"SAK-{each}" for each in range(count))
    numbers = [office.dispatch(f"--reference {each}") for each in references]
    return tuple(map(str, numbers)), references


def test_erase_against_recall(office: Office) -> None:
    numbers, references = visited(office, 30)
    outcomes = race(
        office, Contender("anne", "recall", numbers), Contender("anne", "erase", references)
    )
    assert all(recalled.won for recalled, _ in outcomes), outcomes
    assert {erased.code for _, erased in outcomes} <= {"", "assignment_open", "changed_meanwhile"}
    require_whole(office)
    (kept,) = rows(office, "SELECT count(*) FROM archived_assignments")[0]
    assert kept == sum(erased.won for _, erased in outcomes)


def test_two_administrators_erase_the_same(office: Office) -> None:
    numbers, references = visited(office, 30)
    make(office, "anne", "recall", numbers)
    outcomes = race(
        office, Contender("anne", "erase", references), Contender("anne", "erase", references)
    )
    lost = {each.code for both in outcomes for each in both if not each.won}
    assert lost <= {"changed_meanwhile", "reference_not_found"}
    assert all(any(each.won for each in both) for both in outcomes)
    require_whole(office)
    entries = "SELECT count(*) FROM audit_log WHERE action = 'assignment.erased'"
    assert rows(office, entries) == [(30,)]


def test_erase_against_the_archive_between_real_commands(office: Office) -> None:
    numbers, _references = visited(office, 4)
    make(office, "anne", "recall", numbers)
    office.later(days=400)
    for number in range(len(numbers)):
        line = f"privacy erase --reference SAK-{number} --yes"
        erased, swept = started_at_once(office, Command(line, "anne"), Command("sweep", None))
        assert swept.code == 0, swept.stderr
        if erased.code:
            assert erased.error_code == "changed_meanwhile"
            office.ok(line)
        require_whole(office)


def test_two_settings_at_once(office: Office) -> None:
    outcomes = race(
        office, Contender("anne", "set", ("7",) * ROUNDS), Contender("anne", "set", ("8",) * ROUNDS)
    )
    require_all_won(outcomes)
    require_whole(office)
    ((count,),) = rows(office, "SELECT count(*) FROM organization_settings")
    assert count == 2 * ROUNDS
    assert office.ok("config get contact_deadline_days --json").json["value"] in ("7", "8")


def test_recall_against_open_between_real_commands(office: Office) -> None:
    for number in sent(office, 40):
        recalled, opened = started_at_once(
            office, Command(f"recall --yes {number}"), Command(f"open {number} --reveal", "kari")
        )
        assert sorted((recalled.code, opened.code)) == [0, 6]
        loser = opened if opened.code else recalled
        expected = STEP if loser is opened else READ
        assert loser.stderr.splitlines()[-1] == f"Code: {expected}"
        assert loser.stdout == ""
    require_whole(office)


def test_two_dispatches_between_real_commands(office: Office) -> None:
    rounds = 30
    numbers = drafts(office, 2 * rounds)
    for first, second in zip(numbers[:rounds], numbers[rounds:], strict=True):
        ended = started_at_once(office, Command(f"dispatch {first}"), Command(f"dispatch {second}"))
        assert [each.code for each in ended] == [0, 0]
    require_whole(office)
    assert sequence_numbers(office) == list(range(1, 2 * rounds + 1))


INTERRUPTED = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import Engine, event
from assigncli.cli import run, session
now, left = datetime.fromisoformat(sys.argv.pop(1)), int(sys.argv.pop(1))
session.utc_now = lambda: now

@event.listens_for(Engine, "before_cursor_execute")
def _count(*_facts):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGINT)
run()
"""


@pytest.mark.parametrize("statement", [2, 26, 40])
def test_ctrl_c_in_the_middle_leaves_a_whole_store(office: Office, statement: int) -> None:
    line = f"create --to kari --title 'Home visit' --payload {office.person()} --dispatch"
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            INTERRUPTED,
            office.now.isoformat(),
            str(statement),
            *office.command(line)[3:],
        ],
        env=office.process_env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    assert ended.returncode == 130, ended.stderr
    assert ended.stderr.splitlines()[-1] == "Code: interrupted"
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert rows(office, "SELECT count(*) FROM assignments") == [(0,)]
    require_whole(office)
    assert office.dispatch() == 1
    require_whole(office)
