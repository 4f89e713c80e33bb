"""Sort names in Norwegian order: æ, ø and å last, as in CLDR for Bokmål (`nb`).

The project has its own key because ICU, the library that knows every order, is not pure Python. It
tells letters apart and nothing finer, neither case nor accents; scripts other than Latin come last,
in the order of their code points.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_AA: Final = re.compile("aa|Aa|AA")
_AFTER_Z: Final = (("æäę", "{"), ("øöőœ", "|"), ("å", "}"))
"""The last three letters, and letters sorted as them, become the ASCII characters after z."""

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
"""Space and punctuation sort before every letter and digit, in this order."""


def sort_key(text: str) -> str:
    """Return a string that sorts as `text` does in Norwegian; aa is å, ä is æ, ö is ø, ü is y."""
    composed = _AA.sub("å", unicodedata.normalize("NFC", text)).casefold()
    placed = unicodedata.normalize("NFC", composed).translate(_LETTERS)
    letters = unicodedata.normalize("NFKD", placed)
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    return bare.translate(_MARKS)
