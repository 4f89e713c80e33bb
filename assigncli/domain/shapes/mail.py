"""Find e-mail addresses, including those disguised from machines."""

from __future__ import annotations

import re
from typing import Final

_PROVIDERS: Final = "gmail|hotmail|outlook|yahoo|icloud|online|live|proton|protonmail"
_SIGN: Final = "at|krøllalfa|alfakrøll|alfa|snabel-?a"
_ENDS: Final = r"(?:no|com|org|net|se|dk|eu|info|uk|de|edu|gov|io|me)(?![^\W_])"
_DOT: Final = r"[\W_]{1,3}(?:dot|d0t|punktum|prikk)[\W_]{1,3}"
_DISGUISED: Final = re.compile(
    r"\w ?[(\[{<] ?(?:@|a|på|" + _SIGN + r") ?[)\]}>] ?\w"  # olga (at) eksempel
    r"|\w[ _-]{0,3}(?:krøllalfa|alfakrøll|snabel-?a)[ _-]{0,3}\w"
    r"|\w[\W_]{1,3}(?:at|på|alfa)[\W_]{1,3}[^\W_]{2,40}"  # olga at post dot eksempel dot no
    rf"(?:(?:{_DOT}|\.)[^\W_]{{1,40}}){{0,3}}{_DOT}{_ENDS}"
    r"|\w[\W_]{1,3}at[\W_]{1,3}[^\W_]{2,40}"  # olga at eksempel.no
    rf"(?:\.[^\W_]{{1,40}}){{0,3}}\.{_ENDS}"
    rf"|\w[ _.@-]{{1,3}}(?:at )?(?:{_PROVIDERS})[ .,]{{1,2}}(?:com|no)\b"
    rf"|\w(?: ?@ ?| at )(?:{_PROVIDERS})\b",
    re.IGNORECASE,
)
_HINTS: Final = (
    *("(", "[", "{", "<", "krøll", "snabel", "dot", "d0t", "punktum", "prikk", "@"),
    *_PROVIDERS.split("|"),
)
"""Disguises are looked for only if the text has one of these, or "at" before a full stop."""
_JOINED: Final = re.compile(r"\w@[\w\[]")


def has_email(text: str) -> bool:
    """Say whether `text` has something like an e-mail address, even with sign or dot in words."""
    sign = text.find("@", 1)
    if sign > 0 and (
        0 <= text.find(".", sign + 2) < len(text) - 1 or _JOINED.search(text, sign - 1)
    ):
        return True
    folded = text.casefold()
    hinted = any(hint in folded for hint in _HINTS) or 0 <= folded.find("at") < folded.rfind(".")
    return hinted and _DISGUISED.search(text) is not None
