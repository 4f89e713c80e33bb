"""The sentences on what is wrong with the sensitive part of an assignment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from assigncli.locale import N_, _, ngettext
from assigncli.words.form import Catalogue, Sentences
from assigncli.words.terms import LABELS


def _invalid(hint: str) -> Callable[[str], Sentences]:
    def said(field: str) -> Sentences:
        return _("{label} is not valid.").format(label=_(LABELS[field])), _(hint)

    return said


def _national_id(field: str) -> Sentences:
    return (
        _("{label} holds a national identity number.").format(label=_(LABELS[field])),
        _("Remove the number; the mentor does not need it."),
    )


def _national_id_in_halves(first: str, last: str) -> Sentences:
    message = _("The columns {first} and {last} together hold a national identity number.")
    hint = _("Remove the number; the mentor does not need it.")
    return message.format(first=first, last=last), hint


def _unknown(count: int) -> Sentences:
    message = ngettext(
        "The payload has {count} field that is not known.",
        "The payload has {count} fields that are not known.",
        count,
    )
    return message.format(count=count), _fields()


def _not_json() -> Sentences:
    message = _("The payload is not one JSON object in UTF-8 with each field given once.")
    return message, _fields()


def _empty() -> Sentences:
    return _("The payload is empty."), _fields()


def _fields() -> str:
    return _("Give a JSON object with these fields: {fields}.").format(fields=", ".join(LABELS))


def _missing(fields: tuple[str, ...]) -> Sentences:
    return _missing_named(fields), _("Fill them in. Only the practical notes may be left out.")


def _missing_in_json(fields: tuple[str, ...]) -> Sentences:
    hint = _("Add these fields to the JSON object: {fields}.").format(fields=", ".join(fields))
    return _missing_named(fields), hint


def _missing_named(fields: tuple[str, ...]) -> str:
    named = ", ".join(_(LABELS[name]) for name in fields)
    return _("These details are missing: {fields}.").format(fields=named)


PAYLOAD: Final[Catalogue] = {
    "payload_field_invalid.blank": _invalid(
        N_("It has nothing in it that can be seen or read aloud; type it.")
    ),
    "payload_field_invalid.unseen": _invalid(
        N_("It holds a format character, which cannot be seen; type it, do not paste it.")
    ),
    "payload_field_invalid.text": _invalid(N_("Give it as text, in quotation marks.")),
    "payload_field_invalid.control": _invalid(
        N_("Remove control characters, and line breaks where one line fits.")
    ),
    "payload_field_invalid.postal_code": _invalid(N_("Give the postal code as four digits.")),
    "payload_field_invalid.phone": _invalid(
        N_("Give a phone number that can be called from Norway.")
    ),
    "payload_has_national_id": _national_id,
    "payload_has_national_id.halves": _national_id_in_halves,
    "payload_unknown_field": _unknown,
    "payload_not_json": _not_json,
    "encrypted_payload_non_empty.fields": _empty,
    "payload_field_missing": _missing,
    "payload_field_missing.json": _missing_in_json,
    "payload_too_large": (
        N_("The payload is larger than {limit} bytes."),
        N_("Shorten the medical summary or the practical notes."),
    ),
    "payload_malformed": (
        N_("The decrypted payload is not in the form this program writes."),
        N_("Ask the coordinator to send the assignment again."),
    ),
}
