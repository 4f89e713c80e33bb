"""The errors are those of PROTOCOL.md section 8.2, each with a sentence and what to do."""

from __future__ import annotations

import inspect
import re

import pytest

from assigncli.errors import AssignError, Tampered
from assigncli.protocol.canonical import Malformed
from assigncli.trust import tampering
from assigncli.words.errors import said
from tests.unit.protocol.test_acts import PAGE

OF_THE_PROJECTION = {"row_differs_from_log"}
"""Codes of who compares rows with what the log makes of them."""

OF_THE_KEYS = {"organization_key_altered"}
"""The code of a key of the organization that was not sealed by who may, or for this reader."""


def faults() -> dict[str, AssignError]:
    found = inspect.getmembers(tampering, inspect.isfunction)
    return {
        name: each()
        for name, each in found
        if each.__module__ == tampering.__name__ and not inspect.signature(each).parameters
    }


def test_the_codes_are_those_of_the_page() -> None:
    section = PAGE.split("### 8.2 ")[1].split("### 8.3")[0]
    assert set(faults()) | OF_THE_PROJECTION | OF_THE_KEYS == set(
        re.findall("`([a-z_]+)`", section)
    )
    for name, error in faults().items():
        assert error.code == name
        assert isinstance(error, Tampered)
        assert said(error)[0]
        assert said(error)[1]


def test_the_first_failure_is_the_one_that_is_told() -> None:
    tampering.require(True, tampering.head_invalid)
    with pytest.raises(Tampered) as error:
        tampering.require(False, tampering.head_invalid)
    assert error.value.code == "head_invalid"
    with pytest.raises(Tampered) as error, tampering.read_or(tampering.answer_malformed):
        raise Malformed("where")
    assert error.value.code == "answer_malformed"
    assert "where" not in f"{error.value} {error.value.facts} {said(error.value)}"
