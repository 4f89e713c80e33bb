"""Split a line that is still being typed into words, as the shells do; nothing is expanded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_QUOTES: Final = "'\""


@dataclass(frozen=True)
class Typed:
    """A line up to the cursor: the whole words before it, and the beginning of the current one.

    `quote` is the quote that is open, if one is.
    """

    words: tuple[str, ...]
    current: str
    quote: str = ""


def split(line: str) -> Typed:
    """Return the words of a line; a quote may still be open, or a backslash the last sign."""
    words: list[str] = []
    current: list[str] = []
    quote, has_begun = "", False
    signs = iter(line)
    for sign in signs:
        if quote:
            if sign == quote:
                quote = ""
            elif sign == "\\" and quote == '"':
                current.append(next(signs, ""))
            else:
                current.append(sign)
        elif sign in _QUOTES:
            quote, has_begun = sign, True
        elif sign == "\\":
            current.append(next(signs, ""))
        elif not sign.isspace():
            current.append(sign)
        elif current or has_begun:
            words.append("".join(current))
            current, has_begun = [], False
    return Typed(tuple(words), "".join(current), quote)
