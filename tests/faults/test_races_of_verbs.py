"""A decline, a reassignment and an attempt against what somebody else does at the same moment.

Where both may get through one after the other, the log says which came first, and each of the two
was told what is true of that order.
"""

from __future__ import annotations

import os

import pytest

from assigncli.domain.rules import Rule
from tests.acts import make, sent
from tests.must_hold import require_whole
from tests.office import Office
from tests.processes import Command, Contender, Outcome, race, started_at_once
from tests.refusals import rows

from .test_races import require_one_winner

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("fork and signals are POSIX only", allow_module_level=True)

STEP = str(Rule.VALID_STATUS_TRANSITION)
DECLINED = "assignment_declined"
ROUNDS = 40


def raced(
    office: Office, numbers: tuple[str, ...], one: tuple[str, str], other: tuple[str, str]
) -> list[tuple[Outcome, ...]]:
    """Let two members, each given with their verb, act on the same assignments at once."""
    return race(office, Contender(*one, numbers), Contender(*other, numbers))


def opened(office: Office, number: str) -> tuple[bool, bool, bool]:
    """Return whether its mentor opened it, declined it, and opened it after declining."""
    query = (
        "SELECT action FROM audit_log WHERE subject_id = (SELECT id FROM assignments"
        " WHERE number = ?) AND action IN ('assignment.declined', 'payload_decrypted')"
        " AND coalesce(details, '') NOT LIKE '%dispatcher%' ORDER BY sequence"
    )
    acts = [act for (act,) in rows(office, query, number)]
    assert len(acts) == len(set(acts))
    last = acts == ["assignment.declined", "payload_decrypted"]
    return "payload_decrypted" in acts, "assignment.declined" in acts, last


def test_decline_against_open(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    outcomes = raced(office, numbers, ("kari", "decline"), ("kari", "open"))
    for number, (declining, opening) in zip(numbers, outcomes, strict=True):
        assert declining.won, declining
        assert opening.won or (opening.kind, opening.code) == ("RuleRefused", DECLINED), opening
        assert opened(office, number) == (opening.won, True, False)
    require_whole(office)


def test_two_devices_decline_at_once(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    outcomes = raced(office, numbers, ("kari", "decline"), ("kari", "decline"))
    assert all(each.won for both in outcomes for each in both), outcomes
    query = "SELECT count(*) FROM audit_log WHERE action = 'assignment.declined'"
    assert rows(office, query) == [(ROUNDS,)]
    assert rows(office, "SELECT count(*) FROM notifications WHERE kind = 'declined'") == [(ROUNDS,)]
    require_whole(office)


def test_decline_against_contact(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    for verb in ("open", "ack"):
        make(office, "kari", verb, numbers)
    outcomes = raced(office, numbers, ("kari", "decline"), ("kari", "contact"))
    require_one_winner(outcomes, STEP, DECLINED)
    for declining, contacting in outcomes:
        assert declining.code in ("", STEP)
        assert contacting.code in ("", DECLINED)
    require_whole(office)


def test_decline_against_an_attempt(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    for verb in ("open", "ack"):
        make(office, "kari", verb, numbers)
    outcomes = raced(office, numbers, ("kari", "decline"), ("kari", "no answer"))
    assert all(declining.won for declining, _attempt in outcomes)
    assert {attempt.code for _declining, attempt in outcomes} <= {"", DECLINED}
    won = sum(attempt.won for _declining, attempt in outcomes)
    assert rows(office, "SELECT count(*) FROM contact_attempts") == [(won,)]
    require_whole(office)


def test_two_attempts_at_once_are_two(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    for verb in ("open", "ack"):
        make(office, "kari", verb, numbers)
    outcomes = raced(office, numbers, ("kari", "no answer"), ("kari", "no answer"))
    assert all(each.won for both in outcomes for each in both), outcomes
    query = "SELECT max(attempt), count(*) FROM contact_attempts GROUP BY assignment_id"
    assert rows(office, query) == [(2, 2)] * ROUNDS
    require_whole(office)


@pytest.mark.parametrize("ending", ["recall", "reassign"])
def test_decline_against_what_ends_it(office: Office, ending: str) -> None:
    numbers = sent(office, ROUNDS)
    outcomes = raced(office, numbers, ("anne", ending), ("kari", "decline"))
    for ended, declining in outcomes:
        assert ended.won, ended
        assert declining.won or (declining.kind, declining.code) == ("RuleRefused", STEP), declining
    declined = "SELECT count(*) FROM assignments WHERE declined_at IS NOT NULL"
    assert rows(office, declined) == [(sum(each.won for _ended, each in outcomes),)]
    assert office.ok("status --json").json["total"] == 0
    require_whole(office)


def test_reassign_against_open(office: Office) -> None:
    numbers = sent(office, ROUNDS)
    outcomes = raced(office, numbers, ("anne", "reassign"), ("kari", "open"))
    for number, (reassigned, opening) in zip(numbers, outcomes, strict=True):
        query = "SELECT status, first_read_at IS NOT NULL FROM assignments WHERE number = ?"
        ((status, was_read),) = rows(office, query, number)
        assert was_read == opening.won
        assert opening.code in ("", STEP), opening
        if reassigned.won:
            assert status == ("cancelled" if was_read else "recalled")
        else:
            assert (reassigned.code, status) == ("changed_meanwhile", "read"), reassigned
    moved = sum(reassigned.won for reassigned, _opening in outcomes)
    assert rows(office, "SELECT count(*) FROM assignments") == [(ROUNDS + moved,)]
    require_whole(office)


@pytest.mark.parametrize("other", ["recall", "reassign"])
def test_reassign_against_another_ending(office: Office, other: str) -> None:
    numbers = sent(office, ROUNDS)
    outcomes = raced(office, numbers, ("anne", "reassign"), ("anne", other))
    require_one_winner(outcomes, STEP)
    moved = sum(one.won or (two.won and other == "reassign") for one, two in outcomes)
    assert rows(office, "SELECT count(*) FROM assignments") == [(ROUNDS + moved,)]
    figures = office.ok("honorarium report --json").json["mentors"]
    counts = {each["handle"]: each["dispatched"] for each in figures}
    assert (counts["kari"], counts.get("ola", 0)) == (0, moved)
    require_whole(office)


def test_decline_against_open_between_real_commands(office: Office) -> None:
    for number in sent(office, 12):
        declining, opening = started_at_once(
            office,
            Command(f"decline {number} --reason ill", "kari"),
            Command(f"open {number} --reveal", "kari"),
        )
        assert declining.code == 0, declining.stderr
        assert (opening.code, opening.error_code) in ((0, ""), (6, DECLINED)), opening.stderr
        assert bool(opening.stdout) is (opening.code == 0)
        assert opened(office, number) == (opening.code == 0, True, False)
    require_whole(office)
