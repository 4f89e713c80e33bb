"""Evidence, replies and refusals are read in one form only, and written as they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assigncli.protocol.canonical import Malformed, VersionUnknown, decode, encode
from assigncli.protocol.codes import CODES, check_code
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.forms import RecordForm
from assigncli.protocol.head import Head
from assigncli.protocol.message import MAX_ANSWER
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.reply import Reply
from assigncli.protocol.sealed_keys import Envelope, OrganizationWrap, Wrap
from assigncli.protocol.signed import Logged, Signed
from assigncli.protocol.texts import Text
from tests.quick import all_in_one
from tests.unit.protocol.test_acts import Row, examples, forms, plain, table
from tests.unit.protocol.test_canonical import TEXTS
from tests.unit.protocol.test_salted_texts import GIVEN
from tests.unit.protocol.test_statement import HASHES, MOMENTS, UUIDS, WORDS
from tests.unit.protocol.vectors import vectors

Answer = Evidence | Reply | Refusal
BODIES = st.binary(max_size=40)
SIGNATURES = st.binary(min_size=64, max_size=64)
NUMBERS = st.integers(0, 2**53 - 1)
HEADS = st.builds(Head, NUMBERS, HASHES, UUIDS, SIGNATURES)
PROOFS = st.lists(HASHES, max_size=2).map(tuple)
SIGNED = st.builds(Signed, BODIES, SIGNATURES, GIVEN)
LOGGED = st.builds(Logged, BODIES, SIGNATURES, PROOFS)
WRAPS = st.builds(Wrap, UUIDS, UUIDS, st.binary(min_size=80, max_size=80), SIGNATURES)
CELLS = st.none() | st.booleans() | NUMBERS | TEXTS
ROWS = st.dictionaries(WORDS, st.lists(st.dictionaries(WORDS, CELLS, max_size=2), max_size=2))


def few(strategy: Any, least: int = 0) -> Any:
    return st.lists(strategy, min_size=least, max_size=2).map(tuple)


EVIDENCE = st.builds(
    Evidence,
    organization=UUIDS,
    act=WORDS,
    about=st.none() | UUIDS,
    now=MOMENTS,
    zone=st.just("Europe/Oslo"),
    service=UUIDS,
    head=HEADS,
    consistency=PROOFS,
    certificates=few(SIGNED),
    entries=few(LOGGED),
    statements=few(SIGNED),
    manifests=few(SIGNED),
    envelopes=few(st.builds(Envelope, UUIDS, BODIES, few(WRAPS))),
    organization_wraps=few(
        st.builds(OrganizationWrap, UUIDS, st.sampled_from(["addresses", "imports"]), WRAPS)
    ),
    rows=ROWS,
)
REPLIES = st.builds(
    Reply,
    statement=HASHES,
    entries=few(LOGGED, 1),
    head=HEADS,
    consistency=PROOFS,
    share=st.none() | HASHES,
)
REFUSALS = st.builds(
    Refusal,
    code=WORDS,
    now=MOMENTS,
    facts=st.dictionaries(WORDS, CELLS, max_size=2),
    statement=st.none() | HASHES,
    head=st.none() | HEADS,
    entry=st.none() | NUMBERS,
    known=st.booleans(),
)

ID, HASH, SIGNATURE = UUID(int=1), bytes(32), bytes(64)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
HEAD = Head(3, HASH, ID, SIGNATURE)
PLAIN: list[Answer] = [
    Evidence(ID, "read.head", None, NOW, "Europe/Oslo", ID, HEAD, ()),
    Reply(HASH, (Logged(b"{}", SIGNATURE, ()),), HEAD, ()),
    Refusal("store_busy", NOW),
]
TABLES = {
    Evidence: ("\nEvidence:", Evidence.form()),
    Reply: ("\nReply:", Reply.form()),
    Refusal: ("\nRefusal:", Refusal.form()),
}
by_name = pytest.mark.parametrize("answer", PLAIN, ids=lambda each: type(each).__name__)


@given(EVIDENCE)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_evidence_is_read_as_it_is_written(answer: Evidence) -> None:
    assert Evidence.decode(answer.encode()) == answer


@given(REPLIES | REFUSALS)
@settings(max_examples=50)
def test_replies_and_refusals_are_read_as_they_are_written(answer: Reply | Refusal) -> None:
    assert type(answer).decode(answer.encode()) == answer


@by_name
def test_the_fields_are_those_of_the_page(answer: Answer) -> None:
    heading, form = TABLES[type(answer)]
    named = [name for row in table(heading) for name in plain(row["Field"]).split(", ")]
    assert isinstance(form, RecordForm)
    assert sorted(decode(answer.encode())) == sorted(named)


@by_name
def test_exactly_these_fields(answer: Answer) -> None:
    fields = decode(answer.encode())
    wrong = [{**fields, "more": 1}]
    wrong += [{key: fields[key] for key in fields if key != gone} for gone in fields]
    wrong += [{**fields, key: {"other": [True]}} for key in fields if key != "facts"]
    for each in wrong:
        with pytest.raises(Malformed):
            type(answer).decode(encode(each))
    with pytest.raises(VersionUnknown):
        type(answer).decode(encode({**fields, "v": 2}))
    with pytest.raises(Malformed):
        type(answer).decode(b" " * (MAX_ANSWER + 1))


KINDS: dict[str, type[Answer]] = {"evidence": Evidence, "reply": Reply, "refusal": Refusal}


@pytest.mark.parametrize("name", KINDS)
def test_vectors_are_read_and_written_as_they_are(name: str) -> None:
    body = vectors("answers")[name].encode()
    assert KINDS[name].decode(body).encode() == body


@all_in_one(
    "case", vectors("answers")["refused"], ids=lambda case: f"{case['kind']}: {case['what']}"
)
def test_a_vector_to_be_refused_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        KINDS[case["kind"]].decode(case["body"].encode())


def test_a_share_is_given_once_and_not_shown() -> None:
    reply = Reply(HASH, (Logged(b"{}", SIGNATURE, ()),), HEAD, (), share=b"\xab" * 32)
    assert "\\xab" not in repr(reply)
    with pytest.raises(Malformed, match="share"):
        replace(reply, known=True).encode()
    fields = decode(reply.encode())
    with pytest.raises(Malformed, match="share"):
        Reply.decode(encode({**fields, "known": True}))


def test_arrays_of_evidence_have_no_limit_but_the_message() -> None:
    entries = (Logged(b"{}", SIGNATURE, ()),) * 1000
    evidence = Evidence(ID, "read.log", None, NOW, "UTC", ID, HEAD, (), entries=entries)
    assert Evidence.decode(evidence.encode()) == evidence


def test_a_column_holds_no_list() -> None:
    evidence = Evidence(ID, "read.log", None, NOW, "UTC", ID, HEAD, (), rows={"a": [{"b": []}]})
    with pytest.raises(Malformed, match="rows"):
        evidence.encode()


def test_the_wraps_of_the_vectors() -> None:
    row = decode(vectors("envelope")["batch"]["bytes"].encode(), 2**21)["rows"][0]
    wraps = [Wrap.from_fields(each) for each in row["wraps"]]
    assert [each.fields() for each in wraps] == row["wraps"]
    signed = Signed.from_fields(
        {"body": row["manifest"], "signature": row["signature"], "texts": row["texts"]}
    )
    assert signed.body == vectors("envelope")["manifest"]["body"].encode()
    assert isinstance(signed.texts["title"], Text)


def codes_of(cell: str) -> list[str]:
    return re.findall("`([a-z_]+)`", cell)


def page_codes() -> Iterator[tuple[str, str, str]]:
    """Yield each code of the page with its facts and what is recorded."""
    rules: list[Row] = table("### 8.3 Of the rules")
    for row in table("### 8.1 Of the exchange"):
        for code in codes_of(row["Code"]):
            recorded = "yes" if f"`{code}` yes" in row["Recorded"] else row["Recorded"]
            yield code, row["Facts"].split(" (")[0].split("; ")[0], recorded.split("; ")[0]
    for row in rules:
        for code in codes_of(row["Code"]):
            yield code, row["Facts"], "yes"


def test_the_codes_are_those_of_the_page() -> None:
    said = list(page_codes())
    assert [code for code, _facts, _recorded in said] == list(dict.fromkeys(s[0] for s in said))
    assert {code for code, _facts, _recorded in said} == set(CODES)
    for code, facts, recorded in said:
        assert CODES[code].recorded == recorded, code
        if code == "rows_refused":
            continue
        good = examples(forms(facts))
        check_code(code, good)
        for wrong in ({**good, "more": 1}, *({**good, key: 1.5} for key in good)):
            with pytest.raises(Malformed):
                check_code(code, wrong)


def test_refused_rows_have_one_form_and_a_limit() -> None:
    row = {"place": 0, "code": "title_no_pii"}
    check_code("rows_refused", {"rows": [row] * 250})
    for rows in ([row] * 251, [{"place": 0}], [{**row, "more": 1}], None):
        with pytest.raises(Malformed):
            check_code("rows_refused", {"rows": rows})
    with pytest.raises(Malformed):
        check_code("unheard_of", {})
