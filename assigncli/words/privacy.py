"""The sentences on finding and erasing what is kept about a person."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

PRIVACY: Final[Catalogue] = {
    "reference_not_found": (
        N_("No assignment has this reference."),
        N_("Run assign list to see the references; capital and small letters differ."),
    ),
    "assignment_open": (
        N_("Not ended yet, so not to be erased: {numbers}. Nothing was erased."),
        N_("Recall or cancel what is open, then run the command again."),
    ),
    "assignment_open.meanwhile": (
        N_("The assignment has not ended, so it cannot be erased."),
        N_("Recall or cancel it, then run the command again."),
    ),
    "erased_partly": (
        N_("Only these assignments are erased: {numbers}."),
        N_("Run the command again: it erases the rest, or says what is wrong."),
    ),
    "erased_share_kept": (
        N_("Erased, but the key is still on the disk, of: {numbers}."),
        N_("Run assign sweep, which deletes it."),
    ),
}
