"""Translate the texts a user meets: English is the source, Norwegian Bokmål the translation.

`use` sets the language once, before commands are built; `_` and `ngettext` translate when called.
Which language a user wants is decided by the command line, not here.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOMAIN: Final = "assigncli"
DIRECTORY: Final = Path(__file__).parent
LANGUAGES: Final = ("en", "nb")


@dataclass
class _Spoken:
    """The language in use, for the whole process."""

    language: str
    catalogue: _gettext.NullTranslations


_now = _Spoken("en", _gettext.NullTranslations())


def use(language: str) -> None:
    """Set the language for all translations, "en" or "nb"; an unknown one gives English."""
    _now.language = language if language in LANGUAGES else "en"
    _now.catalogue = _gettext.translation(
        DOMAIN, localedir=str(DIRECTORY), languages=[_now.language], fallback=True
    )


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into `language` inside the block, for a text that others will read."""
    before = _now.language
    use(language)
    try:
        yield
    finally:
        use(before)


def language() -> str:
    """Return the language in use, "en" or "nb"."""
    return _now.language


def _(message: str) -> str:
    """Translate `message`; the caller fills placeholders in braces."""
    return _now.catalogue.gettext(message)


def pgettext(context: str, message: str) -> str:
    """Translate `message` in `context`, where one English text has two meanings."""
    return _now.catalogue.pgettext(context, message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate the form for `count`."""
    return _now.catalogue.ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark `message` for translation where it is defined; `_` translates it where it is used."""
    return message
