"""What personal data looks like in free text: ids, phones, addresses, birth dates, streets.

Shapes only, whoever the text is about; an assignment's own payload is `privacy`'s. It errs towards
refusing, and what the database's triggers refuse is found here too. Nothing found is kept or
quoted: only the kind. Every pattern is bounded, so time grows with length alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Final

LONGEST: Final = 2000


class Kind(StrEnum):
    """A kind of personal data; free text holds none of them."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    EMAIL = "email"
    BIRTH_DATE = "birth_date"
    STREET_ADDRESS = "street_address"
    NAME = "name"
    REFERENCE = "reference"


# [0-9], never \d: the database counts ASCII digits only, and so must the bounds here.
# `~` stands for one separator; it makes the shapes below readable as shapes.
def _shape(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9])(?:{pattern})(?![0-9])".replace("~", "[ ./-]"), flags)


_ID_CANDIDATE: Final = re.compile(
    r"(?<![0-9])(?=([0-9]{2}~?[0-9]{2}~?[0-9]{2}~{0,3}[0-9]{3}~?[0-9]{2})(?![0-9]))".replace(
        "~", "[ ./-]"
    )
)
_ID_SHAPE: Final = _shape(
    "[0-9]{6}~{0,3}[0-9]{5}|[0-9]{2}~[0-9]{2}~[0-9]{2}~{1,3}[0-9]{5}"
    "|[0-9]{6}~[0-9]{3}~[0-9]{2}|[0-9]{4}~[0-9]{2}~[0-9]{5}"
)
_PHONE: Final = _shape(
    "(?:00)?(?:47)?[2-9][0-9]{7}|[2-9][0-9](?P<s>~)[0-9]{2}(?:(?P=s)[0-9]{2}){2}|[2-9][0-9]{2}~[0-9]{2}~[0-9]{3}"
    r"|[2-9][0-9]~[0-9]{3}~[0-9]{3}|[2-9][0-9]{3} [0-9]{4}"
    r"|(?:00|\+)[1-9](?:[ .()/-]{0,2}[0-9]){6,13}"
)
_MONTH: Final = (
    r"(?P<m>jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch|s)?|apr(?:il)?|ma[iy]|jun[ei]?|jul[iy]?"
    r"|aug(?:ust)?|sep(?:t(?:ember)?)?|o[kc]t(?:ober)?|nov(?:ember)?|de[sc](?:ember)?)"
)
_MONTHS: Final = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "mai": 5,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "okt": 10,
    "oct": 10,
    "nov": 11,
    "des": 12,
    "dec": 12,
}
_YEAR: Final = "(?P<y>(?:19|20|21)[0-9][0-9]|[0-9]{2}(?![.:/-][0-9]))"
_DATES: Final = (
    _shape("(?P<y>(?:19|20|21)[0-9][0-9])~(?P<m>[0-9]{1,2})~(?P<d>[0-9]{1,2})"),
    _shape("(?P<d>[0-9]{1,2})~{1,3}(?P<m>[0-9]{1,2})~{1,3}(?P<y>(?:19|20|21)[0-9][0-9])"),
    _shape(f"(?P<d>[0-9]{{1,2}})[./-] ?(?P<m>[0-9]{{1,2}})[./-] ?{_YEAR}"),
    _shape(
        rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[ .-]{{0,3}}(?:of )?{_MONTH}[ .,-]{{0,3}}'?{_YEAR}",
        re.IGNORECASE,
    ),
    _shape(
        rf"\b{_MONTH}[ .]{{0,2}}(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[ ,]{{1,3}}(?P<y>[0-9]{{4}})",
        re.IGNORECASE,
    ),
)
_COMPACT_DATES: Final = (
    _shape("(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>(?:19|20)[0-9]{2})"),
    _shape("(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
)
LETTERS: Final = re.compile(r"[^\W\d_]+")
NUMBERS: Final = re.compile("[0-9]+")
DIGIT: Final = re.compile(r"\d")
"""Any decimal digit of any script."""
_HOUSE: Final = re.compile(
    rf"\.?,? {{0,3}}(?:nr\.? {{0,2}})?[0-9]{{1,4}}(?![0-9:]|\. ?{_MONTH})", re.IGNORECASE
)
STREETS: Final = (
    "vei",
    "veien",
    "veg",
    "vegen",
    "gate",
    "gata",
    "gaten",
    "allé",
    "alléen",
    "alleen",
    "plass",
    "plassen",
    "torg",
    "torget",
    "terrasse",
    "terrassen",
    "brygge",
    "brygga",
    "bryggen",
    "smug",
    "smuget",
    "smauet",
    "veita",
    "postboks",
)
_ENGLISH_STREETS: Final = frozenset({"street", "road", "avenue", "lane", "drive", "square"})
# Endings that many other words share: taken for a street only at the end of a name.
_PLACES: Final = (
    "alle",
    "bakken",
    "bakkane",
    "haugen",
    "hagen",
    "svingen",
    "kroken",
    "stien",
    "tunet",
    "åsen",
    "jordet",
    "toppen",
    "løkka",
    "grenda",
    "lunden",
    "kaia",
)
_ENGLISH_ADDRESS: Final = re.compile(
    r"(?<![\w.:])[0-9]{1,4}[A-Za-z]? (?:[A-ZÆØÅ]\w{0,30} ){1,3}"
    r"(?i:street|st|road|rd|avenue|ave|lane|drive|square|close|crescent)\b"
    r"|(?<![\w.:])[0-9]{1,4}[a-z]? [a-z]{3,30} (?:street|avenue|lane)\b"
)
_PHONE_DIGITS: Final = 8
_FIRST_DAY_TO_LAST: Final = range(1, 32)
_JANUARY_TO_DECEMBER: Final = range(1, 13)
_FIRST_RESTS: Final = range(4)
"""What the first check digit may leave: 0 in numbers of today, 1 to 3 as well from 2032."""
_WEIGHTS: Final = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
_MONTH_OFFSETS: Final = (0, 20, 40, 60, 65, 80)
"""Added to the month: 40 in H-numbers and NAV's synthetic ones, 20 and 60 in NAV's own ids, 65 in
the health sector's synthetic ones (Norsk helsenett), 80 in the tax administration's (Tenor)."""


def national_id(text: str) -> bool:
    """Say whether `text` holds a Norwegian national identity number, in any usual grouping.

    Fødselsnummer, D-, H- and FH-numbers and synthetic ones, with the check digits of today or those
    from 2032 (Skatteetaten, "Nytt fødselsnummer fra 2032").
    """
    return any(
        _is_national_id("".join(NUMBERS.findall(match[1])))
        for form in _forms(text)
        for match in _ID_CANDIDATE.finditer(form)
    )


def kinds_in(text: str, *, today: date) -> tuple[Kind, ...]:
    """Return the kinds of personal data that `text` is shaped like, in the order of `Kind`.

    `today` is the organisation's local day: a date more than a year before it counts as a birth
    date, a coming or recent one is fine. Two-digit years reach five years ahead at most.
    """
    found = {kind for form in _forms(text) for kind in _shapes(form, today)}
    return tuple(kind for kind in Kind if kind in found)


def _forms(text: str) -> set[str]:
    """Return `text` as stored, which is what the database sees, and as a reader would take it."""
    return {text, as_shown(text)}


def as_shown(text: str) -> str:
    """Return `text` with ASCII digits, dashes and spaces, and without what cannot be seen."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFKC", text).translate(_SHOWN)


def _shown_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me") or character in "\u115f\u1160\u3164":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\u2212":
        return "-"
    if character in "\u00b7\u2022\u2027":
        return "."
    return " " if character.isspace() or character == "\u2800" else character


class Characters(dict[int, str]):
    """A table for `str.translate`, filled as characters are met: a sheet of people has few."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        self[code] = self._change(chr(code))
        return self[code]


_SHOWN: Final = Characters(_shown_character)


def _shapes(text: str, today: date) -> Iterator[Kind]:
    if not DIGIT.search(text):  # no shape but an e-mail address does without
        if _has_email(text):
            yield Kind.EMAIL
        return
    rest, long_ago = without_dates(text, today)
    if _ID_SHAPE.search(text):
        yield Kind.NATIONAL_ID
    if _PHONE.search(rest) or _matches_phone(rest):
        yield Kind.PHONE
    if _has_email(text):
        yield Kind.EMAIL
    if long_ago:
        yield Kind.BIRTH_DATE
    if _has_street(rest):
        yield Kind.STREET_ADDRESS


def _is_national_id(digits: str) -> bool:
    first, second = (
        sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
        for weights in _WEIGHTS
    )
    if first not in _FIRST_RESTS or second:
        return False
    if digits[0] in "89":  # FH-numbers carry no date
        return True
    day, month = int(digits[:2]) % 40, int(digits[2:4])  # D-numbers add 40 to the day
    return day in _FIRST_DAY_TO_LAST and any(
        month - offset in _JANUARY_TO_DECEMBER for offset in _MONTH_OFFSETS
    )


def without_dates(text: str, today: date) -> tuple[str, bool]:
    """Return `text` with a tilde for every date, and whether one is more than a year old."""
    found = [_read_date(match, today) for shape in _COMPACT_DATES for match in shape.finditer(text)]

    def blank(match: re.Match[str]) -> str:
        day = _read_date(match, today)
        found.append(day)
        return "~" if day else match[0]

    for shape in _DATES:
        text = shape.sub(blank, text)
    this_day = (today.year, today.month, today.day)
    return text, any(day and (day.year + 1, day.month, day.day) < this_day for day in found)


def _read_date(match: re.Match[str], today: date) -> date | None:
    year, month, day = int(match["y"]), _month(match["m"]), int(match["d"])
    if len(match["y"]) == len("26"):
        first = today.year - 94  # of the hundred years that end five years ahead
        year = first + (year - first) % 100
    if month not in _JANUARY_TO_DECEMBER:  # 12/24/1990
        month, day = day, month
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else _MONTHS.get(text[:3].casefold(), 0)


def _matches_phone(text: str) -> bool:
    """Say whether the phonenumbers library finds a valid number, in forms that `_PHONE` lacks."""
    if sum(character.isdecimal() for character in text) < _PHONE_DIGITS:
        return False
    import phonenumbers  # most titles hold no digits: no need to load its metadata

    matches = phonenumbers.PhoneNumberMatcher(
        text, "NO", leniency=phonenumbers.Leniency.VALID, max_tries=LONGEST
    )
    # Shorter ones are valid too (02345), but are taken for the case numbers they mostly are.
    return any(len(str(match.number.national_number)) >= _PHONE_DIGITS for match in matches)


def _has_email(text: str) -> bool:
    sign = text.find("@", 1)
    return sign > 0 and 0 <= text.find(".", sign + 2) < len(text) - 1


def _has_street(text: str) -> bool:
    named = False  # whether the word before began with a capital
    for word in LETTERS.finditer(text):
        folded, end, capital = word[0].casefold(), word.end(), word[0][0].isupper()
        street = (
            folded.endswith(STREETS)
            or folded in _ENGLISH_STREETS
            or (capital and folded.endswith(_PLACES) and folded not in _PLACES)
            or (named and folded in ("alle", "gt", "v", "pl"))
            or (capital and folded.endswith(("gt", "v", "pl")) and text.startswith(".", end))
        )
        if street and _HOUSE.match(text, end):
            return True
        named = capital
    return _ENGLISH_ADDRESS.search(text) is not None
