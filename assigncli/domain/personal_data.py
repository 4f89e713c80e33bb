"""Refuse personal data in a title, a reference or a note (rule `title_no_pii`).

Looks for the shapes of personal data (`shapes`) and for the assignment's own payload. It never
returns, keeps or quotes the text found, only its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from assigncli.domain.characters import has_formatting, is_blank
from assigncli.domain.own import Own, own_kinds_in
from assigncli.domain.rules import Rule
from assigncli.domain.shapes import LONGEST, ShapeKind, kinds_in
from assigncli.errors import InvalidInput, RuleRefused

if TYPE_CHECKING:
    from assigncli.domain.payload import Payload

__all__ = [
    "MAX_NOTE",
    "MAX_REFERENCE",
    "MAX_TITLE",
    "own_kinds_in",
    "require_no_personal_data",
    "require_note",
    "require_reference_length",
    "require_title",
]

MAX_TITLE: Final = 200
MAX_REFERENCE: Final = 40
MAX_NOTE: Final = LONGEST


def require_no_personal_data(
    texts: Mapping[str, str | None], payload: Payload | None, *, today: date
) -> None:
    """Refuse personal data in the free-text columns; `texts` maps column to text or None.

    Raises RuleRefused `title_no_pii` for the first column that has some, with its name and the
    kinds.
    """
    own = None if payload is None else Own(payload)
    for field, text in texts.items():
        if not text:
            continue
        kinds = set(kinds_in(text, today=today))
        if own is not None:
            kinds.update(own.kinds_in(text, today))
        if kinds:
            found = tuple(kind for kind in ShapeKind if kind in kinds)
            raise RuleRefused(Rule.TITLE_NO_PII, field=field, kinds=found)


def require_title(title: str) -> None:
    """Refuse a title that is blank, longer than 200 characters or not one plain line.

    Raises InvalidInput `title_invalid`.
    """
    if title.strip() and is_blank(title):
        raise InvalidInput("title_invalid", "blank")
    if has_formatting(title):
        raise InvalidInput("title_invalid", "unseen")
    if not title.strip() or len(title) > MAX_TITLE:
        raise InvalidInput("title_invalid", limit=MAX_TITLE)


def require_note(note: str) -> None:
    """Refuse a note over 2000 characters, or with control or format characters except line breaks.

    Raises InvalidInput `note_invalid`.
    """
    if len(note) > MAX_NOTE:
        raise InvalidInput("note_invalid", "long", limit=MAX_NOTE)
    if has_formatting(note, allowed="\n"):
        raise InvalidInput("note_invalid", "unseen")


def require_reference_length(reference: str) -> None:
    """Refuse a reference that is too long, blank or not plain.

    Raises RuleRefused `subject_reference_max_length` above 40 characters, and InvalidInput
    `subject_reference_invalid` for control and format characters, line breaks, and where nothing is
    visible.
    """
    if len(reference) > MAX_REFERENCE:
        raise RuleRefused(Rule.SUBJECT_REFERENCE_MAX_LENGTH, limit=MAX_REFERENCE)
    if reference and is_blank(reference):
        raise InvalidInput("subject_reference_invalid", "blank")
    if has_formatting(reference):
        raise InvalidInput("subject_reference_invalid", "unseen")
