"""A founding, an invitation or a join whose answer was lost: the same line ends what it began."""

from __future__ import annotations

import pytest

from tests.attacker import value
from tests.losing import losing, lost, notes
from tests.office import Office, Result

INIT = "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys keyring"
DONE = "An earlier act got no answer, but was carried out: "
NOTHING = "An earlier act got no answer, was not carried out and will not be: "


def without_answer(office: Office, line: str, *, request: bool = False) -> Result:
    """Run a beginning whose answer is lost, or whose request never comes."""
    with losing(request=request):
        result = office.run(line, profile=None)
    assert result.code == 130, result.said
    return result


def count(office: Office, table: str) -> object:
    return value(office, f"SELECT count(*) FROM {table}")


def test_a_founding_whose_answer_was_lost_stands_and_the_same_line_says_so(
    machine: Office,
) -> None:
    without_answer(machine, INIT)
    assert "Testforeningen is set up." in machine.ok(INIT, profile=None).stdout
    assert DONE in machine.ok("list").stderr
    assert (count(machine, "organizations"), notes(machine, "anne")) == (1, [])
    assert DONE not in machine.ok("list").stderr


def test_a_founding_that_never_came_leaves_nothing_and_is_done_by_the_same_line(
    machine: Office,
) -> None:
    without_answer(machine, INIT, request=True)
    assert not machine.store.exists()
    assert notes(machine, "anne") == []
    assert "earlier act" not in machine.ok(INIT, profile=None).said
    assert count(machine, "organizations") == 1


def test_a_join_whose_answer_was_lost_stands_and_the_same_line_says_so(
    office: Office, machine: Office
) -> None:
    line = f"join {office.invitation('dag', 'Dag Dal')} --keys keyring"
    without_answer(machine, line)
    said = machine.ok(line, profile=None)
    assert said.stdout.startswith("You have asked to join Testforeningen.\n")
    assert DONE in machine.ok("key list", profile="dag").stderr
    assert notes(machine, "dag") == []
    assert "whole" in office.ok("audit verify").stdout


def test_a_join_that_never_came_leaves_the_invitation_as_good_as_before(
    office: Office, machine: Office
) -> None:
    line = f"join {office.invitation('dag', 'Dag Dal')} --keys keyring"
    without_answer(machine, line, request=True)
    assert notes(machine, "dag") == []
    machine.ok(line, profile=None)
    assert office.ok("member show dag --json").json["status"] == "requested"


@pytest.mark.slow
@pytest.mark.parametrize(("request_lost", "said"), [(False, DONE), (True, NOTHING)])
def test_an_invitation_whose_answer_was_lost_is_made_again_for_the_same_member(
    office: Office, machine: Office, request_lost: bool, said: str
) -> None:
    line = "member invite dag --name 'Dag Dal'"
    lost(office, line, "anne", request=request_lost)
    again = office.ok(f"{line} --json")
    assert said in again.said
    assert count(office, "members WHERE handle = 'dag'") == 1
    machine.ok(f"join {again.json['invitation']} --keys keyring", profile=None)
    assert "whole" in office.ok("audit verify").stdout
