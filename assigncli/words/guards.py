"""The sentences on refusals by the database's guards, or by a server, which sends no facts."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Sentences

_SHOW: Final = N_("Run assign show with the number of the assignment to see its status.")
_WITHDRAW: Final = N_("Recall or cancel it, and create a new one.")
_CHOOSE_MENTOR: Final = N_(
    "Choose another mentor. Run assign member list --role peer_mentor to see them."
)
_CHECK_STORE: Final = N_("Run assign store check and tell your administrator what it says.")

GUARDS: Final[dict[str, Sentences]] = {
    "title_no_pii.guard": (
        N_("A title, reference, note or reason holds something shaped like personal data."),
        N_("Take out every number, phone, e-mail address and name that points to a person."),
    ),
    "encrypted_payload_non_empty.guard": (
        N_("The assignment has no encrypted payload."),
        N_("Create the assignment again with its payload."),
    ),
    "payload_must_be_encrypted_before_storage.guard": (
        N_("The payload is not encrypted, so it was not stored."),
        N_("Create the assignment again with assign create."),
    ),
    "encryption_key_exists.guard": (
        N_("The key of this assignment is missing or revoked."),
        N_("Create it again with assign create. What was encrypted with this key cannot be read."),
    ),
    "only_coordinator_can_dispatch.guard": (
        N_("Only an active coordinator of this organisation can create or dispatch assignments."),
        N_("Ask an organisation administrator for the coordinator role."),
    ),
    "recipient_must_belong_to_same_organization.guard": (
        N_("The recipient is not an active member of this organisation."),
        _CHOOSE_MENTOR,
    ),
    "recipient_is_active_peer_mentor.guard": (
        N_("The recipient is not an active peer mentor with a valid certification."),
        _CHOOSE_MENTOR,
    ),
    "assignment_declined.guard": (
        N_("The mentor has declined the assignment."),
        N_("Run assign reassign with its number to give it to another mentor."),
    ),
    "valid_status_transition.guard": (
        N_("The assignment cannot take this step now."),
        _SHOW,
    ),
    "recall_only_before_read.guard": (
        N_("The mentor has already read the assignment, so it cannot be recalled."),
        N_("Cancel it with assign cancel, and treat the brief as disclosed."),
    ),
    "assignment_immutable_after_dispatch.guard": (
        N_("A sent assignment cannot be changed or deleted."),
        _WITHDRAW,
    ),
    "expires_at_in_future.guard": (
        N_("The assignment would expire before it is sent, or has no valid expiry."),
        N_("Choose a later expiry date."),
    ),
    "contact_deadline_days_positive.guard": (
        N_("The contact deadline must be at least one day."),
        N_("Give a number of days of 1 or more."),
    ),
    "threshold_sequence_positive.guard": (
        N_("The honorarium sequence number must be 1 or more."),
        _CHECK_STORE,
    ),
    "subject_reference_max_length.guard": (
        N_("The reference is longer than 40 characters."),
        N_("Shorten it to 40 characters or fewer."),
    ),
    "reporting_cycle_active.guard": (
        N_("No open reporting cycle covers today."),
        N_("Run assign status, which says what to do."),
    ),
    "consent_before_payload_access.guard": (
        N_("Consent must be completed before this assignment can be opened."),
        N_("Run assign consent with the number of the assignment first."),
    ),
    "expired_payload_inaccessible.guard": (
        N_("The assignment has expired, so its content can no longer be opened."),
        N_("Ask the coordinator for a new assignment."),
    ),
    "audit_all_access.guard": (
        N_("The access was not recorded in the audit log, so it was refused."),
        N_("Open the assignment with assign open, which records it."),
    ),
    "ten_day_no_contact_reminder.guard": (
        N_("A reminder is recorded once, and only while contact is still due."),
        _SHOW,
    ),
    "auto_expiry.guard": (
        N_("The assignment cannot expire before its expiry time."),
        N_("Cancel it with assign cancel to end it earlier."),
    ),
    "threshold_honorarium_trigger.guard": (
        N_("The honorarium tier does not follow from the mentor's count."),
        N_("Try again; if it happens again, run assign store check."),
    ),
    "threshold_honorarium_counting.guard": (
        N_("The honorarium count does not agree with the ledger."),
        N_("Try again; if it happens again, run assign store check."),
    ),
    "organization_scope_isolation.guard": (
        N_("This would mix records of two organisations, or of people not part of it."),
        N_("Use members, cycles and assignments of your own organisation."),
    ),
    "append_only.guard": (
        N_("A record that is only ever added to cannot be changed or deleted."),
        N_("Leave it as it is; what follows is recorded as a new entry."),
    ),
    "audit_chain.guard": (
        N_("An audit entry does not follow the entries before it, or lacks its statement."),
        N_("Try again; if it happens again, run assign audit verify."),
    ),
    "title_invalid.guard": (
        N_("The title or reference holds characters that cannot be seen, or nothing else."),
        N_("Type it again as plain text, on one line."),
    ),
    "already_exists.guard": (
        N_("There is already a record with this name or number."),
        N_("Choose another name, or use the record there is."),
    ),
    "import_key_exists.guard": (
        N_("This row was already sent by an earlier import."),
        N_("Leave it out; nothing is sent twice."),
    ),
    "key_wraps_match.guard": (
        N_("The sealed keys of this draft do not belong to its recipient and coordinator."),
        N_("Change the draft with assign edit, which encrypts it again."),
    ),
    "reporting_cycle_status.guard": (
        N_("A reporting cycle begins open, and has the moment of its closing while it is closed."),
        N_("Use assign cycle close and assign cycle reopen, which keep both right."),
    ),
    "reporting_cycles_overlap.guard": (
        N_("Two reporting cycles of one organisation may not overlap."),
        N_("Run assign cycle list to see the cycles, and choose other days."),
    ),
}
