"""Characters that cannot be seen: texts of them alone, and those that turn or hide a text."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import cache

import pytest

from assigncli.domain.characters import IGNORABLE, as_shown, has_formatting, is_blank
from assigncli.domain.member_names import require_handle, require_name
from assigncli.domain.payload import Payload
from assigncli.domain.personal_data import require_note, require_reference_length, require_title
from assigncli.errors import InvalidInput
from assigncli.words.errors import said
from tests.quick import all_in_one

SHOWN = ["a", "Å", "9", "?", "€", "½", "ج", "中", "한", "🧑\u200d🦯", "Ａ", "⠁", "ᄀ"]
PERSON = {
    "full_name": "Olga Prøvesen",
    "address": "Prøveveien 12",
    "postal_code": "0581",
    "city": "Oslo",
    "phone": "22334455",
    "medical_summary": "Syn",
}


@cache
def everything() -> list[str]:
    """Every character; made when a test asks, for each worker imports this file."""
    return [chr(code) for code in range(sys.maxunicode + 1)]


@cache
def by_category() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in everything():
        found.setdefault(unicodedata.category(each), []).append(each)
    return found


@cache
def unseen() -> list[str]:
    of = by_category()
    marks = [*of["Zs"], *of["Mn"], *of["Me"], *of["Cf"]]
    return [*IGNORABLE, *marks, "\u2800", *of["Co"][:50], *of["Cn"][:50]]


def named(name: str) -> None:
    Payload.from_fields({**PERSON, "full_name": name})


REFUSALS: list[tuple[Callable[[str], object], str]] = [
    (require_title, "title_invalid"),
    (require_reference_length, "subject_reference_invalid"),
    (require_name, "name_invalid"),
    (require_handle, "handle_invalid"),
    (named, "payload_field_invalid"),
]


def code_of(require: Callable[[str], object], text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        require(text)
    assert text.strip() not in " ".join(said(caught.value))
    return caught.value.code


def test_no_character_that_cannot_be_seen_is_something_to_see() -> None:
    assert [ascii(c) for c in unseen() if not is_blank(c * 3)] == []
    assert is_blank("".join(unseen()))
    assert is_blank("")
    assert [text for text in SHOWN if is_blank(f"\u200b{text}\u3164")] == []


def test_every_control_and_format_character_is_one() -> None:
    formatting = [c for name in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in by_category()[name]]
    assert [ascii(c) for c in formatting if not has_formatting(f"Be{c}søk")] == []
    others = [c for c in everything() if unicodedata.category(c)[0] in "LNPS"]
    assert not has_formatting("".join(others))


def test_the_list_of_ignorable_characters_is_unicodes() -> None:
    """Python knows neither the property nor its count: 4174 in Unicode 14 to 16."""
    assert len(IGNORABLE) == 4174
    assert {"\u00ad", "\u200b", "\u115f", "\u2060", "\u3164", "\ufe0f", "\U000e0041"} <= IGNORABLE


@pytest.mark.parametrize(
    "text", ["🧑\u200d🦯", "👩🏽\u200d🦯", "❤️\u200d🩹", "ब\u200dा", "می\u200cخواهم"]
)
def test_joiners_may_stand_where_they_join(text: str) -> None:
    assert not has_formatting(text)
    require_title(f"Besøk {text}")


@pytest.mark.parametrize(
    "text", ["a\u200db", "\u200da", "a\u200d", "1\u200c2", "🧑\u200d", "я\u200dя"]
)
def test_joiners_may_not_hide_between_other_letters(text: str) -> None:
    assert has_formatting(text)


@all_in_one(("require", "code"), REFUSALS)
@all_in_one(
    "text",
    [
        *("\u200b", "\u3164", "\u00ad", "\u2800", "\u115f", "\u2060", "\ufe0f", "\U000e0041"),
        *("\u0301", "\u200b\u3164 \u2800", "\u180b\u034f", "\uffa0", "\ue000", "\u17b4"),
    ],
)
def test_a_text_in_which_nothing_can_be_seen_is_refused(
    require: Callable[[str], object], code: str, text: str
) -> None:
    assert code_of(require, text) == code


@pytest.mark.parametrize(("require", "code"), [*REFUSALS, (require_note, "note_invalid")])
def test_a_text_with_a_format_character_is_refused(
    require: Callable[[str], object], code: str
) -> None:
    for character in by_category()["Cf"]:
        assert code_of(require, f"Be{character}s") == code, ascii(character)


def test_what_is_refused_is_said_and_not_repeated() -> None:
    with pytest.raises(InvalidInput) as blank:
        require_title("\u3164")
    assert "nothing in it that can be seen" in said(blank.value)[0]
    with pytest.raises(InvalidInput) as unseen:
        require_title("Visit\u202e")
    assert "control or format character" in said(unseen.value)[0]
    with pytest.raises(InvalidInput) as caught:
        named("Olga\u202e")
    assert "format character" in said(caught.value)[1]
    assert said(caught.value)[0] == "Name is not valid."
    assert "Olga" not in " ".join(said(caught.value))


def test_long_texts_pasted_from_elsewhere_may_have_format_characters() -> None:
    payload = Payload.from_fields({**PERSON, "medical_summary": "Makula\u00addegenerasjon\u200e"})
    assert payload.medical_summary == "Makula\u00addegenerasjon\u200e"
    with pytest.raises(InvalidInput):
        Payload.from_fields({**PERSON, "medical_summary": "\u200b\u3164"})


def test_a_brief_sealed_before_stays_readable() -> None:
    old = Payload(**{**PERSON, "full_name": "Olga\u202e"})
    assert Payload.from_bytes(old.to_bytes()) == old


def test_look_alikes_are_read_as_latin_letters() -> None:
    assert as_shown("Оlgа Ѕtоrgаtа") == "Olga Storgata"
    assert as_shown("Οlga") == "Olga"
    assert as_shown("ᴏʟɢᴀ").casefold() == "olga"
    assert as_shown("Prφvesen") == "Prøvesen"
    assert as_shown("Åse Østbø") == "Åse Østbø"
