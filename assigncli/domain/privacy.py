"""What may not stand in a title, a reference or a note (rule `title_no_pii`).

Finds the shapes of personal data, and an assignment's own payload, in free text. It errs towards
refusing, and what the database's triggers refuse is refused here too. It never returns, keeps or
quotes what it found: only the kind. Every pattern is bounded, so time grows with length alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Final

from assigncli.domain.rules import Rule
from assigncli.errors import InvalidInput, RuleRefused
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.domain.payload import Payload

MAX_TITLE: Final = 200
MAX_REFERENCE: Final = 40
MAX_NOTE: Final = 2000


class Kind(StrEnum):
    """A kind of personal data; free text holds none of them."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    EMAIL = "email"
    BIRTH_DATE = "birth_date"
    STREET_ADDRESS = "street_address"
    NAME = "name"
    REFERENCE = "reference"


_KIND_WORDS: Final = {
    Kind.NATIONAL_ID: N_("a national identity or account number"),
    Kind.PHONE: N_("a phone number"),
    Kind.EMAIL: N_("an e-mail address"),
    Kind.BIRTH_DATE: N_("a birth date"),
    Kind.STREET_ADDRESS: N_("a street address"),
    Kind.NAME: N_("a name from the payload"),
    Kind.REFERENCE: N_("a number or reference from the payload"),
}
_CONTROL: Final = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
"""Unicode's categories Cc, Cs, Zl and Zp."""
_FIELD_WORDS: Final = {
    "title": N_("title"),
    "subject_reference": N_("subject reference"),
    "coordinator_notes": N_("coordinator notes"),
    "internal_notes": N_("internal notes"),
    "reason": N_("reason"),
}


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
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "mai": 5, "may": 5, "jun": 6, "jul": 7, "aug": 8,
    "sep": 9, "okt": 10, "oct": 10, "nov": 11, "des": 12, "dec": 12,
}
_YEAR: Final = "(?P<y>[0-9]{4}|[0-9]{2}(?![.:/-][0-9]))"
_DATES: Final = (
    _shape("(?P<y>[0-9]{4})~(?P<m>[0-9]{1,2})~(?P<d>[0-9]{1,2})"),
    _shape("(?P<d>[0-9]{1,2})~{1,3}(?P<m>[0-9]{1,2})~{1,3}(?P<y>[0-9]{4})"),
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
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_PIECES: Final = re.compile(r"[^\W_]+")
_NUMBERS: Final = re.compile("[0-9]+")
_DIGIT: Final = re.compile(r"\d")
"""Any decimal digit of any script."""
_DIGIT_GROUPS: Final = re.compile(r"[0-9](?:\W{0,3}[0-9])*")
_HOUSE: Final = re.compile(
    rf"\.?,? {{0,3}}(?:nr\.? {{0,2}})?[0-9]{{1,4}}(?![0-9:]|\. ?{_MONTH})", re.IGNORECASE
)
_STREETS: Final = (
    "vei", "veien", "veg", "vegen", "gate", "gata", "gaten", "allé", "alléen", "alleen", "plass",
    "plassen", "torg", "torget", "terrasse", "terrassen", "brygge", "brygga", "bryggen", "smug",
    "smuget", "smauet", "veita", "postboks",
)
_ENGLISH_STREETS: Final = frozenset({"street", "road", "avenue", "lane", "drive", "square"})
# Endings that many other words share: taken for a street only at the end of a name.
_PLACES: Final = (
    "alle", "bakken", "bakkane", "haugen", "hagen", "svingen", "kroken", "stien", "tunet", "åsen",
    "jordet", "toppen", "løkka", "grenda", "lunden", "kaia",
)
_ENGLISH_ADDRESS: Final = re.compile(
    r"(?<![\w.:])[0-9]{1,4}[A-Za-z]? (?:[A-ZÆØÅ]\w{0,30} ){1,3}"
    r"(?i:street|st|road|rd|avenue|ave|lane|drive|square|close|crescent)\b"
    r"|(?<![\w.:])[0-9]{1,4}[a-z]? [a-z]{3,30} (?:street|avenue|lane)\b"
)
_NO_STREET_NAME: Final = frozenset({
    "leilighet", "leil", "postboks", "boks", "etasje", "etg", "oppgang", "inngang", "flat",
    "apartment", "norge", "norway",
})
_PHONE_DIGITS: Final = 8
_REFERENCE_DIGITS: Final = 4
_DISTINCT: Final = 6
"""So many letters are looked for on their own, where fewer would be found in ordinary words."""
_FIRST_DAY_TO_LAST: Final = range(1, 32)
_JANUARY_TO_DECEMBER: Final = range(1, 13)
_FIRST_RESTS: Final = range(4)
"""What the first check digit may leave: 0 in numbers of today, 1 to 3 as well from 2032."""
_WEIGHTS: Final = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
_MONTH_OFFSETS: Final = (0, 20, 40, 60, 65, 80)
"""Added to the month: 40 in H-numbers and NAV's synthetic ones, 20 and 60 in NAV's own ids, 65 in
the health sector's synthetic ones (Norsk helsenett), 80 in the tax administration's (Tenor)."""
_PLAIN: Final = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "đ": "d", "þ": "th", "ł": "l"})
_SPELT_OUT: Final = _PLAIN | str.maketrans({"å": "aa", "ø": "oe", "ä": "ae", "ö": "oe", "ü": "ue"})


