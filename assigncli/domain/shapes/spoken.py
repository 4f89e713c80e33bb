"""Read numbers in words, as people dictate them: in Bokmål, Nynorsk and English.

Days, years and digits only; uses no grammar beyond the words themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_YEAR_IN_TWO: Final = re.compile(r"(?<![0-9])(1[89]|20) ([0-9]{2})(?![0-9])")
_TENS_AND_UNIT: Final = re.compile(r"(?<![0-9])([2-9])0 ([1-9])(?![0-9])")
_LONGEST_DIGITS: Final = 12
_PARTED: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")

_UNITS: Final = (
    ("null", "zero"), ("en", "ein", "én", "one"), ("to", "two"), ("tre", "three"), ("fire", "four"),
    ("fem", "five"), ("seks", "six"), ("sju", "syv", "seven"), ("åtte", "eight"), ("ni", "nine"),
    ("ti", "ten"), ("elleve", "eleven"), ("tolv", "twelve"), ("tretten", "thirteen"),
    ("fjorten", "fourteen"), ("femten", "fifteen"), ("seksten", "sixteen"),
    ("sytten", "seventeen"), ("atten", "eighteen"), ("nitten", "nineteen"),
)  # fmt: skip
_TENS: Final = (
    ("tjue", "tyve", "twenty"), ("tretti", "tredve", "thirty"), ("førti", "forty"),
    ("femti", "fifty"), ("seksti", "sixty"), ("sytti", "seventy"), ("åtti", "eighty"),
    ("nitti", "ninety"),
)  # fmt: skip
_ORDINALS: Final = (
    ("første", "fyrste", "first"), ("andre", "annen", "second"), ("tredje", "third"),
    ("fjerde", "fourth"), ("femte", "fifth"), ("sjette", "sixth"),
    ("sjuende", "syvende", "sjuande", "seventh"), ("åttende", "åttande", "eighth"),
    ("niende", "niande", "ninth"), ("tiende", "tiande", "tenth"), ("ellevte", "eleventh"),
    ("tolvte", "twelfth"), ("trettende", "trettande", "thirteenth"),
    ("fjortende", "fjortande", "fourteenth"), ("femtende", "femtande", "fifteenth"),
    ("sekstende", "sekstande", "sixteenth"), ("syttende", "syttande", "seventeenth"),
    ("attende", "attande", "eighteenth"), ("nittende", "nittande", "nineteenth"),
    ("tjuende", "tyvende", "tjuande", "twentieth"),
)  # fmt: skip
_LAST_ORDINALS: Final = (
    ("trettiende", "tredevte", "trettiande", "thirtieth"),
    ("trettiførste", "trettifyrste", "enogtredevte", "thirtyfirst"),
)
_HUNDREDS: Final = {
    18: ("attenhundre", "attenhundreog", "eighteenhundredand"),
    19: ("nitten", "nittenhundre", "nittenhundreog", "nineteen", "nineteenhundredand"),
    20: ("tjue", "totusenog", "totusen", "twothousandand", "twothousand"),
}


def numerals(text: str) -> str | None:
    """Return `text` with its number words as digits, or None if it has none.

    "Den tolvte i tredje nittenfemti" becomes "Den 12 i 3 1950".
    """
    words, folded = _words(), _folded(text)
    if words.keys().isdisjoint(_WORD.findall(folded)):
        return None
    read = _WORD.sub(lambda match: words.get(match[0], match[0]), folded)
    return _YEAR_IN_TWO.sub(r"\1\2", _TENS_AND_UNIT.sub(r"\1\2", read))


def _folded(text: str) -> str:
    return _PARTED.sub(_apart, text.casefold()) if "-" in text else text.casefold()


def _apart(match: re.Match[str]) -> str:
    """Split digit words joined by hyphens, but not twenty-two."""
    return match[0] if match[0] in _words() else match[0].replace("-", " ")


def spoken_digits(text: str) -> Iterator[int]:
    """Yield the number of digits in each run of number words with no other word between them."""
    words, digits, end = _words(), "", 0
    for match in _WORD.finditer(_folded(text)):
        read = words.get(match[0])
        if read is None or text[end : match.start()].strip(" ,.-\n") or len(read) > len("99"):
            yield len(digits)
            digits = ""
        if read is not None and len(digits) <= _LONGEST_DIGITS:
            digits += read
        end = match.end()
    yield len(digits)


@cache
def _words() -> dict[str, str]:
    """Return each number word, hyphenated ones too, with its digits."""
    units = {word: n for n, each in enumerate(_UNITS) for word in each}
    cardinals = {**units, **_compounds(_UNITS)}
    ordinals = {word: n for n, each in enumerate(_ORDINALS, start=1) for word in each}
    ordinals |= {word: n for n, each in enumerate(_LAST_ORDINALS, start=30) for word in each}
    ordinals |= {word: n for word, n in _compounds(((), *_ORDINALS)).items() if n in range(21, 30)}
    ordinals |= {
        f"{unit}og{tens}": ten + n
        for n, names in enumerate(_UNITS[1:10], start=1)
        for unit in names
        for ten, tens in ((20, "tyvende"), (20, "tjuende"), (30, "tredevte"))
    }
    years = {
        hundred + word: f"{century}{n:02}"
        for century, hundreds in _HUNDREDS.items()
        for hundred in hundreds
        for word, n in cardinals.items()
        if n > len(_UNITS) // 2 or hundred.endswith(("og", "and"))
    }
    found = {**years, **{word: str(n) for word, n in (ordinals | cardinals).items()}}
    return found | {"thirty-first": "31"}


def _compounds(units: tuple[tuple[str, ...], ...]) -> dict[str, int]:
    """Return the tens, alone and with a unit: tjueto, toogtyve, twenty-two, twentytwo."""
    found = {}
    for ten, tens in enumerate(_TENS, start=2):
        found.update(dict.fromkeys(tens, ten * 10))
        for unit, names in enumerate(units[1:10], start=1):
            for each in tens:
                for name in names:
                    for word in (each + name, f"{each}-{name}", f"{name}og{each}"):
                        found[word] = ten * 10 + unit
    return found
