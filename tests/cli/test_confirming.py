"""What cannot be taken back is told, with number, title and mentor, and asked before it is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.office import Office
from tests.quick import a_few, one_of_each
from tests.refusals import everything, refused, require_three_lines
from tests.typist import typed

ACTS = {
    "recall 1": "assign recall 1 --profile anne --yes",
    "cancel 1 --reason Moved": "assign cancel 1 --reason REASON --profile anne --yes",
    "member revoke kari": "assign member revoke kari --profile anne --yes",
    "cycle close Spring": "assign cycle close Spring --profile anne --yes",
}
TOLD = {
    "recall 1": "Assignment 1, Home visit, sent to Kari Nordmann, is to be recalled.\n",
    "cancel 1 --reason Moved": (
        "Assignment 1, Home visit, sent to Kari Nordmann, is to be cancelled.\n"
        "The mentor has not read it.\n"
    ),
    "member revoke kari": (
        "The membership of Kari Nordmann, peer mentor, is to end.\n"
        "1 open assignment with this member.\n"
    ),
    "cycle close Spring": "Cycle Spring, from 1 January 2027 to 30 June 2027, is to be closed.\n",
}


@pytest.fixture(scope="module")
def founded_ready(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = founded.copy_to(tmp_path_factory.mktemp("ready") / "office")
    office.dispatch()
    office.ok("cycle open Spring --from 1.1.2027 --to 30.6.2027")
    return office


@pytest.fixture
def ready(founded_ready: Office, tmp_path: Path) -> Office:
    return founded_ready.copy_to(tmp_path / "office")


@pytest.fixture(scope="module")
def much_is_over(founded_ready: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One where an assignment is read and one recalled, a member gone and a cycle closed."""
    ready = founded_ready.copy_to(tmp_path_factory.mktemp("over") / "office")
    ready.to_status(ready.dispatch(), "read")
    ready.ok(f"recall {ready.dispatch(to='ola')} --yes")
    ready.ok("member revoke ola --yes")
    ready.ok("cycle open Past --from 1.1.2001 --to 31.12.2001")
    ready.ok("cycle close Past --yes")
    return ready


@pytest.mark.parametrize("line", a_few(2, of=ACTS))
def test_without_a_person_and_without_yes_it_is_refused(ready: Office, line: str) -> None:
    said = refused(ready, line, "confirmation_needed", 2).stderr
    assert f"Run {ACTS[line]} if you are sure." in said
    before = everything(ready)
    said = typed(ready, f"{line} --no-input").stderr
    require_three_lines(said, "confirmation_needed")
    assert everything(ready) == before


@pytest.mark.parametrize("line", a_few(2, of=ACTS))
def test_a_no_changes_nothing(ready: Office, line: str) -> None:
    before = everything(ready)
    for answer in ("", "2", "no"):
        done = typed(ready, line, answer)
        assert (done.code, done.error_code, done.stdout) == (1, "not_confirmed", "")
        assert "You answered no. Nothing was changed." in done.stderr
    assert everything(ready) == before


@pytest.mark.parametrize("line", ACTS)
def test_a_yes_does_it_after_telling_what_goes(ready: Office, line: str) -> None:
    done = typed(ready, f"{line} --json", "1")
    assert done.code == 0
    assert done.json["message"]
    assert done.stderr.startswith(TOLD[line])
    assert "Type a number from 1 to 2, or press Enter for 2, no: " in done.stderr


@pytest.mark.parametrize("line", ACTS)
def test_yes_on_the_line_asks_nothing(ready: Office, line: str) -> None:
    assert typed(ready, f"{line} --yes").stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code", "profile"),
    a_few(
        3,
        of=one_of_each(
            [
                ("recall 99", "assignment_not_found", "anne"),
                ("recall 2", "recall_only_before_read", "anne"),
                ("recall 3", "valid_status_transition", "anne"),
                ("recall 1", "only_coordinator_can_dispatch", "kari"),
                ("cancel 99", "assignment_not_found", "anne"),
                ("cancel 3", "valid_status_transition", "anne"),
                ("cancel 1", "only_coordinator_can_dispatch", "kari"),
                ("cancel 1 --reason 'Ring 22 33 44 55'", "title_no_pii", "anne"),
                ("cancel 1 --reason ' '", "reason_missing", "anne"),
                ("complete 99", "assignment_not_found", "kari"),
                ("complete 1", "valid_status_transition", "kari"),
                ("complete 2", "not_your_assignment", "anne"),
                ("member revoke nobody", "member_not_found", "anne"),
                ("member revoke ola", "member_already_revoked", "anne"),
                ("member revoke anne", "may_not_vouch", "anne"),
                ("member revoke per", "role_missing", "kari"),
                ("cycle close 1999", "cycle_not_found", "anne"),
                ("cycle close Past", "cycle_already_closed", "anne"),
                ("cycle close Spring", "role_missing", "kari"),
            ],
            kind=lambda case: case[1],
        ),
    ),
)
def test_what_is_not_possible_is_refused_before_any_question(
    much_is_over: Office, tmp_path: Path, line: str, code: str, profile: str
) -> None:
    ready = much_is_over.copy_to(tmp_path / "office")
    before = everything(ready)
    done = typed(ready, line, profile=profile)
    assert (done.error_code, done.stdout) == (code, "")
    require_three_lines(done.stderr, code)
    assert everything(ready) == before