def national_id(text: str) -> bool:
    """Say whether `text` holds a Norwegian national identity number, in any usual grouping.

    Fødselsnummer, D-, H- and FH-numbers and synthetic ones, with the check digits of today or those
    from 2032 (Skatteetaten, "Nytt fødselsnummer fra 2032").
    """
    return any(
        _is_national_id("".join(_NUMBERS.findall(match[1])))
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


def own_kinds_in(text: str, payload: Payload, *, today: date) -> tuple[Kind, ...]:
    """Return the kinds of data from the assignment's own `payload` that stand in `text`.

    The city may stand there. So may this year, last year and the next, and a date that `kinds_in`
    lets pass, even where the payload has the same.
    """
    return _own_kinds(text, _Own(payload), today)


def _own_kinds(text: str, own: _Own, today: date) -> tuple[Kind, ...]:
    checks = {
        Kind.PHONE: _has_own_phone(text, own.phone),
        Kind.STREET_ADDRESS: _has_own_street(text, own.streets),
        Kind.NAME: _has_own_name(text, own.names, own.whole_name),
        Kind.REFERENCE: _has_own_reference(text, own, today),
    }
    return tuple(kind for kind, found in checks.items() if found)


def require_no_personal_data(
    texts: Mapping[str, str | None], payload: Payload | None, *, today: date
) -> None:
    """Refuse personal data in the free text columns; `texts` is by column name, None is no text.

    Raises RuleRefused `title_no_pii` for the first column that holds some, naming it and the kinds.
    """
    own = None if payload is None else _Own(payload)
    for field, text in texts.items():
        if not text:
            continue
        kinds = set(kinds_in(text, today=today))
        if own is not None:
            kinds.update(_own_kinds(text, own, today))
        if kinds:
            raise RuleRefused(
                Rule.TITLE_NO_PII,
                _("The {field} seems to hold {kinds}.").format(
                    field=_(_FIELD_WORDS[field]),
                    kinds=", ".join(_(_KIND_WORDS[kind]) for kind in Kind if kind in kinds),
                ),
                _("Take it out there; personal data belongs in the encrypted payload only."),
            )


def require_title(title: str) -> None:
    """Refuse a title that is blank, over 200 characters or not one plain line.

    Raises InvalidInput `title_invalid`.
    """
    if not title.strip() or len(title) > MAX_TITLE or _has_control(title, allowed=""):
        raise InvalidInput(
            _("The title is not one line of 1 to {limit} characters.").format(limit=MAX_TITLE),
            _("Give a short label without line breaks or control characters."),
            code="title_invalid",
        )


def require_note(note: str) -> None:
    """Refuse a note over 2000 characters, or with control characters other than line breaks.

    Raises InvalidInput `note_invalid`.
    """
    if len(note) > MAX_NOTE or _has_control(note, allowed="\n"):
        raise InvalidInput(
            _("The note is longer than {limit} characters or holds control characters.").format(
                limit=MAX_NOTE
            ),
            _("Shorten it, and type it as plain text."),
            code="note_invalid",
        )


def require_reference_length(reference: str) -> None:
    """Raise RuleRefused `subject_reference_max_length` above 40 characters.

    Raises InvalidInput `subject_reference_invalid` for control characters or line breaks.
    """
    if len(reference) > MAX_REFERENCE:
        raise RuleRefused(
            Rule.SUBJECT_REFERENCE_MAX_LENGTH,
            _("The subject reference is longer than {limit} characters.").format(
                limit=MAX_REFERENCE
            ),
            _("Use a case number or initials."),
        )
    if _has_control(reference, allowed=""):
        raise InvalidInput(
            _("The subject reference holds control characters."),
            _("Use a case number or initials, on one line."),
            code="subject_reference_invalid",
        )


def _has_control(text: str, *, allowed: str) -> bool:
    return not text.isprintable() and any(c not in allowed for c in _CONTROL.findall(text))


def _forms(text: str) -> set[str]:
    """Return `text` as stored, which is what the database sees, and as a reader would take it."""
    return {text, _shown(text)}


def _shown(text: str) -> str:
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


class _Characters(dict[int, str]):
    """A table for `str.translate`, filled as characters are met: a sheet of people has few."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        self[code] = self._change(chr(code))
        return self[code]


_SHOWN: Final = _Characters(_shown_character)


def _shapes(text: str, today: date) -> Iterator[Kind]:
    if not _DIGIT.search(text):  # no shape but an e-mail address does without
        if _has_email(text):
            yield Kind.EMAIL
        return
    rest, long_ago = _without_dates(text, today)
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


def _without_dates(text: str, today: date) -> tuple[str, bool]:
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
        text, "NO", leniency=phonenumbers.Leniency.VALID, max_tries=MAX_NOTE
    )
    # Shorter ones are valid too (02345), but are taken for the case numbers they mostly are.
    return any(len(str(match.number.national_number)) >= _PHONE_DIGITS for match in matches)


def _has_email(text: str) -> bool:
    sign = text.find("@", 1)
    return sign > 0 and 0 <= text.find(".", sign + 2) < len(text) - 1


def _has_street(text: str) -> bool:
    named = False  # whether the word before began with a capital
    for word in _LETTERS.finditer(text):
        folded, end, capital = word[0].casefold(), word.end(), word[0][0].isupper()
        street = (
            folded.endswith(_STREETS)
            or folded in _ENGLISH_STREETS
            or (capital and folded.endswith(_PLACES) and folded not in _PLACES)
            or (named and folded in ("alle", "gt", "v", "pl"))
            or (capital and folded.endswith(("gt", "v", "pl")) and text.startswith(".", end))
        )
        if street and _HOUSE.match(text, end):
            return True
        named = capital
    return _ENGLISH_ADDRESS.search(text) is not None


def _spellings(word: str) -> set[str]:
    """Return `word` without case and diacritics, with å as a and as aa, and the like."""
    folded = word.casefold()
    if folded.isascii():
        return {folded}
    return {folded.translate(table) for table in _SPELLINGS}


def _spelt(table: dict[int, str], character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character.translate(table))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_SPELLINGS: Final = tuple(_Characters(partial(_spelt, table)) for table in (_PLAIN, _SPELT_OUT))


def _words(text: str) -> set[str]:
    """Return the spellings of every word of two letters or more, hyphenated ones also in parts."""
    parts = [_LETTERS.findall(chunk) for chunk in _shown(text).split()]
    words = {word for part in parts for word in (*part, "".join(part)) if len(word) > 1}
    return {spelling for word in words for spelling in _spellings(word)}


class _Own:
    """What of one payload must not stand in free text, worked out once for all its texts."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self.phone = "".join(_NUMBERS.findall(_shown(payload.phone)))[-8:]
        self.names = _words(payload.full_name)
        self.whole_name = _run_together(payload.full_name)
        self.streets = {each for name in _street_names(payload) for each in _phrases(name)}

    def references(self, today: date) -> set[str]:
        """Return the tokens with four digits or more, save the years about now."""
        texts = (getattr(self._payload, name) for name in self._payload.__dataclass_fields__)
        years = {str(today.year + step) for step in (-1, 0, 1)} - {self._payload.postal_code}
        return {token for value in texts if value for token in _references(value)} - years


def _run_together(text: str) -> str:
    return "".join(_LETTERS.findall(_shown(text)))


def _has_own_name(text: str, names: set[str], whole_name: str) -> bool:
    words = _words(text)
    if not names.isdisjoint(words | {word.removesuffix("s") for word in words}):
        return True
    if len(whole_name) < _DISTINCT:
        return False
    spellings = _spellings(_run_together(text))
    return any(name in spelling for name in _spellings(whole_name) for spelling in spellings)


def _has_own_phone(text: str, phone: str) -> bool:
    """Compare the last eight digits, so that neither country code nor spacing matters."""
    groups = ("".join(_NUMBERS.findall(group)) for group in _DIGIT_GROUPS.findall(_shown(text)))
    return bool(phone) and any(phone in group for group in groups)


def _has_own_street(text: str, streets: set[str]) -> bool:
    shown = _phrases(" ".join(_LETTERS.findall(_shown(text))))
    return any(street in phrase for street in streets for phrase in shown)


def _street_names(payload: Payload) -> Iterator[str]:
    """Give the name in each part of the address, and a part of it that alone names the street."""
    for part in re.split("[,;\n]", payload.address):
        shown = _shown(part)
        before = _LETTERS.findall(_NUMBERS.split(shown, maxsplit=1)[0])
        words = [word for word in before or _LETTERS.findall(shown) if len(word) > 1]
        name = " ".join(words)
        ordinary = {word.casefold() for word in words} <= _NO_STREET_NAME
        if not ordinary and not _phrases(name) & _phrases(payload.city):
            yield name
            yield from (
                w for w in words if len(w) >= _DISTINCT and w.casefold().endswith(_STREETS)
            )


def _phrases(text: str) -> set[str]:
    return {f" {spelling} " for spelling in _spellings(text)}


def _has_own_reference(text: str, own: _Own, today: date) -> bool:
    shown = _shown(text)
    if not _DIGIT.search(shown):
        return False
    rest, _long_ago = _without_dates(shown, today)
    said = _references(rest)
    return bool(said) and not own.references(today).isdisjoint(said)


def _references(text: str) -> set[str]:
    """Return the tokens with four digits or more: whole, in pieces, and the digits alone."""
    found: set[str] = set()
    for chunk in _shown(text).upper().split():
        pieces = _PIECES.findall(chunk)
        found.update(pieces, _NUMBERS.findall(chunk), ("".join(pieces),))
    return {token for token in found if sum(map(str.isdecimal, token)) >= _REFERENCE_DIGITS}
