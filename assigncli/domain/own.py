"""Find an assignment's own payload in its title, reference and notes.

Looks for name, phone, street and references. A name counts as a whole word, in any spelling, and
joined to another word if it is long enough to be recognised there. Keeps no text and quotes none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from assigncli.domain.characters import Characters, as_shown
from assigncli.domain.shapes import DIGIT, ShapeKind
from assigncli.domain.shapes.dates import without_dates
from assigncli.domain.shapes.numbers import NUMBERS
from assigncli.domain.shapes.streets import FAMILIES, LETTERS, PLACES, STREETS
from assigncli.domain.shapes.units import word_set

if TYPE_CHECKING:
    from assigncli.domain.payload import Payload

_PIECES: Final = re.compile(r"[^\W_]+")
_DIGIT_GROUPS: Final = re.compile(r"[0-9](?:[\W_]{0,3}[0-9])*")
_NO_STREET_NAME: Final = word_set(
    """
    leilighet leil postboks boks etasje etg oppgang inngang flat apartment norge norway
    """
)
_REFERENCE_DIGITS: Final = 4
_DISTINCT: Final = 7
"""The fewest letters of a name looked for inside words; shorter ones occur in ordinary words."""
_STREET_PART: Final = 5
_TWO: Final = 2
_GLUED: Final = 4
"""The fewest letters of a name looked for when joined to one of these words."""
_BEFORE_NAMES: Final = word_set(
    """
    hos til for med fra av om og hr fr fru herr frk møt møte mote ring ringe hent hente følg besøk
    besok besøke samtale hjelp hjelpe visit call meet with to from see mr mrs ms and
    """
)
_TITLE_WORDS: Final = _BEFORE_NAMES | word_set(
    """
    hjemmebesøk hjemmebesok avtale telefon telefonsamtale kurs oppfølging oppfolging kontakt tur
    hjelp sak uke ny nytt første siste gang lydbok epikrise likeperson besøket møtet person bruker
    pasient ledsager home meeting followup appointment visiting notat referat navn name
    """
)
_PARTICLES: Final = word_set(
    """
    de da den der van von la le el al bin ibn di du dos und og av fru hr
    """
)
"""Parts of names that are also very ordinary words; alone they name nobody."""
_ORDINARY: Final = word_set(
    """
    bo li dag dags var vaar liv my even jo per mai odd sol siv ro stein tone mars ask rose else
    bos may will hope grace joy mark bill young art rich white green brown black long small king
    by mo vik berg fjell nes bakke bakken hage hagen haug haugen moen skog sand holm lund eng dal
    dalen gard vinter sommer land mann strand stranden foss bekk lie vold ås as aas hus lys
    """
)
"""Names that are ordinary words too, in the spelling used to compare.