def test_a_draft_is_said_to_be_one(office: Office) -> None:
    office.create(title="A visit")
    told = "Draft 1, A visit, for Kari Nordmann, is to be recalled.\n"
    assert typed(office, "recall 1", "").stderr.startswith(told)
    assert typed(office, "cancel 1 --reason Moved", "").stderr.startswith(told)


def test_a_cancellation_says_whether_the_mentor_has_read_it(office: Office) -> None:
    office.to_status(office.dispatch(), "read")
    said = typed(office, "cancel 1 --reason Moved", "").stderr
    assert "\nThe mentor has read it, and a cancellation does not undo that.\n" in said


def test_a_reason_is_asked_after_the_yes_and_asked_again(office: Office) -> None:
    office.dispatch()
    done = typed(office, "cancel 1", "1", "Ring 22 33 44 55", "", "Moved away.")
    assert done.code == 0
    asked = done.stderr.split("Reason, without personal data: ")
    assert "The reason seems to hold a phone number." in asked[1]
    assert "An answer is needed." in asked[2]
    assert "22 33 44 55" not in done.said
    assert office.ok("show 1 --json").json["timeline"][-1]["reason"] == "Moved away."


def doing(office: Office, line: str, profile: str = "anne") -> Callable[[], str]:
    """Answer yes, after somebody else has run a command."""

    def answer() -> str:
        office.ok(line, profile=profile)
        return "1"

    return answer


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "meanwhile", "profile", "code"),
    a_few(
        2,
        of=one_of_each(
            [
                ("recall 1", "open 1 --reveal", "kari", "recall_only_before_read"),
                ("recall 1", "recall 1 --yes", "anne", "valid_status_transition"),
                ("cancel 1 --reason Moved", "open 1 --reveal", "kari", "changed_meanwhile"),
                ("recall 2", "edit 2 --title 'Another visit'", "anne", "changed_meanwhile"),
                ("recall 2", "edit 2 --to ola", "anne", "changed_meanwhile"),
                ("recall 2", "dispatch 2", "anne", "changed_meanwhile"),
                ("member revoke kari", "recall 1 --yes", "anne", "changed_meanwhile"),
                (
                    "member revoke kari",
                    "member revoke kari --yes",
                    "anne",
                    "member_already_revoked",
                ),
                ("cycle close Spring", "cycle close Spring --yes", "anne", "cycle_already_closed"),
            ],
            kind=lambda case: case[0].split()[0],
        ),
    ),
)
def test_what_was_changed_before_the_yes_is_left_alone(
    ready: Office, line: str, meanwhile: str, profile: str, code: str
) -> None:
    ready.create()
    other = ready.copy_to(ready.folder.parent / "other")
    other.ok(meanwhile, profile=profile)
    done = typed(ready, line, doing(ready, meanwhile, profile))
    assert (done.error_code, done.stdout) == (code, "")
    for query in ("list --json", "member list --json", "cycle list --json"):
        assert statuses(ready, query) == statuses(other, query)


def statuses(office: Office, query: str) -> list[tuple[object, ...]]:
    found = office.ok(query).json[
        {"list": "assignments", "member": "members"}.get(query.split(maxsplit=1)[0], "cycles")
    ]
    names = ("name", "handle", "number", "title", "status")
    return [tuple(each.get(name) for name in names) for each in found]


def test_a_moment_that_has_passed_while_asking_is_not_the_act_s(office: Office) -> None:
    """The dispatch was at noon; a yes an hour later is a recall an hour later."""
    from assigncli.cli import session

    office.dispatch()

    def an_hour_later() -> str:
        office.later(hours=1)
        now = office.now
        session.utc_now = lambda: now
        return "1"

    done = typed(office, "recall 1 --json", an_hour_later)
    assert done.json["at"] == "2026-11-21T12:00:00Z"
