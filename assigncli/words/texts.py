"""The sentences on names, handles, and texts that everybody in the organisation can read."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences
from assigncli.words.terms import COLUMNS, KINDS


def _personal_data(field: str, kinds: tuple[str, ...]) -> Sentences:
    found = ", ".join(_(KINDS[kind]) for kind in kinds)
    return (
        _("The {field} seems to hold {kinds}.").format(field=_(COLUMNS[field]), kinds=found),
        _("Take it out there; personal data belongs in the encrypted payload only."),
    )


def _member_not_found(near: str | None) -> Sentences:
    message = _("There is no member with this handle in your organisation.")
    where = _("Run assign member list to see the handles.")
    if near is None:
        return message, where
    return message, _("Did you mean {name}?").format(name=near) + " " + where


TEXTS: Final[Catalogue] = {
    "title_no_pii": _personal_data,
    "member_not_found": _member_not_found,
    "handle_invalid": (
        N_("This is not a handle."),
        N_("Use 1 to 32 letters from a to z, digits, dots and hyphens, such as kari.n."),
    ),
    "name_invalid.blank": (
        N_("This name has nothing in it that can be seen or read aloud."),
        N_("Give one line of 1 to {limit} characters."),
    ),
    "name_invalid.unseen": (
        N_("This name holds a control or format character, which cannot be seen."),
        N_("Type the name again instead of pasting it."),
    ),
    "name_invalid": (
        N_("This name cannot be used."),
        N_("Give one line of 1 to {limit} characters."),
    ),
    "title_invalid.blank": (
        N_("The title has nothing in it that can be seen or read aloud."),
        N_("Give a short label without line breaks or control characters."),
    ),
    "title_invalid.unseen": (
        N_("The title holds a control or format character, which cannot be seen."),
        N_("Type the title again instead of pasting it, on one line."),
    ),
    "title_invalid": (
        N_("The title is not one line of 1 to {limit} characters."),
        N_("Give a short label without line breaks or control characters."),
    ),
    "note_invalid.long": (
        N_("The note is longer than {limit} characters."),
        N_("Shorten it."),
    ),
    "note_invalid.unseen": (
        N_("The note holds a control or format character, which cannot be seen."),
        N_("Type the note again instead of pasting it."),
    ),
    "subject_reference_max_length": (
        N_("The subject reference is longer than {limit} characters."),
        N_("Use a case number or initials."),
    ),
    "subject_reference_invalid.blank": (
        N_("The subject reference has nothing in it that can be seen or read aloud."),
        N_("Use a case number or initials, or leave it out."),
    ),
    "subject_reference_invalid.unseen": (
        N_("The subject reference holds a control or format character, which cannot be seen."),
        N_("Type the case number or initials again instead of pasting them, on one line."),
    ),
}
