"""A text fits the digest of its field and salt, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.member_names import is_handle, plain_device, require_handle, require_name
from assigncli.domain.personal_data import require_note, require_reference_length, require_title
from assigncli.errors import AssignError, InvalidInput
from assigncli.protocol.canonical import Malformed, encode
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import (
    FIELDS,
    MAX_TEXTS,
    Text,
    decode_texts,
    encode_texts,
    fits,
)
from tests.quick import all_in_one
from tests.unit.protocol.test_acts import plain, table
from tests.unit.protocol.test_canonical import TEXTS
from tests.unit.protocol.vectors import flipped, vectors

SALT = bytes(16)


def accepts(require: Callable[[str], object]) -> Callable[[str], bool]:
    def rule(text: str) -> bool:
        require(text)
        return True

    return rule


def require_whole_device(text: str) -> None:
    if plain_device(text) != text:
        raise InvalidInput("name_invalid")


RULES = {
    **dict.fromkeys(("coordinator_notes", "internal_notes", "reason"), accepts(require_note)),
    **dict.fromkeys(("display_name", "name", "value"), accepts(require_name)),
    "title": accepts(require_title),
    "subject_reference": accepts(require_reference_length),
    "handle": accepts(require_handle),
    "device": accepts(require_whole_device),
}
"""The rule that holds each field to its limit."""
GIVEN = st.dictionaries(
    st.sampled_from(sorted(FIELDS)),
    st.builds(Text, st.binary(min_size=16, max_size=16), TEXTS),
)


def test_vectors_are_what_is_made() -> None:
    for case in vectors("texts")["texts"]:
        text = Text(bytes.fromhex(case["salt"]), case["text"])
        assert text.digest().hex() == case["digest"]
    part = vectors("statement")["texts"].encode()
    assert encode_texts(decode_texts(part)) == part
    assert list(decode_texts(part)) == ["reason"]


def test_fields_and_limits_are_those_of_the_page() -> None:
    rows = table("### 1.3 Texts")
    limits = {plain(row["Field"]): int(row["N"].split(",")[0]) for row in rows}
    assert limits.keys() == FIELDS == RULES.keys()
    for field, rule in RULES.items():
        letter = "a" if field == "handle" else "\U0001f415"
        assert rule(letter * limits[field])
        with pytest.raises(AssignError):
            rule(letter * (limits[field] + 1))
    handle = re.search(r"`([^`]+)`", next(row["N"] for row in rows if "handle" in row["Field"]))
    assert handle is not None
    for text in ("kari", "k", "kari.n", "a-b_c", ".a", "a.", "", "Kari", "kåri", "a\n"):
        assert is_handle(text) == bool(re.fullmatch(handle[1], text)), text


@given(GIVEN)
def test_what_is_written_is_read(texts: dict[str, Text]) -> None:
    assert decode_texts(encode_texts(texts)) == texts
    digests = {field: text.digest() for field, text in texts.items()}
    assert fits(texts, digests)
    assert not fits({**texts, "more": Text(SALT, "")}, digests)
    for field, digest in digests.items():
        assert not any(fits(texts, {**digests, field: other}) for other in flipped(digest))
        assert not fits({key: texts[key] for key in texts if key != field}, digests)


def test_a_text_is_its_bytes_and_never_normalized() -> None:
    composed, decomposed = Text(SALT, "\u00e5"), Text(SALT, "a\u030a")
    assert composed.digest() != decomposed.digest()


def test_a_text_is_not_shown() -> None:
    assert "Kari" not in repr(Text(SALT, "Kari"))


@all_in_one("case", vectors("messages")["refused_texts"], ids=lambda c: c["what"])
def test_a_vector_to_be_refused_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        decode_texts(bytes.fromhex(case["bytes"]))


@pytest.mark.parametrize(
    "fields",
    [
        [],
        {"more": {"salt": "00" * 16, "text": "a"}},
        {"title": None},
        {"title": {"salt": "00" * 16}},
        {"title": {"salt": "00" * 15, "text": "a"}},
        {"title": {"salt": "00" * 16, "text": None}},
        {"title": {"salt": "00" * 16, "text": "a", "digest": "00" * 32}},
    ],
)
def test_another_form_is_refused(fields: Any) -> None:
    assert not Signed.form()({"body": "", "signature": "00" * 64, "texts": fields})
    with pytest.raises(Malformed):
        decode_texts(encode(fields) if isinstance(fields, dict) else b"[]")


def test_limit_of_the_part() -> None:
    room = MAX_TEXTS - len(encode_texts({"title": Text(SALT, "")}))
    part = encode_texts({"title": Text(SALT, "a" * room)})
    assert len(part) == MAX_TEXTS
    assert decode_texts(part)
    with pytest.raises(Malformed):
        encode_texts({"title": Text(SALT, "a" * (room + 1))})


def test_what_would_be_refused_is_not_written() -> None:
    for texts in (
        {"title": Text(b"short", "a")},
        {"title": Text(SALT, "\ud800")},
        {"title": Text(SALT, "a" * MAX_TEXTS)},
        {"more": Text(SALT, "a")},
    ):
        with pytest.raises(Malformed):
            encode_texts(texts)
    with pytest.raises(Malformed):
        Text(SALT, "\ud800").digest()
