"""The sentences on why an assignment cannot take a step, be changed, consented to or ended."""

from __future__ import annotations

from typing import Final

from assigncli.domain.lifecycle import TERMINAL, UNREAD, Status
from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences

_SO: Final = {
    Status.PENDING: N_("{state}, so it cannot be a draft again."),
    Status.DISPATCHED: N_("{state}, so it cannot be sent."),
    Status.DELIVERED: N_("{state}, so it cannot be delivered."),
    Status.READ: N_("{state}, so it cannot be read."),
    Status.ACKNOWLEDGED: N_("{state}, so it cannot be confirmed."),
    Status.CONTACT_MADE: N_("{state}, so contact cannot be recorded."),
    Status.COMPLETED: N_("{state}, so it cannot be completed."),
    Status.RECALLED: N_("{state}, so it cannot be recalled."),
    Status.CANCELLED: N_("{state}, so it cannot be cancelled."),
    Status.EXPIRED: N_("{state}, so it cannot expire."),
}
"""By the act: what cannot be done, after a clause with the assignment's status."""

_ALREADY: Final = {
    Status.PENDING: N_("Assignment {number} is already a draft."),
    Status.DISPATCHED: N_("Assignment {number} is already sent."),
    Status.DELIVERED: N_("Assignment {number} is already delivered."),
    Status.READ: N_("Assignment {number} is already read."),
    Status.ACKNOWLEDGED: N_("Assignment {number} is already confirmed."),
    Status.CONTACT_MADE: N_("Contact is already recorded for assignment {number}."),
    Status.COMPLETED: N_("Assignment {number} is already completed."),
    Status.RECALLED: N_("Assignment {number} is already recalled."),
    Status.CANCELLED: N_("Assignment {number} is already cancelled."),
    Status.EXPIRED: N_("Assignment {number} has already expired."),
}
"""By the act: the sentence if it is done already, and the assignment still open or ended by it."""

_STATE: Final = {
    Status.PENDING: N_("Assignment {number} is not sent yet"),
    Status.DISPATCHED: N_("Assignment {number} is not opened yet"),
    Status.DELIVERED: N_("Assignment {number} is not opened yet"),
    Status.READ: N_("Assignment {number} is not confirmed yet"),
    Status.ACKNOWLEDGED: N_("No contact is recorded for assignment {number} yet"),
    Status.CONTACT_MADE: N_("Contact is recorded for assignment {number}"),
    Status.COMPLETED: N_("Assignment {number} is completed"),
    Status.RECALLED: N_("Assignment {number} is recalled"),
    Status.CANCELLED: N_("Assignment {number} is cancelled"),
    Status.EXPIRED: N_("Assignment {number} has expired"),
}
"""By the status: a clause on why another act is impossible; for an open one, what comes first."""

_NEXT_COMMAND: Final = {
    Status.DISPATCHED: "assign open {number}",
    Status.DELIVERED: "assign open {number}",
    Status.READ: "assign ack {number}",
    Status.ACKNOWLEDGED: "assign contact {number}",
    Status.CONTACT_MADE: "assign complete {number}",
}
"""The mentor's next step."""


def _done(current: Status, target: Status, number: int) -> Sentences:
    return _(_ALREADY[target]).format(number=number), _what_next(current, target, number)


def _step(current: Status, target: Status, number: int) -> Sentences:
    state = _(_STATE[current]).format(number=number)
    return _(_SO[target]).format(state=state), _what_next(current, target, number)


def _what_next(current: Status, target: Status, number: int) -> str:
    if current in TERMINAL:
        hint = _("It has ended. Run assign show {number} to see how.")
    elif target in (Status.PENDING, Status.DISPATCHED):
        hint = _("Run assign show {number} to see how far it has come.")
    elif current is Status.PENDING:
        hint = _("Its coordinator sends it with assign dispatch {number}.")
    else:
        command = _NEXT_COMMAND[current].format(number=number)
        return _("The next step is {command}.").format(command=command)
    return hint.format(number=number)


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
    """Return what can be done with a sent assignment instead; its number is a placeholder."""
    if status in UNREAD:
        return _("Recall it with assign recall {number}, and create a new one.")
    if status in TERMINAL:
        return _("It has ended. Create a new one with assign create.")
    return _("Cancel it with assign cancel {number}, and create a new one.")


_HOW_FAR: Final = N_("Run assign show {number} to see how far it has come.")

STEPS: Final[Catalogue] = {
    "valid_status_transition.done": _done,
    "valid_status_transition.step": _step,
    "recall_only_before_read": (
        N_("The mentor has read assignment {number}, so it cannot be recalled."),
        N_("Cancel it with assign cancel {number}, and treat the brief as disclosed."),
    ),
    "valid_status_transition.reassign_draft": (
        N_("Assignment {number} is a draft, so it has no mentor yet."),
        N_("Run assign edit {number} --to HANDLE."),
    ),
    "valid_status_transition.decline_ended": (
        N_("Assignment {number} has ended, so it cannot be declined."),
        N_("Run assign show {number} to see how it ended."),
    ),
    "valid_status_transition.decline_contact": (
        N_("Contact is recorded for assignment {number}, so it cannot be declined."),
        N_("Call your coordinator if you cannot complete it."),
    ),
    "assignment_declined": (
        N_("You have declined assignment {number}."),
        N_("If you can take it after all, call your coordinator, who can send it to you again."),
    ),
    "valid_status_transition.reassign_ended": (
        N_("Assignment {number} has ended, so it cannot be given to another mentor."),
        N_("Run assign show {number} to see how it ended."),
    ),
    "valid_status_transition.meanwhile": (
        N_("Assignment {number} was changed by someone else at the same moment."),
        N_("Run assign show {number}, and then assign dispatch {number} if it is right."),
    ),
    "valid_status_transition.of_one": (
        N_("Assignment {number} cannot take this step now."),
        _HOW_FAR,
    ),
    "assignment_immutable_after_dispatch.of_one": (
        N_("Assignment {number} is no longer a draft, so it cannot be changed."),
        _HOW_FAR,
    ),
    "encryption_key_exists.of_one": (
        N_("The key of assignment {number} is missing or revoked."),
        N_("Create it again with assign create. What was encrypted with this key cannot be read."),
    ),
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
