"""What a member's handle and name may look like."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from assigncli.domain.characters import has_formatting, is_blank
from assigncli.errors import InvalidInput, NotAllowed, NotFound
from assigncli.locale import _

_HANDLE: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?", re.ASCII)
MAX_NAME: Final = 100
MAX_DEVICE: Final = 40
_NO_HOST: Final = "this machine"
SERVICE_HANDLE: Final = "service"
"""Whom the sweep acts as, in every organisation."""


def require_handle(handle: str) -> str:
    """Return the handle in lower case.

    1 to 32 of a to z, digits, dot, hyphen and underscore, so that it is easy to type, to spell and
    to hear. Raises InvalidInput `handle_invalid`.
    """
    text = handle.strip().lower()
    if not is_handle(text):
        raise InvalidInput(
            _("This is not a handle."),
            _("Use 1 to 32 letters from a to z, digits, dots and hyphens, such as kari.n."),
            code="handle_invalid",
        )
    return text


def is_handle(text: str) -> bool:
    """Say whether this has the form of a handle."""
    return _HANDLE.fullmatch(text) is not None


def require_name(name: str) -> str:
    """Return the name, composed (Unicode NFC) and trimmed.

    One printable line of 1 to 100 characters, something of which can be seen. Raises InvalidInput
    `name_invalid`.
    """
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    if text and is_blank(text):
        raise InvalidInput(
            _("This name has nothing in it that can be seen or read aloud."),
            _("Give one line of 1 to {limit} characters.").format(limit=MAX_NAME),
            code="name_invalid",
        )
    if has_formatting(text):
        raise InvalidInput(
            _("This name holds a control or format character, which cannot be seen."),
            _("Type the name again instead of pasting it."),
            code="name_invalid",
        )
    if not text or len(text) > MAX_NAME or not text.isprintable():
        raise InvalidInput(
            _("This name cannot be used."),
            _("Give one line of 1 to {limit} characters.").format(limit=MAX_NAME),
            code="name_invalid",
        )
    return text


def plain_device(host: str) -> str:
    """Return a machine's host name as a certificate may call it, cut to 40 characters.

    Only what can be seen stays; a machine without a name is "this machine".
    """
    text = unicodedata.normalize("NFC", " ".join(host.split()))[:MAX_DEVICE].strip()
    plain = text.isprintable() and not has_formatting(text) and not is_blank(text)
    return text if text and plain else _NO_HOST


def name_key(name: str) -> str:
    """Return what two names have in common that are heard as one, to compare them by.

    Unicode compatibility forms, letter case and spacing make no difference.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", " ".join(folded.split()))


def organization_exists() -> InvalidInput:
    """Return the refusal of a name that an organisation of the store has."""
    return InvalidInput(
        _("This store already holds an organisation of that name."),
        _(
            "To take part in it, run assign join; to make another one, choose another name, "
            "or another store with --store."
        ),
        code="organization_exists",
    )


def token_invalid() -> NotAllowed:
    """Return the refusal of an invitation that was used, has ended, or is for nobody."""
    return NotAllowed(
        _("This invitation cannot be used: it was used already, has ended, or is for nobody."),
        _("Ask your coordinator to invite you again."),
        code="token_invalid",
    )


def member_not_found(near: object = None) -> NotFound:
    """Return the error for a handle that nobody has; `near` is one that is like it."""
    where = _("Run assign member list to see the handles.")
    asked = _("Did you mean {name}?").format(name=near) if near else ""
    return NotFound(
        _("There is no member with this handle in your organisation."),
        f"{asked} {where}".strip(),
        code="member_not_found",
    )
