"""Find what looks like personal data in free text: ids, phones, addresses, birth dates, streets.

Shapes only, whoever the text is about; an assignment's own payload is for `domain.own`. It errs
towards refusing, and finds everything that the database's triggers refuse. The text found is never
kept or quoted, only its kind. Every pattern is bounded, so time grows linearly with length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Final

from assigncli.domain.characters import as_shown
from assigncli.domain.shapes.dates import has_birth_date, without_dates
from assigncli.domain.shapes.mail import has_email
from assigncli.domain.shapes.numbers import NUMBERS, has_national_id, has_phone, national_id_in
from assigncli.domain.shapes.spoken import numerals, spoken_digits
from assigncli.domain.shapes.streets import has_street

LONGEST: Final = 2000
DIGIT: Final = re.compile(r"\d")
"""Any decimal digit of any script."""
_PHONE_DIGITS: Final = 8
_ID_DIGITS: Final = 11
_NAMED_ID_DIGITS: Final = 5
_DATE_DIGITS: Final = 3


class ShapeKind(StrEnum):
    """A kind of personal data; free text must not have any."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    EMAIL = "email"
    BIRTH_DATE = "birth_date"
    STREET_ADDRESS = "street_address"
    NAME = "name"
    REFERENCE = "reference"


def national_id(text: str) -> bool:
    """Say whether `text` has a Norwegian national identity number, in any usual grouping.

    Fødselsnummer, D-, H- and FH-numbers and synthetic ones, with today's check digits or those from
    2032 (Skatteetaten, "Nytt fødselsnummer fra 2032").
    """
    return any(national_id_in(form) for form in _forms(text))


def kinds_in(text: str, *, today: date) -> tuple[ShapeKind, ...]:
    """Return the kinds of personal data that `text` looks like, in the order of `ShapeKind`.

    `today` is the organisation's local day. A date more than a year before it counts as a birth
    date; a coming or recent one does not, unless the text says that somebody was born then.
    Two-digit years reach at most five years ahead.
    """
    found = {kind for form in _forms(text) for kind in _shapes(form, today)}
    return tuple(kind for kind in ShapeKind if kind in found)


def _forms(text: str) -> set[str]:
    """Return `text` as stored, which the database sees, and as a reader would see it."""
    return {text, as_shown(text)}


def _shapes(text: str, today: date) -> Iterator[ShapeKind]:
    if has_email(text):
        yield ShapeKind.EMAIL
    spoken = numerals(text)
    if spoken is not None:
        yield from _spoken_shapes(text, spoken, today)
    digits = sum(map(len, NUMBERS.findall(text)))
    if not digits:
        return
    rest, long_ago = without_dates(text, today) if digits >= _DATE_DIGITS else (text, False)
    if digits >= _NAMED_ID_DIGITS and has_national_id(text, rest):
        yield ShapeKind.NATIONAL_ID
    if digits >= _PHONE_DIGITS and has_phone(text, rest):
        yield ShapeKind.PHONE
    if long_ago or has_birth_date(text, today):
        yield ShapeKind.BIRTH_DATE
    if has_street(rest):
        yield ShapeKind.STREET_ADDRESS


def _spoken_shapes(text: str, spoken: str, today: date) -> Iterator[ShapeKind]:
    """Find dates and long numbers in `spoken`, which is `text` with its number words as digits."""
    _rest, long_ago = without_dates(spoken, today)
    if long_ago or has_birth_date(spoken, today):
        yield ShapeKind.BIRTH_DATE
    digits = set(spoken_digits(text))
    if _PHONE_DIGITS in digits:
        yield ShapeKind.PHONE
    if _ID_DIGITS in digits:
        yield ShapeKind.NATIONAL_ID
