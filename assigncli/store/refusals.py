"""The database's refusals, told as ours: a rule's name, or why the store is out of reach.

Nothing of the driver's text is passed on but names of constraints and triggers, which are ours.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from assigncli.errors import AssignError, OutcomeUnknown, PartlySaved, RuleRefused, StoreUnavailable
from assigncli.locale import N_, _

_CHECK_FAILED: Final = re.compile(r"CHECK constraint failed: (\w+)")
_TAKEN: Final = ("UNIQUE constraint failed", "PRIMARY KEY constraint failed")

_SHOW: Final = N_("Run assign show with the number of the assignment to see its status.")
_WITHDRAW: Final = N_("Recall or cancel it, and create a new one.")
_CHOOSE_MENTOR: Final = N_(
    "Choose another mentor. Run assign member list --role peer_mentor to see them."
)
_CHECK_STORE: Final = N_("Run assign store check and tell your administrator what it says.")

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "title_no_pii": (
        N_("A title, reference, note or reason holds something shaped like personal data."),
        N_("Take out every number, phone, e-mail address and name that points to a person."),
    ),
    "encrypted_payload_non_empty": (
        N_("The assignment has no encrypted payload."),
        N_("Create the assignment again with its payload."),
    ),
    "payload_must_be_encrypted_before_storage": (
        N_("The payload is not encrypted, so it was not stored."),
        N_("Create the assignment again with assign create."),
    ),
    "encryption_key_exists": (
        N_("The key of this assignment is missing or revoked."),
        N_("Create it again with assign create. What was encrypted with this key cannot be read."),
    ),
    "only_coordinator_can_dispatch": (
        N_("Only an active coordinator of this organisation can create or dispatch assignments."),
        N_("Ask an organisation administrator for the coordinator role."),
    ),
    "recipient_must_belong_to_same_organization": (
        N_("The recipient is not an active member of this organisation."),
        _CHOOSE_MENTOR,
    ),
    "recipient_is_active_peer_mentor": (
        N_("The recipient is not an active peer mentor with a valid certification."),
        _CHOOSE_MENTOR,
    ),
    "valid_status_transition": (
        N_("The assignment cannot take this step now."),
        _SHOW,
    ),
    "recall_only_before_read": (
        N_("The mentor has already read the assignment, so it cannot be recalled."),
        N_("Cancel it with assign cancel, and treat the brief as disclosed."),
    ),
    "assignment_immutable_after_dispatch": (
        N_("A sent assignment cannot be changed or deleted."),
        _WITHDRAW,
    ),
    "expires_at_in_future": (
        N_("The assignment would expire before it is sent, or has no valid expiry."),
        N_("Choose a later expiry date."),
    ),
    "contact_deadline_days_positive": (
        N_("The contact deadline must be at least one day."),
        N_("Give a number of days of 1 or more."),
    ),
    "threshold_sequence_positive": (
        N_("The honorarium sequence number must be 1 or more."),
        _CHECK_STORE,
    ),
    "subject_reference_max_length": (
        N_("The reference is longer than 40 characters."),
        N_("Shorten it to 40 characters or fewer."),
    ),
    "reporting_cycle_active": (
        N_("No open reporting cycle covers today."),
        N_("Run assign status, which says what to do."),
    ),
    "consent_before_payload_access": (
        N_("Consent must be completed before this assignment can be opened."),
        N_("Run assign consent with the number of the assignment first."),
    ),
    "expired_payload_inaccessible": (
        N_("The assignment has expired, so its content can no longer be opened."),
        N_("Ask the coordinator for a new assignment."),
    ),
    "audit_all_access": (
        N_("The access was not recorded in the audit log, so it was refused."),
        N_("Open the assignment with assign open, which records it."),
    ),
    "ten_day_no_contact_reminder": (
        N_("A reminder is recorded once, and only while contact is still due."),
        _SHOW,
    ),
    "auto_expiry": (
        N_("The assignment cannot expire before its expiry time."),
        N_("Cancel it with assign cancel to end it earlier."),
    ),
    "threshold_honorarium_trigger": (
        N_("The honorarium tier does not follow from the mentor's count."),
        N_("Try again; if it happens again, run assign store check."),
    ),
    "threshold_honorarium_counting": (
        N_("The honorarium count does not agree with the ledger."),
        N_("Try again; if it happens again, run assign store check."),
    ),
    "organization_scope_isolation": (
        N_("This would mix records of two organisations, or of people not part of it."),
        N_("Use members, cycles and assignments of your own organisation."),
    ),
    "append_only": (
        N_("A record that is only ever added to cannot be changed or deleted."),
        N_("Leave it as it is; what follows is recorded as a new entry."),
    ),
    "audit_chain": (
        N_("An audit entry does not follow the entries before it, or lacks its statement."),
        N_("Try again; if it happens again, run assign audit verify."),
    ),
    "title_invalid": (
        N_("The title or reference holds characters that cannot be seen, or nothing else."),
        N_("Type it again as plain text, on one line."),
    ),
    "already_exists": (
        N_("There is already a record with this name or number."),
        N_("Choose another name, or use the record there is."),
    ),
    "import_key_exists": (
        N_("This row was already sent by an earlier import."),
        N_("Leave it out; nothing is sent twice."),
    ),
    "key_wraps_match": (
        N_("The sealed keys of this draft do not belong to its recipient and coordinator."),
        N_("Change the draft with assign edit, which encrypts it again."),
    ),
    "reporting_cycle_status": (
        N_("A reporting cycle begins open, and has the moment of its closing while it is closed."),
        N_("Use assign cycle close and assign cycle reopen, which keep both right."),
    ),
    "reporting_cycles_overlap": (
        N_("Two reporting cycles of one organisation may not overlap."),
        N_("Run assign cycle list to see the cycles, and choose other days."),
    ),
}
"""What is said for each rule the database can raise: what is wrong, what to do."""

_OUT_OF_REACH: Final[dict[str, tuple[str, str, str, str]]] = {
    "SQLITE_BUSY": (
        "store_busy",
        N_("The store is in use by another program."),
        N_("The store is in use by another program."),
        N_("Try again in a moment; close other programs that hold the file if it lasts."),
    ),
    "SQLITE_READONLY": (
        "store_read_only",
        N_("The store is read-only, so nothing was written."),
        N_("The store has become read-only."),
        N_("Make the store's file and folder writable for you, then try again."),
    ),
    "SQLITE_FULL": (
        "disk_full",
        N_("The disk is full, so nothing was written."),
        N_("The disk is full."),
        N_("Free some space, then run the command again."),
    ),
    "SQLITE_IOERR": (
        "store_io",
        N_("The store could not be read from or written to its disk, so nothing was changed."),
        N_("The store could not be read from or written to its disk."),
        N_("Check that the disk has space left and is connected, then run the command again."),
    ),
    "SQLITE_NOTADB": (
        "store_not_ours",
        N_("This file is not a store of this program."),
        N_("This file is not a store of this program."),
        N_("Check the path of the store in your profile."),
    ),
    "SQLITE_CORRUPT": (
        "store_damaged",
        N_("The store is damaged."),
        N_("The store is damaged."),
        N_("Stop all use, copy your last backup back in its place, and run assign store check."),
    ),
    "SQLITE_CANTOPEN": (
        "store_unreachable",
        N_("The store, or the journal beside it, could not be opened."),
        N_("The store, or the journal beside it, could not be opened."),
        N_("Check that its folder is there and writable for you, then try again."),
    ),
}
"""By SQLite's name: our code, what is wrong where the command has saved nothing yet, what is wrong
where it has, and what to do."""
_REFUSED: Final = (
    "store_refused",
    N_("The store refused what was asked of it, and nothing was changed."),
    N_("The store refused what was asked of it."),
    _CHECK_STORE,
)
_SAVED_BEFORE: Final = N_(
    "An earlier step of this command is saved. Run assign list before you try again; as a mentor, "
    "run assign inbox."
)
_UNFINISHED: Final = (
    N_("A write was interrupted and must be undone first, but the store is read-only here."),
    N_("Run any command once where the store's file and folder are writable for you."),
)
_OTHER_NAMES: Final = {
    "SQLITE_LOCKED": "SQLITE_BUSY",
    "SQLITE_PROTOCOL": "SQLITE_BUSY",
    "SQLITE_PERM": "SQLITE_READONLY",
    "SQLITE_AUTH": "SQLITE_READONLY",
    "SQLITE_NOLFS": "SQLITE_FULL",
    "SQLITE_FORMAT": "SQLITE_CORRUPT",
}


def refusal(error: DBAPIError | sqlite3.Error, *, after_another: bool = False) -> AssignError:
    """Return our error for one of the driver's, where nothing of its transaction is saved.

    `after_another` says that an earlier transaction of the same command was saved, so that it
    cannot be said that nothing was changed. A guard's or a constraint's refusal gives RuleRefused
    with the rule's name, all else StoreUnavailable, `store_refused` where nothing better is known.
    Raise it `from None`.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    rule = _rule_in(str(cause))
    if rule is not None:
        message, hint = SENTENCES[rule]
        return RuleRefused(rule, _(message), _(hint))
    return _out_of_reach(getattr(cause, "sqlite_errorname", None) or "", after_another)


def outcome_unknown() -> OutcomeUnknown:
    """Return what is said where COMMIT failed and the store cannot be asked what it holds."""
    return OutcomeUnknown(
        _("It is not known whether this was saved."),
        _("Run assign list before you try again; as a mentor, run assign inbox."),
        code="store_outcome_unknown",
    )


def _rule_in(text: str) -> str | None:
    if text.startswith(_TAKEN):
        return "already_exists"
    found = _CHECK_FAILED.match(text)
    name = found[1] if found else text
    return name if name in SENTENCES else None


def _out_of_reach(name: str, after_another: bool) -> StoreUnavailable:
    """Choose by SQLite's name of the error, its longer ones by what they begin with."""
    if name in ("SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY"):
        message, hint = _UNFINISHED
        return StoreUnavailable(_(message), _(hint), code="store_read_only")
    primary = "_".join(name.split("_")[:2])
    code, alone, later, hint = _OUT_OF_REACH.get(_OTHER_NAMES.get(primary, primary), _REFUSED)
    if after_another:
        return PartlySaved(_(later), _(_SAVED_BEFORE), code=code)
    return StoreUnavailable(_(alone), _(hint), code=code)
