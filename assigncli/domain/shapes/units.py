"""Words that make a number a count or an hour, and so neither a year nor a house number."""

from __future__ import annotations

from typing import Final

NOT_COUNTED: Final = (
    r"(?:gang(?:er|en)?|timer?|minutt(?:er)?|min|dag(?:er)?|uker?|måneder?|mnd|år|kvelder?|besøk"
    r"|møter?|samtaler?|økt(?:er)?|turer?|deltaker(?:e|ar)?|personer?|barn|plasser?|sitteplasser"
    r"|stk|sider?|bøker|eks|kr(?:oner)?|prosent|meter|km|pkt|poeng|grupper?|trinn|deler?|av|til"
    r"|etasje|etg|avd(?:eling)?|skritt|steg|igjen|times?|hours?|minutes?|days?|weeks?|months?"
    r"|years?|visits?|meetings?|people|persons?|places?|pages?|books?|options?|routes?|stops?|of)\b"
)
"""Part of a regular expression; an optional space is written before it."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`: long lists of words are more readable as text."""
    return frozenset(text.split())
