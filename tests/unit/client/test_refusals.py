"""A refusal has one meaning by its code, and names the assignment where its number is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from assigncli.client import directory
from assigncli.client.refusals import error_of, of_a_member, of_one
from assigncli.domain.rules import GUARDED, Rule
from assigncli.errors import AssignError
from assigncli.locale import speaking
from assigncli.protocol.codes import CODES
from assigncli.protocol.refusal import Refusal
from assigncli.words.errors import said
from tests.quick import all_in_one

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
NOT_LOOKED_AT: Any = None
OF_ONE = [
    Rule.VALID_STATUS_TRANSITION,
    Rule.RECALL_ONLY_BEFORE_READ,
    Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
    Rule.ENCRYPTION_KEY_EXISTS,
    Rule.CONSENT_BEFORE_PAYLOAD_ACCESS,
    Rule.EXPIRED_PAYLOAD_INACCESSIBLE,
    "not_your_assignment",
]


@all_in_one("code", OF_ONE)
@all_in_one("spoken", ["en", "nb"])
def test_the_number_is_named_where_it_is_known(code: str, spoken: str) -> None:
    refusal = Refusal(str(code), NOW)
    error = of_one(412, refusal)
    assert error is not None
    assert (error.code, error.exit_code) == (code, error_of(refusal).exit_code)
    with speaking(spoken):
        assert "412" in said(error)[0]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("member_already_revoked", "assign member list"),
        ("member_not_a_mentor", "assign member list --role peer_mentor"),
        ("certification_lapsed", "assign member certify kari."),
    ],
)
def test_the_member_is_named_whom_the_act_is_about(
    monkeypatch: pytest.MonkeyPatch, code: str, hint: str
) -> None:
    texts = {"display_name": "Kari Nordmann", "handle": "kari"}
    monkeypatch.setattr(directory, "name", lambda _found, _member, field: texts[field])
    refusal = Refusal(code, NOW)
    error = of_a_member(NOT_LOOKED_AT, uuid4(), refusal)
    assert error is not None
    assert (error.code, error.exit_code) == (code, error_of(refusal).exit_code)
    assert "Kari Nordmann" in said(error)[0]
    assert hint in said(error)[1]


def test_what_is_not_about_the_member_has_no_name() -> None:
    assert of_a_member(NOT_LOOKED_AT, uuid4(), Refusal("store_busy", NOW)) is None


def test_what_is_not_about_the_assignment_has_no_number() -> None:
    assert of_one(412, Refusal("store_busy", NOW)) is None


@all_in_one("code", sorted({*CODES, *map(str, GUARDED)}))
def test_each_code_of_a_server_is_said(code: str) -> None:
    error = error_of(Refusal(code, NOW))
    assert isinstance(error, AssignError)
    assert error.code == code
    assert all(said(error))


def test_a_code_of_a_newer_server_is_said_as_a_refusal() -> None:
    error = error_of(Refusal("not_known_here", NOW))
    assert said(error)[0] == "The server refused this."
