"""Who may change which setting, and what they sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assigncli.client import config, office
from assigncli.errors import AssignError
from assigncli.trust.verification import Verified, verify_evidence
from tests.unit.trust.world import (
    COORDINATOR,
    FOUNDER,
    MENTOR,
    ORGANIZATION,
    ROOT,
    founded,
    question,
)

READ = "read.settings"


def answer(**kept: Any) -> Verified:
    rows = [{"name": name, "value": value} for name, value in kept.items()]
    evidence = replace(founded().answer(READ), rows={"settings": rows})
    asked = question(READ, None)
    return verify_evidence(evidence.encode(), asked, root_key=ROOT.public, reader=FOUNDER.member)


def refused(code: str, found: Verified, name: str, value: str) -> None:
    with pytest.raises(AssignError) as raised:
        config.require_changeable(found, FOUNDER.member, name, value)
    assert raised.value.code == code


def test_what_is_not_told_has_its_default_and_what_is_unknown_is_left_out() -> None:
    found = office.settings(answer(retention_days="14", nothing="1"))
    assert (found["retention_days"], found["reporting_cycles"]) == ("14", "calendar_year")
    assert "nothing" not in found


@pytest.mark.parametrize("value", [14, None, True])
def test_a_value_of_another_form_is_refused(value: object) -> None:
    refused("answer_malformed", answer(retention_days=value), "retention_days", "7")


def test_the_thresholds_stay_in_order() -> None:
    found = answer(honorarium_standard_from="5", honorarium_elevated_from="9")
    config.require_changeable(found, FOUNDER.member, "honorarium_elevated_from", "6")
    refused("thresholds_invalid", found, "honorarium_elevated_from", "5")
    refused("thresholds_invalid", found, "honorarium_standard_from", "9")


def test_a_threshold_that_is_no_number_can_be_set_right() -> None:
    found = answer(honorarium_standard_from="many")
    refused("setting_damaged", found, "retention_days", "7")
    config.require_changeable(found, FOUNDER.member, "honorarium_standard_from", "3")


@pytest.mark.parametrize("who", [COORDINATOR, MENTOR])
def test_only_an_administrator_changes_one(who: Any) -> None:
    with pytest.raises(AssignError) as raised:
        config.require_changeable(answer(), who.member, "honorarium_standard_from", "99")
    assert raised.value.code == "role_missing"


def test_what_somebody_words_is_in_no_statement() -> None:
    worded = config.changing(ORGANIZATION, "notification_sender", "The office")
    assert worded.arguments == {"name": "notification_sender", "value": None}
    assert worded.texts["value"].text == "The office"
    other = config.changing(ORGANIZATION, "retention_days", "7")
    assert (other.arguments, other.texts) == ({"name": "retention_days", "value": "7"}, {})
