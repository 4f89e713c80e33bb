"""Check what a member's handle and name may look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from assigncli.domain.characters import has_formatting, is_blank
from assigncli.errors import InvalidInput, NotAllowed, NotFound

_HANDLE: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?", re.ASCII)
MAX_NAME: Final = 100
MAX_DEVICE: Final = 40
_NO_HOST: Final = "this machine"
_ALIKE: Final = 0.7
"""How similar a handle must be: one letter of four may be wrong, or two of seven."""
SERVICE_HANDLE: Final = "service"
"""The handle of the service, as which the sweep acts in every organisation."""


def require_handle(handle: str) -> str:
    """Return the handle in lower case.

    1 to 32 characters of a to z, digits, dot, hyphen and underscore: easy to type, to spell and to
    hear read aloud. Raises InvalidInput `handle_invalid`.
    """
    text = handle.strip().lower()
    if not is_handle(text):
        raise InvalidInput("handle_invalid")
    return text


def is_handle(text: str) -> bool:
    """Say whether this has the form of a handle."""
    return _HANDLE.fullmatch(text) is not None


def require_name(name: str) -> str:
    """Return the name, composed (Unicode NFC) and trimmed.

    One printable line of 1 to 100 characters, at least one of them visible. Raises InvalidInput
    `name_invalid`.
    """
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    if text and is_blank(text):
        raise InvalidInput("name_invalid", "blank", limit=MAX_NAME)
    if has_formatting(text):
        raise InvalidInput("name_invalid", "unseen")
    if not text or len(text) > MAX_NAME or not text.isprintable():
        raise InvalidInput("name_invalid", limit=MAX_NAME)
    return text


def plain_device(host: str) -> str:
    """Return a machine's host name in the form used in a certificate, cut to 40 characters.

    A name that is empty, or has characters that are invisible or unprintable, becomes "this
    machine".
    """
    text = unicodedata.normalize("NFC", " ".join(host.split()))[:MAX_DEVICE].strip()
    plain = text.isprintable() and not has_formatting(text) and not is_blank(text)
    return text if text and plain else _NO_HOST


def nearest_handle(typed: str, known: Sequence[str]) -> str | None:
    """Return the known handle most similar to `typed`, which is in lower case; None if none is.

    Only what has the form of a handle is compared: a name or a number may be personal data.
    """
    if not is_handle(typed):
        return None
    return next(iter(get_close_matches(typed, known, n=1, cutoff=_ALIKE)), None)


def name_key(name: str) -> str:
    """Return a key that is equal for two names that sound the same.

    Unicode compatibility forms, letter case and spacing make no difference.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", " ".join(folded.split()))


def organization_exists() -> InvalidInput:
    """Return the refusal of a name that another organisation in the store has."""
    return InvalidInput("organization_exists")


def token_invalid() -> NotAllowed:
    """Return the refusal of an invitation that is used, ended or unknown."""
    return NotAllowed("token_invalid")


def member_not_found(near: object = None) -> NotFound:
    """Return the error for an unknown handle; `near` is a similar handle that exists."""
    return NotFound("member_not_found", near=None if near is None else str(near))
