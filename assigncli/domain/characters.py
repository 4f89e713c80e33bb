"""Characters that are not what they seem: invisible ones, controls and look-alikes.

Knows nothing of personal data and refuses nothing; its callers do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

_IGNORABLE: Final = (
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *(*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F)),
    *(*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9)),
    *(*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
)
"""Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), which Python lacks."""
IGNORABLE: Final = frozenset(map(chr, _IGNORABLE))
_BLANK: Final = IGNORABLE | {"\u2800"}
"""The blank braille pattern is a symbol by category, but shows and speaks as nothing."""
_SEEN: Final = frozenset("LNPS")
_JOINERS: Final = "\u200c\u200d"
_FORMATTING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Characters(dict[int, str]):
    """A table for `str.translate`, filled on first use: real text has few distinct characters."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        self[code] = self._change(chr(code))
        return self[code]


def as_shown(text: str) -> str:
    """Return `text` as a reader would see it, for comparing.

    Compatibility forms are unified (NFKC); digits, dashes and spaces become ASCII; letters of other
    scripts that look Latin become Latin; invisible characters and loose accents are removed.
    """
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFKC", text.translate(_UNHIDDEN)).translate(_SHOWN)


def is_blank(text: str) -> bool:
    """Say whether nothing in `text` is visible: no letter, digit, punctuation mark or symbol.

    Characters that Python's Unicode does not know, and those of private use, count as invisible.
    """
    if text.isascii():
        return not text.strip()
    return not any(unicodedata.category(c)[0] in _SEEN and c not in _BLANK for c in text)


def has_formatting(text: str, *, allowed: str = "") -> bool:
    """Say whether `text` holds a control or format character (Cc, Cf, Cs, Zl, Zp) not `allowed`.

    Format characters can reverse or hide text. Only the joiners U+200C and U+200D pass, between two
    visible characters that need them: emoji, and scripts that join letters.
    """
    if text.isprintable():
        return False
    return any(
        unicodedata.category(character) in _FORMATTING
        and character not in allowed
        and not (character in _JOINERS and _joins(text, place))
        for place, character in enumerate(text)
    )


def _joins(text: str, place: int) -> bool:
    before = text[:place].rstrip("\ufe0e\ufe0f")[-1:]
    return all(map(_is_joined, (before, text[place + 1 : place + 2])))


def _is_joined(character: str) -> bool:
    """Say whether a joiner may be beside it: an emoji, its skin tone, or a joining script."""
    if not character:
        return False
    category = unicodedata.category(character)
    if category in ("So", "Sk"):
        return ord(character) > _LAST_SIMPLE
    return category[0] in "LM" and unicodedata.name(character, "").startswith(_JOINING_SCRIPTS)


_LAST_SIMPLE: Final = 0x2100
_JOINING_SCRIPTS: Final = (
    "ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM",
    "MONGOLIAN", "MYANMAR", "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU", "THAANA", "TIBETAN",
)  # fmt: skip


def _shown_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me") or character in IGNORABLE:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\u2212":
        return "-"
    if character in "\u00b7\u2022\u2027":
        return "."
    if character.isspace() or character == "\u2800":
        return " "
    return _LOOKS_LIKE.get(character, character)


_LOOKS_LIKE: Final = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХҮԌԚԜЗаесорухіјѕһԁԛԝӏгпвкмнтүьѵɡ"  # Cyrillic, and ɡ
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεζηικνορτυχγωσμλδ"  # Greek
        "ΦφϕΘθӨө"
        "օոսհցզքԼՕՍՏ"  # Armenian
        "ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷΝᏢᎡᏚᎢᏙᎳᏃ"  # Cherokee
        "ɑаıɩɪʟɴʀʏʙɢʜᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱꜰʋɛɔꞁƖǀ",
        "ABESIJKMHOPCTYXYGQW3aecopyxijshdqwlrnbkmhtybvg"
        "ABEZHIKMNOPTYXabeznikvoptuxywoulo"
        "ØøøØøØø"
        "onuhgqpLOUS"
        "ABCDEGHiJKLMNPRSTVWZ"
        "aaiiilnrybghacdejkmoptuvwzsfvecIII",
        strict=True,
    )
)
"""Look-alike letters, after Unicode's confusables.txt (UTS #39), and Latin's small capitals.

Only those that pass for a Latin letter in a word; written by hand, as Python has no such table.
"""


def _unhidden(character: str) -> str:
    """Remove ignorable characters before NFKC changes them into others: U+FFA0 becomes U+1160."""
    return "" if character in IGNORABLE else character


_UNHIDDEN: Final = Characters(_unhidden)
_SHOWN: Final = Characters(_shown_character)
