"""What may not stand in a title, a reference or a note (rule `title_no_pii`).

The shapes of personal data (`shapes`), and an assignment's own payload. It never returns, keeps or
quotes what it found: only the kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from assigncli.domain.characters import has_formatting, is_blank
from assigncli.domain.own import Own, own_kinds_in
from assigncli.domain.rules import Rule
from assigncli.domain.shapes import LONGEST, Kind, kinds_in
from assigncli.errors import InvalidInput, RuleRefused
from assigncli.locale import N_, _

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
_KIND_WORDS: Final = {
    Kind.NATIONAL_ID: N_("a national identity or account number"),
    Kind.PHONE: N_("a phone number"),
    Kind.EMAIL: N_("an e-mail address"),
    Kind.BIRTH_DATE: N_("a birth date"),
    Kind.STREET_ADDRESS: N_("a street address"),
    Kind.NAME: N_("a name from the payload"),
    Kind.REFERENCE: N_("a number or reference from the payload"),
}
_FIELD_WORDS: Final = {
    "title": N_("title"),
    "subject_reference": N_("subject reference"),
    "coordinator_notes": N_("coordinator notes"),
    "internal_notes": N_("internal notes"),
    "reason": N_("reason"),
}


def require_no_personal_data(
    texts: Mapping[str, str | None], payload: Payload | None, *, today: date
) -> None:
    """Refuse personal data in the free text columns; `texts` is by column name, None is no text.

    Raises RuleRefused `title_no_pii` for the first column that holds some, naming it and the kinds.
    """
    own = None if payload is None else Own(payload)
    for field, text in texts.items():
        if not text:
            continue
        kinds = set(kinds_in(text, today=today))
        if own is not None:
            kinds.update(own.kinds_in(text, today))
        if kinds:
            raise RuleRefused(
                Rule.TITLE_NO_PII,
                _("The {field} seems to hold {kinds}.").format(
                    field=_(_FIELD_WORDS[field]),
                    kinds=", ".join(_(_KIND_WORDS[kind]) for kind in Kind if kind in kinds),
                ),
                _("Take it out there; personal data belongs in the encrypted payload only."),
            )


def require_title(title: str) -> None:
    """Refuse a title that shows nothing, is over 200 characters or is not one plain line.

    Raises InvalidInput `title_invalid`.
    """
    if title.strip() and is_blank(title):
        raise InvalidInput(
            _("The title has nothing in it that can be seen or read aloud."),
            _("Give a short label without line breaks or control characters."),
            code="title_invalid",
        )
    if has_formatting(title):
        raise InvalidInput(
            _("The title holds a control or format character, which cannot be seen."),
            _("Type the title again instead of pasting it, on one line."),
            code="title_invalid",
        )
    if not title.strip() or len(title) > MAX_TITLE:
        raise InvalidInput(
            _("The title is not one line of 1 to {limit} characters.").format(limit=MAX_TITLE),
            _("Give a short label without line breaks or control characters."),
            code="title_invalid",
        )


def require_note(note: str) -> None:
    """Refuse a note over 2000 characters, or with control or format characters but line breaks.

    Raises InvalidInput `note_invalid`.
    """
    if len(note) > MAX_NOTE:
        raise InvalidInput(
            _("The note is longer than {limit} characters.").format(limit=MAX_NOTE),
            _("Shorten it."),
            code="note_invalid",
        )
    if has_formatting(note, allowed="\n"):
        raise InvalidInput(
            _("The note holds a control or format character, which cannot be seen."),
            _("Type the note again instead of pasting it."),
            code="note_invalid",
        )


def require_reference_length(reference: str) -> None:
    """Raise RuleRefused `subject_reference_max_length` above 40 characters.

    Raises InvalidInput `subject_reference_invalid` for control and format characters, line breaks,
    and where nothing can be seen.
    """
    if len(reference) > MAX_REFERENCE:
        raise RuleRefused(
            Rule.SUBJECT_REFERENCE_MAX_LENGTH,
            _("The subject reference is longer than {limit} characters.").format(
                limit=MAX_REFERENCE
            ),
            _("Use a case number or initials."),
        )
    if reference and is_blank(reference):
        raise InvalidInput(
            _("The subject reference has nothing in it that can be seen or read aloud."),
            _("Use a case number or initials, or leave it out."),
            code="subject_reference_invalid",
        )
    if has_formatting(reference):
        raise InvalidInput(
            _("The subject reference holds a control or format character, which cannot be seen."),
            _("Type the case number or initials again instead of pasting them, on one line."),
            code="subject_reference_invalid",
        )
