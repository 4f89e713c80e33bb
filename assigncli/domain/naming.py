"""How a person names an assignment, and what is said where none is meant by it.

A number, an id, or how an id begins. What was typed is said again only where it is a short number:
anything longer may be personal data in the wrong place.
"""

from __future__ import annotations

import re
from typing import Final

from assigncli.errors import InvalidInput, NotFound

INBOX: Final = "inbox"
LIST: Final = "list"

_SPOKEN: Final = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
# With a letter in it, or longer than any number, so that a mistyped number is taken for no id.
_PREFIX: Final = re.compile(r"(?=.*[a-f]|.{8})[0-9a-f]{4,32}", re.ASCII)


def spoken_in(reference: str) -> int | None:
    """Return the number that was typed, if it is short enough to be said again; else None."""
    text = reference.strip()
    return int(text) if _SPOKEN.fullmatch(text) else None


def number_in(reference: str) -> int | None:
    """Return the number that was typed; None where it is none, or has more than 15 digits."""
    text = reference.strip()
    return int(text) if _NUMBER.fullmatch(text) else None


def prefix_in(reference: str) -> str | None:
    """Return the 4 to 32 hexadecimal digits with which an id begins; None for anything else."""
    digits = reference.strip().lower().replace("-", "")
    return digits if _PREFIX.fullmatch(digits) else None


def no_assignment(reference: str, hint: str) -> NotFound:
    """Return the error for an assignment that the asker does not have; `hint` is INBOX or LIST."""
    number = spoken_in(reference)
    if hint == LIST:
        return NotFound("assignment_not_found", LIST, number=number)
    return NotFound("assignment_not_found", INBOX, number=number)


def archived(number: int, *, sees_log: bool) -> NotFound:
    """Return the error for an archived assignment; `sees_log` for who may read the audit log."""
    if sees_log:
        return NotFound("assignment_archived", "log", number=number)
    return NotFound("assignment_archived", number=number)


def ambiguous() -> InvalidInput:
    """Return the error for the beginning of more than one id."""
    return InvalidInput("assignment_ambiguous")
