"""Find national ids and phone numbers: runs of digits with any separators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

LONGEST: Final = 2000
NUMBERS: Final = re.compile("[0-9]+")
_RUN: Final = re.compile(r"[0-9]+(?:[\W_]{1,3}[0-9]+)*")
_BETWEEN: Final = re.compile("[^0-9]+")
_ID: Final = 11
_PHONE: Final = 8
_SINGLES: Final = {8: "", 10: "47", 12: "0047"}
"""How many single digits make a phone number, and the prefix it then has."""
_ID_CUTS: Final = frozenset({2, 4, 6, 9})
"""The digits after which an id may be split: day, month, year, serial number, check digits."""
_UNCHECKED_IDS: Final = frozenset(
    {(11,), (6, 5), (2, 2, 2, 5), (6, 3, 2), (2, 2, 2, 3, 2), (4, 2, 5)}
)
"""Groupings that nothing else has, refused whatever the check digits. The last is an account's."""
_MOST_GROUPS: Final = 6
_AS_DIGIT: Final = re.compile(r"(?<![^\W\d_])[oOlI](?=[0-9]{2})|(?<=[0-9])[oOlI](?=[0-9])")
"""A letter that passes for a digit: 0lO19O."""
_USUAL_PHONES: Final = frozenset({(2, 2, 2, 2), (3, 2, 3)})
_SPACED_PHONES: Final = frozenset({(3, 3, 2), (4, 2, 2), (2, 2, 4), (2, 4, 2)})
_PARTED_PHONES: Final = frozenset({(3, 2, 3), (2, 3, 3)})
_SMALL_STEP: Final = 6
_NAMED_ID: Final = re.compile(
    r"(?:person|fødsels|\bpers\.? ?|\bp\.?|\bf\.?|\bd-?)(?:nummer|nr)\b"
    r"\.?\W{0,3}[0-9](?:[ .-]?[0-9]){4}",
    re.IGNORECASE,
)
_NAMED_PHONE: Final = re.compile(
    r"\b(?:tlf|tel|telefon|mobil|mob|phone|cell)(?:nr|nummer)?\b[\W_]{0,4}(?:nr\W{0,3})?"
    r"[0-9](?:[\W_]{0,2}[0-9]){7}",
    re.IGNORECASE,
)
_ABROAD: Final = re.compile(
    r"(?<![0-9])(?:00|\+)[1-9](?:[ ._,:()/-]{0,3}[0-9]){6,13}(?![0-9])"
    r"|(?<![0-9.,:-])0[1-9][0-9]{1,3}[ /-]{1,3}[0-9]{3,6}(?:[ -][0-9]{2,4}){0,2}(?![0-9.:])"
    r"|\(?(?<![0-9])[2-9][0-9]{2}\)?[ .-]{1,2}[0-9]{3}[.-][0-9]{4}(?![0-9])"
)
_WEIGHTS: Final = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
_FIRST_RESTS: Final = range(4)
"""Allowed remainders for the first check digit: 0 today, 1 to 3 as well from 2032."""
_FIRST_DAY_TO_LAST: Final = range(1, 32)
_JANUARY_TO_DECEMBER: Final = range(1, 13)
_MONTH_OFFSETS: Final = (0, 20, 40, 60, 65, 80)
"""Values added to the month of an id.

40 in H-numbers and NAV's synthetic ones, 20 and 60 in NAV's own ids, 65 in the health sector's
synthetic ones (Norsk helsenett), 80 in the tax administration's (Tenor).
"""

Window = tuple[tuple[int, ...], str, Sequence[str]]
"""The sizes of the groups, their digits, and the separators between them."""


def national_id_in(text: str) -> bool:
    """Say whether `text` has a number with an id's check digits, split where ids are split."""
    return any(
        (_cuts(sizes) <= _ID_CUTS or len(sizes) == _ID) and _is_national_id(digits)
        for sizes, digits, _between in _windows(text, _ID)
    )


def has_national_id(text: str, rest: str) -> bool:
    """Say whether `text` has an id or an account number, in any grouping.

    `rest` is `text` without dates and hours; only there are groupings accepted that no id has.
    """
    if _AS_DIGIT.search(text):
        rest = _AS_DIGIT.sub(lambda match: "0" if match[0] in "oO" else "1", text)
    return (
        any(_looks_like_id(*window) for window in _windows(text, _ID))
        or any(
            (len(sizes) <= _MOST_GROUPS or sizes.count(1) > _MOST_GROUPS)
            and _is_national_id(digits)
            for sizes, digits, _between in _windows(rest, _ID)
        )
        or _NAMED_ID.search(text) is not None
    )


