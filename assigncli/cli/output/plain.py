"""Make any text safe to show: data cannot steer a terminal, reorder a line or fake one.

Works on characters only; it neither translates nor prints.
"""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # controls of the reading direction
    "\u2028\u2029\ufeff"  # line and paragraph separators, byte order mark
    "\ud800-\udfff"  # halves of pairs: bytes that were not UTF-8
)
_SEEN: Final = re.compile(f"[{_UNSAFE}]")
_IN_JSON: Final = re.compile(f"[{_UNSAFE}\U000e0000-\U000e007f]")
_TAGS: Final = re.compile("[\U000e0000-\U000e007f]")
_LINE_END: Final = re.compile("\r\n|\r|\n")


def _named(match: re.Match[str]) -> str:
    return f"<U+{ord(match[0]):04X}>"


def lines(text: str) -> list[str]:
    """Split `text` at its line ends; each line is safe, tabs are spaces."""
    return [_safe(line) for line in _LINE_END.split(text)]


def one_line(text: str) -> str:
    """Return `text` on one safe line, its line ends turned into spaces."""
    return " ".join(lines(text))


def _safe(line: str) -> str:
    return _SEEN.sub(_named, _TAGS.sub("", line)).replace("\t", " ")


def escaped(document: str) -> str:
    r"""Return a JSON document in which characters that a terminal obeys are `\uXXXX`."""
    return _IN_JSON.sub(_unicode_escape, document)


def _unicode_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
