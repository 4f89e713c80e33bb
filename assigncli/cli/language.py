"""Which language a user hears when no --lang says so. Chooses; does not translate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_BOKMAAL: Final = ("nb", "no", "nn")
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def spoken_language(setting: str | None, environment: Mapping[str, str]) -> str:
    """Return "nb" or "en": the setting, else the first locale variable that is set, else English.

    Any Norwegian locale (nb, no, nn) gives Bokmål.
    """
    if setting is not None:
        return setting
    stated = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    return "nb" if re.split(r"[_.@-]", stated.lower())[0] in _BOKMAAL else "en"
