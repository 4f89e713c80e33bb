"""Remove what Excel adds to the text of a cell, and add it when writing.

Handles single cells and knows no columns.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " "})
_AS_TEXT: Final = re.compile(r'="([^"]*)"')
# Excel's mark for text. An apostrophe that belongs to 't Hart or opens a quotation is not one.
_MARK: Final = re.compile(r"'(?![^\W\d_]\b.)[^']*")
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")


def plain(cell: str) -> str:
    """Return the text meant: NFC, trimmed, ordinary spaces, without Excel's marks for text.

    `'0123` and `="0123"` both give 0123.
    """
    text = cell.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_SPACES)).strip()
    if text.startswith("'") and _MARK.fullmatch(text):
        text = text[1:].lstrip()
    elif text.startswith("=") and (found := _AS_TEXT.fullmatch(text)):
        text = found[1].strip()
    return text


def defuse(text: str) -> str:
    """Return `text` in a form that a spreadsheet shows and does not run (OWASP, CSV injection).

    Puts an apostrophe before a leading = + - @ (also full width), tab or line end.
    """
    return "'" + text if text.startswith(_FORMULA) else text