In lower case they count as names only after one of `_BEFORE_NAMES` or another name: "besøk hos bo"
does, "bo alene" not.
"""
_PLAIN: Final = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "đ": "d", "þ": "th", "ł": "l"})
_SPELT_OUT: Final = _PLAIN | str.maketrans({"å": "aa", "ø": "oe", "ä": "ae", "ö": "oe", "ü": "ue"})
_AS_LETTERS: Final = str.maketrans("013457@$", "oleastas")
_FIGURED: Final = re.compile(r"[^\W\d_]*[013457@$][^\W\d_][^\s]*|[^\W\d_]+[013457@$][^\s]*")
_CAMEL: Final = re.compile(
    "(?<=[a-zæøå])(?=[A-ZÆØÅ])|(?<=[^\0-\u024f])(?=[\0-\u024f])|(?<=[\0-\u024f])(?=[^\0-\u024f])"
)
"""Where one word is two: between a small letter and a capital, and between two scripts."""


def own_kinds_in(text: str, payload: Payload, *, today: date) -> tuple[ShapeKind, ...]:
    """Return the kinds of data from the assignment's own `payload` that are in `text`.

    The city is allowed. So are this year, last year and the next, and a date that `kinds_in`
    allows, even if the payload has the same.
    """
    return Own(payload).kinds_in(text, today)


class Own:
    """The parts of one payload that must not be in free text, computed once for all its texts."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self._phone = "".join(NUMBERS.findall(as_shown(payload.phone)))[-8:]
        self._names = _names(payload.full_name)
        self._distinct = [name for name in self._names if _is_distinct(name)]
        self._glued = [name for name in self._names if len(name) >= _GLUED]
        whole = _run_together(as_shown(payload.full_name))
        self._whole = _spellings(whole) if len(whole) >= _WHOLE else set()
        self._streets = {each for name in _street_names(payload) for each in _phrases(name)}
        self._stems = {street.split("|")[0].strip() for street in self._streets}

    def kinds_in(self, text: str, today: date) -> tuple[ShapeKind, ...]:
        """Return the kinds found in `text`; `today` is the organisation's local day."""
        shown = as_shown(text)
        checks = {
            ShapeKind.PHONE: self._has_phone(shown),
            ShapeKind.STREET_ADDRESS: self._has_street(shown),
            ShapeKind.NAME: self._has_name(shown),
            ShapeKind.REFERENCE: self._has_reference(shown, today),
        }
        return tuple(kind for kind, found in checks.items() if found)

    def _has_phone(self, shown: str) -> bool:
        """Compare the last eight digits, so that neither country code nor spacing matters."""
        if not self._phone or not DIGIT.search(shown):
            return False
        groups = ("".join(NUMBERS.findall(group)) for group in _DIGIT_GROUPS.findall(shown))
        return any(self._phone in group for group in groups)

    def _has_street(self, shown: str) -> bool:
        letters = " ".join(LETTERS.findall(shown))
        if not any(stem in form for form in _spellings(letters) for stem in self._stems):
            return False
        return any(street in phrase for street in self._streets for phrase in _phrases(letters))

    def _has_name(self, shown: str) -> bool:
        runs = _spellings(_run_together(shown))
        if any(name in run for name in self._whole for run in runs):
            return True
        if DIGIT.search(shown) or "$" in shown or "@" in shown:
            runs |= _spellings(_run_together(shown.translate(_AS_LETTERS)))
        if not any(name in run for name in self._names for run in runs):
            return False
        return any(self._is_named(word, before, shown) for word, before in _words_in(shown))

    def _is_named(self, word: str, before: str, shown: str) -> bool:
        for spelling in _spellings(word):
            name = spelling if spelling in self._names else spelling.removesuffix("s")
            if name in self._names:
                if name not in _ORDINARY or not word[0].islower() or shown.isupper():
                    return True
                return before.casefold() in _BEFORE_NAMES or not self._names.isdisjoint(
                    _spellings(before)
                )
            if len(spelling) > _GLUED and self._is_glued(spelling):
                return True
        return False

    def _is_glued(self, word: str) -> bool:
        return any(name in word for name in self._distinct) or any(
            name in word
            and (word.removeprefix(name) in _TITLE_WORDS or word.removesuffix(name) in _TITLE_WORDS)
            for name in self._glued
        )

    def _has_reference(self, shown: str, today: date) -> bool:
        if sum(map(len, NUMBERS.findall(shown))) < _REFERENCE_DIGITS:
            return False
        rest, _long_ago = without_dates(shown, today)
        said = _references(rest)
        if said.isdisjoint(self._references):
            return False
        years = {str(today.year + step) for step in (-1, 0, 1)} - {self._payload.postal_code}
        return not said.isdisjoint(self._references - years)

    @cached_property
    def _references(self) -> set[str]:
        """The tokens with four digits or more, in every field."""
        texts = (getattr(self._payload, name) for name in self._payload.__dataclass_fields__)
        return {token for value in texts if value for token in _references(as_shown(value))}


def _spelt(table: dict[int, str], character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character.translate(table))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_SPELLINGS: Final = tuple(Characters(partial(_spelt, table)) for table in (_PLAIN, _SPELT_OUT))


def _spellings(word: str) -> set[str]:
    """Return `word` without case and diacritics, with å as a and as aa, and the like."""
    folded = word.casefold()
    if folded.isascii():
        return {folded}
    return {folded.translate(table) for table in _SPELLINGS}


def _run_together(shown: str) -> str:
    return "".join(LETTERS.findall(shown))


def _names(full_name: str) -> set[str]:
    """Return the spellings of a name's parts, of hyphenated ones, and of adjacent ones joined."""
    chunks = [LETTERS.findall(chunk) for chunk in as_shown(full_name).split()]
    parts = [part for chunk in chunks for part in chunk]
    words = {*parts, *map("".join, chunks), *map("".join, pairwise(parts))}
    found = {spelling for word in words if len(word) > 1 for spelling in _spellings(word)}
    return found - _PARTICLES if len(found - _PARTICLES) > 1 else found


