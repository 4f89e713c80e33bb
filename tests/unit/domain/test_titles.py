"""Rule `title_no_pii` on the lists of `tests/titles`: what is caught, and what must not be."""

from __future__ import annotations

from datetime import date

import pytest

from assigncli.domain.own import own_kinds_in
from assigncli.domain.shapes import ShapeKind, kinds_in
from tests.quick import all_in_one
from tests.titles.own import PAYLOADS
from tests.titles.rates import TODAY, measured

MISSED = {"Karl Johan"}
"""A street by its name without what it is: nothing tells it from any other two words."""
RATES = {kind: (tried, missed) for kind, tried, missed in measured()}


@all_in_one("kind", RATES)
def test_title_no_pii_finds_what_is_held_and_refuses_nothing_harmless(kind: str) -> None:
    tried, missed = RATES[kind]
    assert tried > 6
    assert set(missed) <= MISSED


def test_there_are_texts_enough_to_tell() -> None:
    harmless = sum(tried for kind, (tried, _missed) in RATES.items() if "harmless" in kind)
    held = sum(tried for tried, _missed in RATES.values()) - harmless
    assert held >= 400
    assert harmless >= 200


@pytest.mark.parametrize("text", ["Besøk hos Bo", "Li", "BO", "besøk hos li", "Bos time", "Bo-Li"])
def test_title_no_pii_finds_names_of_two_letters(text: str) -> None:
    assert ShapeKind.NAME in own_kinds_in(text, PAYLOADS["bo"], today=TODAY)


@pytest.mark.parametrize("text", ["Bolig", "Lihjelp", "bo alene", "Abo", "B. Olsen", "kl 12 li"])
def test_names_of_two_letters_are_whole_words(text: str) -> None:
    assert own_kinds_in(text, PAYLOADS["bo"], today=TODAY) == ()


def test_a_name_is_looked_for_in_other_words_only_where_it_is_long() -> None:
    payload = PAYLOADS["sofie"]
    assert own_kinds_in("fjellheimturen", payload, today=TODAY) == (ShapeKind.NAME,)
    assert own_kinds_in("filosofien", payload, today=TODAY) == ()


def test_case_numbers_and_lists_of_numbers_are_no_ids_and_no_phones() -> None:
    for text in ("2026/1234", "2026/123456", "uke 22, 24, 26, 28", "3.12.2026 14:30"):
        assert kinds_in(text, today=TODAY) == ()
    assert kinds_in("22, 33, 44, 55", today=TODAY) == (ShapeKind.PHONE,)


def test_born_makes_any_date_a_birth_date() -> None:
    today = date(2026, 11, 25)
    assert kinds_in("12.12.2026", today=today) == ()
    assert kinds_in("født 12.12.2026", today=today) == (ShapeKind.BIRTH_DATE,)
    assert kinds_in("født blind", today=today) == ()
