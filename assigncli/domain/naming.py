"""How a person refers to an assignment: by number, by id, or by the beginning of an id.

Refusals repeat what was typed only if it is a short number: anything longer may be personal data
typed in the wrong place.
"""

from __future__ import annotations

import re
from typing import Final

from assigncli.errors import InvalidInput, NotFound

INBOX: Final = "inbox"
LIST: Final = "list"

_SPOKEN: Final = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
# A letter, or at least 8 characters, so that a mistyped number is not taken for an id.
_PREFIX: Final = re.compile(r"(?=.*[a-f]|.{8})[0-9a-f]{4,32}", re.ASCII)


def spoken_in(reference: str) -> int | None:
    """Return the number typed if it is short enough to be repeated (6 digits); else None."""
    text = reference.strip()
    return int(text) if _SPOKEN.fullmatch(text) else None


def number_in(reference: str) -> int | None:
    """Return the number typed; None if it is not a number, or has more than 15 digits."""
    text = reference.strip()
    return int(text) if _NUMBER.fullmatch(text) else None


def prefix_in(reference: str) -> str | None:
    """Return the first 4 to 32 hexadecimal digits of an id; None for anything else."""
    digits = reference.strip().lower().replace("-", "")
    return digits if _PREFIX.fullmatch(digits) else None


def no_assignment(reference: str, hint: str) -> NotFound:
    """Return the error for an assignment the member does not have; `hint` is INBOX or LIST."""
    number = spoken_in(reference)
    if hint == LIST:
        return NotFound("assignment_not_found", LIST, number=number)
    return NotFound("assignment_not_found", INBOX, number=number)


def archived(number: int, *, sees_log: bool) -> NotFound:
    """Return the error for an archived assignment; `sees_log` if the member may read the log."""
    if sees_log:
        return NotFound("assignment_archived", "log", number=number)
    return NotFound("assignment_archived", number=number)


def ambiguous() -> InvalidInput:
    """Return the error for the beginning of more than one id."""
    return InvalidInput("assignment_ambiguous")
