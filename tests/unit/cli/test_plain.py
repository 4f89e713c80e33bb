"""No data can steer a terminal, reorder a line or fake one."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assigncli.cli.output.plain import escaped, lines, one_line
from tests.quick import all_in_one

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@all_in_one(
    ("given_text", "shown"),
    [
        ("Hjemmebesøk – Oslo øst", "Hjemmebesøk – Oslo øst"),
        ("a\x1b[31mb", "a<U+001B>[31mb"),
        ("a\tb", "a b"),
        ("a\x9bb\x7f", "a<U+009B>b<U+007F>"),
        ("a\u202eb\u2066c", "a<U+202E>b<U+2066>c"),
        ("a\u2028b", "a<U+2028>b"),
        ("a\udcffb", "a<U+DCFF>b"),
        ("a\U000e0041b", "ab"),
    ],
)
def test_what_is_shown(given_text: str, shown: str) -> None:
    assert lines(given_text) == [shown]


def test_only_real_line_ends_end_a_line() -> None:
    assert lines("a\r\nb\rc\nd\x0be\x85f") == ["a", "b", "c", "d<U+000B>e<U+0085>f"]
    assert one_line("a\r\nb\rc\nd") == "a b c d"


@given(ANY_TEXT)
def test_nothing_unsafe_is_left(text: str) -> None:
    shown = "".join(lines(text))
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(each) for each in shown} & {
        "LRE",
        "RLE",
        "PDF",
        "LRO",
        "RLO",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    }


@given(ANY_TEXT)
def test_json_is_safe_and_says_the_same(text: str) -> None:
    document = escaped(json.dumps({"title": text}, ensure_ascii=False))
    assert json.loads(document) == {"title": text}
    assert not {unicodedata.category(each) for each in document} & {"Cc", "Cs", "Zl", "Zp"}