def has_phone(text: str, rest: str) -> bool:
    """Say whether `text` has a phone number; `rest` is `text` without dates and hours.

    The two most usual groupings count even where a date could be read into them: the year 22 in
    "12. mars 22 33 44 55".
    """
    return (
        any(_looks_like_phone(*window) for window in _windows(rest, _PHONE))
        or any(
            sizes in _USUAL_PHONES and digits[0] not in "01" and set(between) <= {" "}
            for sizes, digits, between in _windows(text, _PHONE)
        )
        or any(_is_single_phone(run) for run in _RUN.findall(rest))
        or _ABROAD.search(rest) is not None
        or _NAMED_PHONE.search(rest) is not None
        or _matches_phone(rest)
    )


def _windows(text: str, size: int) -> Iterator[Window]:
    """Yield each series of adjacent groups that has exactly `size` digits."""
    for run in _RUN.findall(text):
        if len(run) < size:
            continue
        groups, between = NUMBERS.findall(run), _BETWEEN.findall(run)
        for first in range(len(groups)):
            digits, last = "", first
            while last < len(groups) and len(digits) < size:
                digits += groups[last]
                last += 1
            if len(digits) == size:
                sizes = tuple(map(len, groups[first:last]))
                yield sizes, digits, between[first : last - 1]


def _cuts(sizes: tuple[int, ...]) -> set[int]:
    return {sum(sizes[:place]) for place in range(1, len(sizes))}


def _looks_like_id(sizes: tuple[int, ...], digits: str, between: Sequence[str]) -> bool:
    if len(sizes) == _ID:
        return not _is_counting(digits)
    if sizes not in _UNCHECKED_IDS:
        return _cuts(sizes) <= _ID_CUTS and _is_national_id(digits)
    if any("," in mark and " " in mark for mark in between):  # a list of numbers
        return _is_national_id(digits)
    if sizes == (4, 2, 5) and digits.startswith(("19", "20")):  # a case number, by year and month
        return _weighed(_WEIGHTS[1], digits) == 0
    return True


def _looks_like_phone(sizes: tuple[int, ...], digits: str, between: Sequence[str]) -> bool:
    if digits[0] in "01":
        return False
    marks = set(between)
    if sizes == (2, 2, 2, 2):
        usual = marks <= {" ", "-", ".", ") ", ")"}
        return usual or (len(marks) == 1 and not _is_list(digits))
    if sizes in _PARTED_PHONES:
        return all(len(mark) == 1 for mark in marks) and ("," not in marks or len(marks) == 1)
    if sizes == (4, 4):
        halves = (digits[:4], digits[4:])
        return marks == {" "} or (
            marks <= {"-", ".", "_"} and not any(half.startswith(("19", "20")) for half in halves)
        )
    return sizes == (_PHONE,) or (sizes in _SPACED_PHONES and marks == {" "})


def _is_list(digits: str) -> bool:
    """Say whether the pairs rise in small steps, as weeks and rooms do: 22, 24, 26, 28."""
    pairs = [int(digits[place : place + 2]) for place in range(0, len(digits), 2)]
    return all(0 < after - before <= _SMALL_STEP for before, after in pairwise(pairs))


def _is_counting(digits: str) -> bool:
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    return steps <= {0, 1}


def _is_single_phone(run: str) -> bool:
    """Say whether `run` has a phone number in single digits, with no other single one beside it."""
    if len(run) < _PHONE:
        return False
    return any(
        len(singles) in _SINGLES
        and singles.startswith(_SINGLES[len(singles)])
        and singles[-_PHONE] not in "01"
        and not _is_counting(singles)
        for singles in _singles(NUMBERS.findall(run))
    )


def _singles(groups: Sequence[str]) -> Iterator[str]:
    run = ""
    for group in (*groups, "end"):
        if len(group) == 1:
            run += group
        else:
            yield run
            run = ""


def _is_national_id(digits: str) -> bool:
    first, second = (_weighed(weights, digits) for weights in _WEIGHTS)
    if first not in _FIRST_RESTS or second:
        return False
    if digits[0] in "89":  # FH-numbers carry no date
        return True
    day, month = int(digits[:2]) % 40, int(digits[2:4])  # D-numbers add 40 to the day
    return day in _FIRST_DAY_TO_LAST and any(
        month - offset in _JANUARY_TO_DECEMBER for offset in _MONTH_OFFSETS
    )


def _weighed(weights: tuple[int, ...], digits: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11


def _matches_phone(text: str) -> bool:
    """Say whether the phonenumbers library finds a valid number, in forms not covered above."""
    if sum(character.isdecimal() for character in text) < _PHONE:
        return False
    import phonenumbers  # most titles hold no digits: no need to load its metadata

    matches = phonenumbers.PhoneNumberMatcher(
        text, "NO", leniency=phonenumbers.Leniency.VALID, max_tries=LONGEST
    )
    # Shorter numbers are valid too (02345), but most of them are case numbers.
    return any(len(str(match.number.national_number)) >= _PHONE for match in matches)
