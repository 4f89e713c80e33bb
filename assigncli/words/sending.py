"""Assignments and sheets: what cannot be sent, changed, consented to or ended."""

from __future__ import annotations

from typing import Final

from assigncli.domain.lifecycle import TERMINAL, UNREAD, Status
from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences

_NO_KEY_DELETED: Final = {
    Status.RECALLED: N_(
        "Assignment {number} is recalled and nobody may open it, but no key is deleted: no signed "
        "entry says which one is its own."
    ),
    Status.CANCELLED: N_(
        "Assignment {number} is cancelled and nobody may open it, but no key is deleted: no signed "
        "entry says which one is its own."
    ),
}
_KEY_NOT_DELETED_YET: Final = {
    Status.RECALLED: N_(
        "Assignment {number} is recalled and nobody may open it, but its key is not deleted yet."
    ),
    Status.CANCELLED: N_(
        "Assignment {number} is cancelled and nobody may open it, but its key is not deleted yet."
    ),
}


def _key_unsigned(status: Status, number: int) -> Sentences:
    return _(_NO_KEY_DELETED[status]).format(number=number), _(
        "Run assign audit verify, and tell your administrator: the store has been changed."
    )


def _share_not_deleted(status: Status, number: int) -> Sentences:
    return _(_KEY_NOT_DELETED_YET[status]).format(number=number), _(
        "The next sweep deletes it. Run assign doctor to see what is wrong with the vault."
    )


def _immutable(status: Status, number: int) -> Sentences:
    message = _("Assignment {number} is no longer a draft, so it cannot be changed.")
    return message.format(number=number), _instead(status).format(number=number)


def _instead(status: Status) -> str:
    """Return what can be done with one that is sent, whose number is to be filled in."""
    if status in UNREAD:
        return _("Recall it with assign recall {number}, and create a new one.")
    if status in TERMINAL:
        return _("It has ended. Create a new one with assign create.")
    return _("Cancel it with assign cancel {number}, and create a new one.")


SENDING: Final[Catalogue] = {
    "consent_incomplete": (
        N_("The consent is not complete: every step has to be accepted."),
        N_("Run assign consent again, or tell your coordinator that you decline."),
    ),
    "consent_not_asked": (
        N_("Assignment {number} does not ask for your consent."),
        N_("Open it with assign open {number}."),
    ),
    "export_not_recorded": (
        N_("The figures are written, but the export could not be recorded."),
        N_("Run the same command again, with --force where it writes to a file."),
    ),
    "reason_missing": (
        N_("A cancellation needs a reason."),
        N_("Give it with --reason, without any personal data."),
    ),
    "assignment_immutable_after_dispatch": _immutable,
    "key_unsigned": _key_unsigned,
    "share_not_deleted": _share_not_deleted,
}
