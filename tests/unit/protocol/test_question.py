"""A question is about an act or is a read, with exactly the arguments of that."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.protocol import question as module
from assigncli.protocol.acts import ACTS, NEW_KEY, ActUnknown
from assigncli.protocol.canonical import Malformed, VersionUnknown, encode
from assigncli.protocol.forms import Shape
from assigncli.protocol.question import (
    OF_A_NEW_KEY,
    OF_ADMINISTRATORS,
    READS,
    Question,
    check_question,
)
from assigncli.protocol.seen import Seen
from tests.quick import all_in_one
from tests.unit.protocol.test_acts import example, forms, table
from tests.unit.protocol.test_statement import HASHES, MOMENTS, UUIDS, WORDS
from tests.unit.protocol.vectors import vectors

BODY = vectors("statement")["question"]["body"].encode()
ID = "7b095e8d-ab89-4eb9-8558-88a5a973b7af"
QUESTIONS = st.builds(
    Question,
    organization=UUIDS,
    service=UUIDS,
    certificate=st.none() | UUIDS,
    act=WORDS,
    about=st.none() | UUIDS,
    at=MOMENTS,
    nonce=st.binary(min_size=16, max_size=16),
    seen=st.builds(Seen, st.integers(0, 2**53 - 1), HASHES),
    arguments=st.dictionaries(WORDS, st.none() | st.booleans() | WORDS, max_size=3),
)


def made(**fields: Any) -> Question:
    return replace(Question.decode(BODY), **fields)


def test_a_vector_is_read_and_written_as_it_is() -> None:
    question = Question.decode(BODY)
    assert question.encode() == BODY
    assert question.act == "payload_decrypted"
    check_question(question, is_signed=True)


@given(QUESTIONS)
def test_what_is_written_is_read(question: Question) -> None:
    assert Question.decode(question.encode()) == question


def notation(form: Shape) -> str:
    """Return a form as the table has it; the limits of numbers and arrays are said below it."""
    others = {
        module._is_limit: "number",
        module._are_handles: "[value]",
        module._are_keys: "[hex32]",
    }
    return form if isinstance(form, str) else others[form]


def test_the_reads_are_those_of_the_page() -> None:
    said: dict[str, dict[str, str]] = {}
    for row in table("### 3.3 Reads"):
        names = re.findall("`(read[^`]+)`", row["Read"])
        said |= dict.fromkeys(names, forms(row["Arguments"].partition(";")[0]))
    ours = {
        name: {field: notation(form) for field, form in fields.items()}
        for name, fields in module._READS.items()
    }
    assert ours == said
    assert set(READS) == set(said)


def arguments(name: str) -> dict[str, Any]:
    fields = module._READS[name].items()
    return {field: example(notation(form)) for field, form in fields}


@all_in_one("name", READS)
def test_exactly_the_arguments_of_a_read(name: str) -> None:
    good = arguments(name)
    check_question(made(act=name, about=None, arguments=good), is_signed=True)
    for wrong in ({**good, "more": 1}, *({**good, key: 1.5} for key in good)):
        with pytest.raises(Malformed, match="arguments"):
            check_question(made(act=name, about=None, arguments=wrong), is_signed=True)


def test_an_assignment_is_named_by_its_id_or_by_what_was_typed() -> None:
    for number, prefix, about in (
        (412, None, None),
        (412, "412", None),
        (None, "beef", None),
        (None, None, UUID(int=1)),
    ):
        arguments = {"number": number, "prefix": prefix}
        asked = made(act="read.assignment", about=about, arguments=arguments)
        check_question(asked, is_signed=True)
    for number, prefix, about in (
        (None, None, None),
        (412, None, UUID(int=1)),
        (None, "beef", UUID(int=1)),
    ):
        arguments = {"number": number, "prefix": prefix}
        asked = made(act="read.assignment", about=about, arguments=arguments)
        with pytest.raises(Malformed, match="about"):
            check_question(asked, is_signed=True)


@pytest.mark.parametrize("limit", [0, 251, None, True, "1"])
def test_a_limit_is_1_to_250(limit: Any) -> None:
    for good in (1, 250):
        arguments = {"after": 0, "limit": good, "contact_made": False}
        check_question(made(act="read.inbox", arguments=arguments), is_signed=True)
    read = {"act": "read.inbox", "arguments": {"after": 0, "limit": limit, "contact_made": False}}
    with pytest.raises(Malformed, match="arguments"):
        check_question(made(**read), is_signed=True)


def test_members_are_read_for_up_to_250_handles() -> None:
    for handles in ([], ["kari"] * 250):
        read = {"act": "read.members", "arguments": {"handles": handles, "role": None}}
        check_question(made(**read), is_signed=True)
    read = {"act": "read.members", "arguments": {"handles": ["kari"] * 251, "role": None}}
    with pytest.raises(Malformed, match="arguments"):
        check_question(made(**read), is_signed=True)


def test_an_act_about_an_assignment_is_asked_about_without_arguments() -> None:
    for name, act in ACTS.items():
        if act.about == ("assignment",):
            check_question(made(act=name, arguments={}), is_signed=True)
            with pytest.raises(Malformed, match="arguments"):
                check_question(made(act=name, arguments={"members": [ID]}), is_signed=True)
        elif name not in {*OF_A_NEW_KEY, *OF_ADMINISTRATORS}:
            with pytest.raises(ActUnknown):
                check_question(made(act=name, arguments={}), is_signed=True)
    with pytest.raises(ActUnknown):
        check_question(made(act="read.minds"), is_signed=True)


def test_who_certifies_a_new_service_asks_without_arguments() -> None:
    assert set(OF_ADMINISTRATORS) == {"service.replaced"}
    for is_signed in (True, False):
        certificate = {} if is_signed else {"certificate": None}
        asked = made(act="service.replaced", arguments={}, **certificate)
        check_question(asked, is_signed=is_signed)
    with pytest.raises(Malformed, match="arguments"):
        check_question(made(act="service.replaced", arguments={"key": ID}), is_signed=True)


def test_a_new_key_asks_with_exactly_the_arguments_of_its_question() -> None:
    said = {"token": "ab" * 16, "signing_key": None}
    check_question(made(act="device.joined", arguments=said), is_signed=True)
    check_question(made(act="organization.founded", arguments={}), is_signed=True)
    assert set(OF_A_NEW_KEY) == {name for name, act in ACTS.items() if act.signers == (NEW_KEY,)}
    for wrong in ({}, {**said, "token": "ab"}, {**said, "signing_key": "x"}, {**said, "more": 1}):
        with pytest.raises(Malformed, match="arguments"):
            check_question(made(act="device.joined", arguments=wrong), is_signed=True)


def test_a_certificate_is_named_exactly_where_the_question_is_signed() -> None:
    check_question(made(certificate=None), is_signed=False)
    for certificate, is_signed in ((None, True), (UUID(int=1), False)):
        with pytest.raises(Malformed, match="certificate"):
            check_question(made(certificate=certificate), is_signed=is_signed)


def test_another_form_is_refused() -> None:
    with pytest.raises(VersionUnknown):
        Question.decode(encode({"v": 2}))
    for fields in ({"nonce": b""}, {"arguments": {"a": "æ"}}, {"about": UUID(int=0)}):
        with pytest.raises(Malformed):
            made(**fields).encode()