def _is_distinct(name: str) -> bool:
    return len(name) >= _DISTINCT and name not in _ORDINARY and name not in PLACES


def _words_in(shown: str) -> Iterator[tuple[str, str]]:
    """Yield every word with the word before it; hyphenated and joined words whole and in parts."""
    before, single = "", ""
    for chunk in shown.split():
        parts = LETTERS.findall(chunk)
        single = single + parts[0] if len(parts) == 1 and len(parts[0]) == 1 else ""
        if len(single) > len("KN"):  # letters with spaces: O l g a
            yield single, before
        if len(parts) > 1:
            yield "".join(parts), before
        for part in parts:
            if len(part) > 1:
                yield part, before
                for piece in _CAMEL.split(part) if not part.islower() else ():
                    if 1 < len(piece) < len(part):
                        yield piece, before
                before = part
        if _FIGURED.match(chunk):  # digits for letters: 0lga
            for part in LETTERS.findall(chunk.translate(_AS_LETTERS)):
                if len(part) >= _GLUED:
                    yield part, before


def _street_names(payload: Payload) -> Iterator[str]:
    """Yield the name in each part of the address, and any part of it that alone names a street."""
    for part in re.split("[,;\n]", payload.address):
        shown = as_shown(part)
        before = LETTERS.findall(NUMBERS.split(shown, maxsplit=1)[0])
        words = [word for word in before or LETTERS.findall(shown) if len(word) > 1]
        name = " ".join(words)
        ordinary = {word.casefold() for word in words} <= _NO_STREET_NAME
        if not ordinary and not _spellings(name) & _spellings(payload.city):
            yield name
            yield from (
                word
                for word in words
                if len(word) >= _STREET_PART and word.casefold().endswith(STREETS)
            )
            if len(words) > _TWO and words[-1].casefold() in _ENDINGS:
                yield " ".join(words[-_TWO:])  # Nedre Møllenberg gate


_ENDINGS: Final = {
    spelling: f"{family[0]}"
    for family in FAMILIES
    for form in family
    for spelling in _spellings(form)
}
"""Maps each form of a street's ending to the first form of its family."""
_ENDING_FORMS: Final = tuple(_ENDINGS)
_LONGEST_ENDING: Final = max(map(len, _ENDINGS))
_WHOLE: Final = 6
"""The fewest letters of a whole name that is looked for across the spaces of a text."""
_STEM: Final = 2
"""The fewest letters left of a name without its ending, plus one if the ending is short.

With fewer, `Sigv` and many words would be streets.
"""


def _phrases(text: str) -> set[str]:
    """Return the spellings of the words of `text`, as they are and with street endings unified.

    An ending that is a separate word joins the word before it, as in "Karl Johans gt".
    """
    forms = set()
    for spelling in _spellings(text):
        words = spelling.split()
        alike = " ".join(map(_one_ending, words))
        forms |= {f" {' '.join(words)} ", f" {alike} ", f" {_joined(words)} "}
    return forms


def _joined(words: list[str]) -> str:
    found: list[str] = []
    for before, word in pairwise(["", *words]):
        if before and word in _ENDINGS:
            found[-1] = f"{before}|{_ENDINGS[word]}|"
        else:
            found.append(_one_ending(word))
    return " ".join(found)


def _one_ending(word: str) -> str:
    for bare in (word, word.removesuffix("s")):
        if not bare.endswith(_ENDING_FORMS):
            continue
        for size in range(min(_LONGEST_ENDING, len(bare) - _STEM), 0, -1):
            stem = len(bare) - size
            if bare[-size:] in _ENDINGS and stem >= _STEM + (size <= len("gt")):
                return f"{bare[:-size]}|{_ENDINGS[bare[-size:]]}|"
    return word


def _references(shown: str) -> set[str]:
    """Return the tokens with four digits or more: whole, in pieces, and the digits alone."""
    found: set[str] = set()
    for chunk in shown.upper().split():
        pieces = _PIECES.findall(chunk)
        found.update(pieces, NUMBERS.findall(chunk), ("".join(pieces),))
    return {token for token in found if sum(map(str.isdecimal, token)) >= _REFERENCE_DIGITS}
