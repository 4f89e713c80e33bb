"""Values of options in words: what is shown can be typed, in both languages."""

from __future__ import annotations

import pytest

from assigncli.cli.output.values import canonical, shown
from assigncli.domain.lifecycle import Priority, Role, Status
from assigncli.locale import speaking

KINDS = (Status, Priority, Role)


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_for_a_value_can_be_typed(kind: type[Status], language: str) -> None:
    choices = [each.value for each in kind]
    with speaking(language):
        words = [shown(choice) for choice in choices]
    assert len(set(words)) == len(choices)
    for said in (str, str.upper, str.title):
        assert [canonical(said(word), choices) for word in words] == choices


@pytest.mark.parametrize("kind", KINDS)
def test_the_programs_own_names_stay_valid(kind: type[Status]) -> None:
    choices = [each.value for each in kind]
    assert [canonical(choice, choices) for choice in choices] == choices


def test_what_is_no_value_is_left_as_it_was_typed() -> None:
    assert canonical("Tapt ", ["pending", "dispatched"]) == "Tapt "
