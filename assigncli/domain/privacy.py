"""What may not stand in a title, a reference or a note (rule `title_no_pii`).

The shapes of personal data (`shapes`), and an assignment's own payload. It never returns, keeps or
quotes what it found: only the kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from assigncli.domain.own import Own
from assigncli.domain.own import own_kinds_in as own_kinds_in
from assigncli.domain.rules import Rule
from assigncli.domain.shapes import LONGEST, Kind, kinds_in
from assigncli.errors import InvalidInput, RuleRefused
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.domain.payload import Payload

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
_CONTROL: Final = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
"""Unicode's categories Cc, Cs, Zl and Zp."""
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
    """Refuse a title that is blank, over 200 characters or not one plain line.

    Raises InvalidInput `title_invalid`.
    """
    if not title.strip() or len(title) > MAX_TITLE or _has_control(title, allowed=""):
        raise InvalidInput(
            _("The title is not one line of 1 to {limit} characters.").format(limit=MAX_TITLE),
            _("Give a short label without line breaks or control characters."),
            code="title_invalid",
        )


def require_note(note: str) -> None:
    """Refuse a note over 2000 characters, or with control characters other than line breaks.

    Raises InvalidInput `note_invalid`.
    """
    if len(note) > MAX_NOTE or _has_control(note, allowed="\n"):
        raise InvalidInput(
            _("The note is longer than {limit} characters or holds control characters.").format(
                limit=MAX_NOTE
            ),
            _("Shorten it, and type it as plain text."),
            code="note_invalid",
        )


def require_reference_length(reference: str) -> None:
    """Raise RuleRefused `subject_reference_max_length` above 40 characters.

    Raises InvalidInput `subject_reference_invalid` for control characters or line breaks.
    """
    if len(reference) > MAX_REFERENCE:
        raise RuleRefused(
            Rule.SUBJECT_REFERENCE_MAX_LENGTH,
            _("The subject reference is longer than {limit} characters.").format(
                limit=MAX_REFERENCE
            ),
            _("Use a case number or initials."),
        )
    if _has_control(reference, allowed=""):
        raise InvalidInput(
            _("The subject reference holds control characters."),
            _("Use a case number or initials, on one line."),
            code="subject_reference_invalid",
        )


def _has_control(text: str, *, allowed: str) -> bool:
    return not text.isprintable() and any(c not in allowed for c in _CONTROL.findall(text))
