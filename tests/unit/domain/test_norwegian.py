"""Names in Norwegian order, as CLDR has it for Bokmål.

The expected orders agree with another implementation of the same rules.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.norwegian import sort_key
from tests.quick import all_in_one

ALPHABET = list("abcdefghijklmnopqrstuvwxyzæøå")


def test_the_alphabet_ends_with_three_letters_of_its_own() -> None:
    backwards = ALPHABET[::-1]
    assert sorted(backwards, key=sort_key) == ALPHABET


@all_in_one(
    "names",
    [
        ["Ada", "Zoe", "Ærlig", "Østby", "Åse"],
        ["Berg", "Berg Anne", "Berg-Hansen", "Berga", "Bø", "Bår"],
        ["Dahl", "Dal", "Ek", "Eng", "Enok", "Eŋgas", "Eo"],
        ["Hakon", "Hz", "Håkan", "Haakon", "Håkos"],
        ["Lund", "Luz", "Lynd", "Lüng", "Lyz"],
        ["O'Neil", "Oneil", "Oz", "Ödegård", "Øverby"],
        ["Thy", "Tom", "Tæ"],
        ["Van", "Vz", "Wan"],
        ["1 Nord", "Ab"],
    ],
)
def test_names_in_order(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(backwards, key=sort_key) == names
    assert all(sort_key(first) < sort_key(second) for first, second in pairwise(names))


@all_in_one(
    ("one", "other"),
    [
        ("kari", "KARI"),
        ("Aase", "Åse"),
        ("AAGE", "åge"),
        ("Ärlig", "ærlig"),
        ("Öst", "Øst"),
        ("Müller", "Myller"),
        ("José", "Jose"),
        ("Đorđe", "Dorde"),
        ("Þór", "Thor"),
        ("O’Neil", "O'Neil"),
        ("Çelik", "celik"),
    ],
)
def test_what_counts_as_the_same(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)


@given(st.text(max_size=30))
def test_composed_or_not_any_text_has_one_place(text: str) -> None:
    composed, taken_apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert sort_key(composed) == sort_key(taken_apart)
