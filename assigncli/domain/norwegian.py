"""Puts names in Norwegian order: æ, ø and å last, as CLDR has it for Bokmål (`nb`).

A key of our own, since the library that has them all, ICU, is no package of pure Python. It tells
letters apart and nothing finer, neither case nor accents; scripts other than Latin come last, in
the order of their code points.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_AA: Final = re.compile("aa|Aa|AA")
_AFTER_Z: Final = (("æäę", "{"), ("øöőœ", "|"), ("å", "}"))
"""What follows z in ASCII stands for the three last letters and for what counts as one of them."""

_LETTERS: Final = str.maketrans(
    {
        **{letter: place for letters, place in _AFTER_Z for letter in letters},
        **dict.fromkeys("üű", "y"),
        **dict.fromkeys("đð", "d"),
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ə": "e~",
        "ı": "i~",
        "ŋ": "n~",
        "ŧ": "t~",
    }
)
_MARKS: Final = str.maketrans(
    {
        mark: chr(place)
        for place, marks in enumerate((" ", "_", "-‐‑–", ",", ".", "'’"), start=1)
        for mark in marks
    }
)
"""Space and marks come before every letter and digit, and in this order."""


def sort_key(text: str) -> str:
    """Return what sorts as `text` does in Norwegian; aa is å, ä is æ, ö is ø, ü is y."""
    composed = _AA.sub("å", unicodedata.normalize("NFC", text)).casefold()
    placed = unicodedata.normalize("NFC", composed).translate(_LETTERS)
    letters = unicodedata.normalize("NFKD", placed)
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    return bare.translate(_MARKS)
