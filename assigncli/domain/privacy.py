"""What may not stand in a title, a reference or a note (rule `title_no_pii`).

The shapes of personal data (`shapes`), and an assignment's own payload. It never returns, keeps or
quotes what it found: only the kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from assigncli.domain.rules import Rule
from assigncli.domain.shapes import (
    DIGIT,
    LETTERS,
    LONGEST,
    NUMBERS,
    STREETS,
    Characters,
    Kind,
    as_shown,
    kinds_in,
    without_dates,
)
from assigncli.errors import InvalidInput, RuleRefused
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.domain.payload import Payload

MAX_TITLE: Final = 200
MAX_REFERENCE: Final = 40
MAX_NOTE: Final = LONGEST
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
_PIECES: Final = re.compile(r"[^\W_]+")
_DIGIT_GROUPS: Final = re.compile(r"[0-9](?:\W{0,3}[0-9])*")
_NO_STREET_NAME: Final = frozenset(
    {
        "leilighet",
        "leil",
        "postboks",
        "boks",
        "etasje",
        "etg",
        "oppgang",
        "inngang",
        "flat",
        "apartment",
        "norge",
        "norway",
    }
)
_REFERENCE_DIGITS: Final = 4
_DISTINCT: Final = 6
"""So many letters are looked for on their own, where fewer would be found in ordinary words."""
_PLAIN: Final = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "đ": "d", "þ": "th", "ł": "l"})
_SPELT_OUT: Final = _PLAIN | str.maketrans({"å": "aa", "ø": "oe", "ä": "ae", "ö": "oe", "ü": "ue"})


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


def _spellings(word: str) -> set[str]:
    """Return `word` without case and diacritics, with å as a and as aa, and the like."""
    folded = word.casefold()
    if folded.isascii():
        return {folded}
    return {folded.translate(table) for table in _SPELLINGS}


def _spelt(table: dict[int, str], character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character.translate(table))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_SPELLINGS: Final = tuple(Characters(partial(_spelt, table)) for table in (_PLAIN, _SPELT_OUT))


def _words(text: str) -> set[str]:
    """Return the spellings of every word of two letters or more, hyphenated ones also in parts."""
    parts = [LETTERS.findall(chunk) for chunk in as_shown(text).split()]
    words = {word for part in parts for word in (*part, "".join(part)) if len(word) > 1}
    return {spelling for word in words for spelling in _spellings(word)}


class _Own:
    """What of one payload must not stand in free text, worked out once for all its texts."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self.phone = "".join(NUMBERS.findall(as_shown(payload.phone)))[-8:]
        self.names = _words(payload.full_name)
        self.whole_name = _run_together(payload.full_name)
        self.streets = {each for name in _street_names(payload) for each in _phrases(name)}

    def references(self, today: date) -> set[str]:
        """Return the tokens with four digits or more, save the years about now."""
        texts = (getattr(self._payload, name) for name in self._payload.__dataclass_fields__)
        years = {str(today.year + step) for step in (-1, 0, 1)} - {self._payload.postal_code}
        return {token for value in texts if value for token in _references(value)} - years


def _run_together(text: str) -> str:
    return "".join(LETTERS.findall(as_shown(text)))


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
    groups = ("".join(NUMBERS.findall(group)) for group in _DIGIT_GROUPS.findall(as_shown(text)))
    return bool(phone) and any(phone in group for group in groups)


def _has_own_street(text: str, streets: set[str]) -> bool:
    shown = _phrases(" ".join(LETTERS.findall(as_shown(text))))
    return any(street in phrase for street in streets for phrase in shown)


def _street_names(payload: Payload) -> Iterator[str]:
    """Give the name in each part of the address, and a part of it that alone names the street."""
    for part in re.split("[,;\n]", payload.address):
        shown = as_shown(part)
        before = LETTERS.findall(NUMBERS.split(shown, maxsplit=1)[0])
        words = [word for word in before or LETTERS.findall(shown) if len(word) > 1]
        name = " ".join(words)
        ordinary = {word.casefold() for word in words} <= _NO_STREET_NAME
        if not ordinary and not _phrases(name) & _phrases(payload.city):
            yield name
            yield from (w for w in words if len(w) >= _DISTINCT and w.casefold().endswith(STREETS))


def _phrases(text: str) -> set[str]:
    return {f" {spelling} " for spelling in _spellings(text)}


def _has_own_reference(text: str, own: _Own, today: date) -> bool:
    shown = as_shown(text)
    if not DIGIT.search(shown):
        return False
    rest, _long_ago = without_dates(shown, today)
    said = _references(rest)
    return bool(said) and not own.references(today).isdisjoint(said)


def _references(text: str) -> set[str]:
    """Return the tokens with four digits or more: whole, in pieces, and the digits alone."""
    found: set[str] = set()
    for chunk in as_shown(text).upper().split():
        pieces = _PIECES.findall(chunk)
        found.update(pieces, NUMBERS.findall(chunk), ("".join(pieces),))
    return {token for token in found if sum(map(str.isdecimal, token)) >= _REFERENCE_DIGITS}
