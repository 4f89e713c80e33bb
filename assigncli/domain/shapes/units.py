"""Words that show a number to be a count or an hour, and so no year and no house."""

from __future__ import annotations

from typing import Final

NOT_COUNTED: Final = (
    r"(?:gang(?:er|en)?|timer?|minutt(?:er)?|min|dag(?:er)?|uker?|måneder?|mnd|år|kvelder?|besøk"
    r"|møter?|samtaler?|økt(?:er)?|turer?|deltaker(?:e|ar)?|personer?|barn|plasser?|sitteplasser"
    r"|stk|sider?|bøker|eks|kr(?:oner)?|prosent|meter|km|pkt|poeng|grupper?|trinn|deler?|av|til"
    r"|etasje|etg|avd(?:eling)?|skritt|steg|igjen|times?|hours?|minutes?|days?|weeks?|months?"
    r"|years?|visits?|meetings?|people|persons?|places?|pages?|books?|options?|routes?|stops?|of)\b"
)
"""As a part of a pattern; written where a space may come before it."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`, which is how long lists of them are kept readable."""
    return frozenset(text.split())
