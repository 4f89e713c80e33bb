"""Each type of PROTOCOL.md section 1.2: what conforms, and what only looks like it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role, Status
from assigncli.domain.tiers import Tier
from assigncli.protocol.canonical import MAX_NUMBER, Malformed
from assigncli.protocol.forms import RecordForm, conforms, listed, moment, stamp
from tests.quick import all_in_one
from tests.unit.protocol.test_statement import MOMENTS

ID = "7b095e8d-ab89-4eb9-8558-88a5a973b7af"
GOOD: dict[str, list[Any]] = {
    "id": [ID],
    "word": ["a", "assignment.created", "a" * 64],
    "value": ["0", "Europe/Oslo", "08:00-16:00", "Etc/GMT+1", "x" * 64],
    "hex16": ["00" * 16],
    "hex32": ["af" * 32],
    "hex64": ["09" * 64],
    "hex80": ["00" * 80],
    "moment": ["2026-11-24T08:15:00.000123Z", "2000-01-01T00:00:00.000000Z"],
    "day": ["2028-02-29", "9999-12-31", "2000-01-01"],
    "number": [0, 1, MAX_NUMBER],
    "bool": [True, False],
    "base64": ["", "AA==", "AAA=", "AAAA", "+/+/"],
    "role": ["coordinator", "org_admin", "peer_mentor"],
    "status": ["pending", "contact_made", "expired"],
    "tier": ["none", "standard", "elevated"],
    "id?": [None, ID],
    "nb/en": ["nb", "en"],
    "normal/urgent?": [None, "urgent"],
    "[number]": [[], [1, 1, 0], [7] * 64],
    "{role}": [[], ["coordinator", "peer_mentor"]],
    "{id}": [[], [ID]],
}
BAD: dict[str, list[Any]] = {
    "id": [ID.upper(), ID.replace("-", ""), f"{{{ID}}}", ID + "\n", "0" * 8 + ID[8:-1]],
    "word": ["", "A", "1a", "a-b", "a" * 65, "a\n", "é"],
    "value": ["", ".a", "a b", "x" * 65, 'a"', "å", "٣"],
    "hex16": ["0" * 31, "0" * 33, "0G" * 16, "AF" * 16, "0x" + "0" * 30, "٣" * 32],
    "hex32": ["00" * 31, "00" * 33],
    "moment": [
        "2026-11-24T08:15:00Z",
        "2026-11-24T08:15:00.000123+00:00",
        "2026-11-24 08:15:00.000123Z",
        "2026-11-24T24:00:00.000000Z",
        "2026-12-31T23:59:60.000000Z",
        "2026-02-29T00:00:00.000000Z",
        "1999-12-31T23:59:59.999999Z",
        "2026-11-24T08:15:00.000123Z\n",
        "2026-11-24T08:15:00,000123Z",
        "٢٠٢٦-11-24T08:15:00.000123Z",
    ],
    "day": ["2026-02-29", "2026-13-01", "1999-12-31", "20261124", "2026-W48-2", "2026-1-1"],
    "number": [-1, MAX_NUMBER + 1, True, 1.0, "1"],
    "bool": [0, 1, "true"],
    "base64": ["A", "AA", "AB==", "AAB=", "AA==\n", "AA==AA==", "-_-_", " AAA", "Å"],
    "role": ["service", "Coordinator", ""],
    "status": ["lost"],
    "tier": ["high"],
    "id?": ["", "null"],
    "nb/en": ["nb/en", "nn", None],
    "normal/urgent?": ["normal/urgent", "urgent?"],
    "[number]": [None, [None], ["1"], [7] * 65, {}, "1"],
    "{role}": [
        ["peer_mentor", "coordinator"],
        ["coordinator", "coordinator"],
        ["friend"],
        [[]],
        None,
    ],
    "{id}": [["not an id"], {ID}],
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@all_in_one("form", GOOD)
def test_what_has_the_form_conforms(form: str) -> None:
    assert [value for value in GOOD[form] if not conforms(form, value)] == []


@all_in_one("form", BAD)
def test_what_does_not(form: str) -> None:
    others = [b"", 1.5, ..., {"a": 1}]
    assert [value for value in [*BAD[form], *others] if conforms(form, value)] == []


def test_the_words_of_the_domain_are_those_of_the_forms() -> None:
    known: dict[str, set[str]] = {
        "status": {*Status},
        "tier": {*Tier},
        "role": {*Role} - {Role.SERVICE},
    }
    every = set[str]().union(*known.values(), Role, Action)
    for form, words in known.items():
        assert {each for each in every if conforms(form, each)} == words


def test_the_nil_uuid_is_no_id() -> None:
    assert not conforms("id", "00000000-0000-0000-0000-000000000000")


@all_in_one("form", ["", "?", "text", "[text]", "hex", "a/", "a/B", "[", "[]"])
def test_an_unknown_notation_is_a_mistake_in_the_program(form: str) -> None:
    with pytest.raises(ValueError, match="no form"):
        conforms(form, "a")


@given(st.sampled_from(sorted(GOOD)), ANYTHING)
def test_a_check_never_raises(form: str, value: Any) -> None:
    assert conforms(form, value) in (True, False)


@given(MOMENTS)
def test_moments_are_those_that_a_stamp_writes(at: Any) -> None:
    assert conforms("moment", stamp(at))
    assert moment(stamp(at)) == at


@given(st.binary(max_size=20))
def test_all_base64_conforms(data: bytes) -> None:
    assert conforms("base64", base64.b64encode(data).decode())


@given(st.sets(st.uuids(allow_nil=False).map(str), max_size=64))
def test_a_set_has_one_order(ids: set[str]) -> None:
    assert conforms("{id}", sorted(ids))
    assert len(ids) < 2 or not conforms("{id}", sorted(ids)[::-1])


def test_a_record_names_what_is_wrong_and_never_its_value() -> None:
    record = RecordForm({"a": "number", "b": listed("word", 2, least=1)})
    assert record({"a": 1, "b": ["x"]})
    faults: dict[str, list[Any]] = {
        "a": [{"b": ["x"]}, {"a": "secret", "b": ["x"]}],
        "b": [{"a": 1}, {"a": 1, "b": []}, {"a": 1, "b": ["x"] * 3}],
        "c": [{"a": 1, "b": ["x"], "c": 1}],
        "not an object": [None, [], "a"],
    }
    for named, values in faults.items():
        for value in values:
            with pytest.raises(Malformed, match=f"^{named}$"):
                record.require(value)
