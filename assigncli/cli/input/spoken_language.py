"""Find the language to use without --lang. Does not translate or ask."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_BOKMAAL: Final = ("nb", "no", "nn")
_NOTHING_SAID: Final = ("", "c", "posix")
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_NORWEGIAN_ON_WINDOWS: Final = 0x14
"""The primary language of a Windows language identifier: its ten low bits (MS-LCID)."""


def spoken_language(setting: str | None, environment: Mapping[str, str]) -> str:
    """Return "nb" or "en": the setting, else the result of `told_language`, else English."""
    return setting or told_language(environment) or "en"


def told_language(environment: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """Return the language of the environment or the platform's interface; None if neither has one.

    The first locale variable that is set counts; C and POSIX name no language. Any Norwegian (nb,
    no, nn) gives Bokmål, any other language English.
    """
    stated = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    tag = _primary(stated)
    if tag not in _NOTHING_SAID:
        return _ours(tag)
    if platform == "win32":
        return _windows()
    return _macos(environment) if platform == "darwin" else None


def from_windows_identifier(identifier: int) -> str:
    """Return the language for a Windows language identifier such as 0x0414 (nb-NO)."""
    return "nb" if identifier & 0x3FF == _NORWEGIAN_ON_WINDOWS else "en"


def _windows() -> str | None:
    import ctypes

    try:
        return from_windows_identifier(ctypes.windll.kernel32.GetUserDefaultUILanguage())  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError):
        return None


def _macos(environment: Mapping[str, str]) -> str | None:
    """Return the first language chosen in System Settings, without starting a process."""
    import plistlib
    from xml.parsers.expat import ExpatError

    home = environment.get("HOME")
    if not home:
        return None
    path = Path(home, "Library", "Preferences", ".GlobalPreferences.plist")
    try:
        chosen = plistlib.loads(path.read_bytes())["AppleLanguages"]
    except (OSError, ValueError, KeyError, TypeError, ExpatError):
        return None
    first = chosen[0] if isinstance(chosen, list) and chosen else None
    return _ours(_primary(first)) if isinstance(first, str) else None


def _primary(stated: str) -> str:
    return re.split(r"[_.@-]", stated.lower())[0]


def _ours(tag: str) -> str:
    return "nb" if tag in _BOKMAAL else "en"
