"""Show what `audit verify` finds: the place of each finding, and the meaning of its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assigncli.cli.output import Record, views
from assigncli.domain.lifecycle import Status, status_word
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.lookups.about_log import LogFault

_PEOPLE: Final = ("member_", "profile_", "certificate_", "revocation_", "invitation_", "channels_")
_NAMED: Final = ("setting_", "cycle_", *_PEOPLE)


def finding(found: LogFault) -> Record:
    """Return one finding: where it is, and what it means."""
    return views.record(
        found,
        "sequence through difference.number difference.name column code meaning",
        sequence=found.sequence or None,
        name=views.Said(found.name, _concerned(found)),
        meaning=_(_MEANINGS[found.code]) if found.code in _MEANINGS else found.code,
    )


def _concerned(found: LogFault) -> str | None:
    """Return a status in words; the name of a setting, a cycle or a member unchanged."""
    if found.name in set(Status) and not found.code.startswith(_NAMED):
        return status_word(Status(found.name))
    return found.name


_MEANINGS: Final = {
    "audit_altered": N_("the entry was altered"),
    "audit_missing": N_("entries were removed"),
    "audit_reordered": N_("the entry does not follow the one before"),
    "audit_forged": N_("the entry is not signed, or states what its actor did not or may not"),
    "statement_altered": N_("the statement of the entry was altered"),
    "statement_missing": N_("the statement of the entry was removed"),
    "statement_unused": N_("the store holds a statement that no entry carries out"),
    "tree_differs": N_("the tree over the log is not as it was written"),
    "log_behind": N_("this machine has seen entries that the log does not have"),
    "log_forked": N_("this machine, or who acted here, has seen other entries before"),
    "checkpoint_shorter": N_("the checkpoint in the file has entries that the log does not have"),
    "checkpoint_forked": N_("the checkpoint in the file is of other entries than the log has"),
    "certificate_unrecorded": N_("the store holds a certificate that no entry speaks of"),
    "certificate_invalid": N_("a certificate does not verify"),
    "revocation_invalid": N_("a revocation does not verify"),
    "member_status_differs": N_(
        "the store says otherwise of this membership; assign member approve puts it right, or "
        "assign member revoke where the membership is revoked"
    ),
    "member_differs": N_("the member is not as the entries about them say"),
    "member_missing": N_("the member whom the entry is about is not in the store"),
    "member_unrecorded": N_("the store holds a member whom no entry speaks of"),
    "profile_differs": N_("the mentor's profile is not as its entries say"),
    "profile_missing": N_("the mentor's profile is not in the store"),
    "profile_unrecorded": N_("the store holds a mentor's profile that no entry speaks of"),
    "certificate_differs": N_("what is kept beside a certificate is not as its entries say"),
    "invitation_differs": N_("the invitation is not as its entries say"),
    "invitation_missing": N_("the invitation that the entry is about is not in the store"),
    "invitation_unrecorded": N_("the store holds an invitation that no entry speaks of"),
    "channels_differ": N_("the member's notification channels are not those that were signed"),
    "step_recorded_twice": N_("two entries say that the assignment took this step"),
    "recipient_differs": N_("the entry is not by the mentor whom the assignment is for"),
    "assignment_missing": N_("the assignment that the entry is about is not in the store"),
    "status_log_missing": N_("the status log has no row for the entry"),
    "status_log_doubled": N_("the status log has more than one row for the entry"),
    "status_log_differs": N_("the status log does not say what the entry says"),
    "status_log_unrecorded": N_("the status log has a row that no entry speaks of"),
    "ledger_line_missing": N_("the honorarium ledger has no line for the entry"),
    "ledger_line_doubled": N_("the honorarium ledger has more than one line for the entry"),
    "ledger_line_differs": N_("the honorarium ledger does not say what the entry says"),
    "ledger_line_unrecorded": N_("the honorarium ledger has a line that no entry speaks of"),
    "ledger_lines_reordered": N_("the honorarium ledger is not in the order of its entries"),
    "assignment_differs": N_(
        "the assignment is not for whom, or not counted as, the entry of its dispatch says"
    ),
    "assignment_unrecorded": N_("the store holds an assignment that no entry speaks of"),
    "assignment_column_differs": N_("the column does not say what the signed entries say"),
    "assignment_column_unrecorded": N_("the column holds what no entry speaks of"),
    "manifest_invalid": N_("the assignment is not as its coordinator signed it"),
    "wrap_altered": N_("a sealed key of the assignment is not as it was signed"),
    "wrap_missing": N_("a sealed key of the assignment is not in the store"),
    "organization_key_altered": N_("a key of the organisation is not as it was sealed"),
    "encryption_key_missing": N_("the key that the entry names is not in the store"),
    "encryption_key_unrecorded": N_("the store holds a key that no entry speaks of"),
    "consent_missing": N_("the consent that the entry is about is not in the store"),
    "consent_differs": N_("the consent is not as its entry says"),
    "consent_unrecorded": N_("the store holds a consent that no entry speaks of"),
    "contact_attempt_missing": N_("the attempt that the entry is about is not in the store"),
    "contact_attempt_differs": N_("the attempt without an answer is not as its entry says"),
    "contact_attempt_unrecorded": N_(
        "the store holds an attempt without an answer that no entry speaks of"
    ),
    "notification_missing": N_("the notification that the entry causes is not in the store"),
    "notification_differs": N_("the notification is not as its entry says"),
    "notification_unrecorded": N_("the store holds a notification that no entry causes"),
    "setting_missing": N_("the setting that the entry is about is not in the store"),
    "setting_reordered": N_("the settings are not in the order of their entries"),
    "setting_unrecorded": N_("the store holds a setting that no entry speaks of"),
    "organization_differs": N_("the organisation is not as its founding says"),
    "cycle_missing": N_("the reporting cycle that the entry is about is not in the store"),
    "cycle_differs": N_("the reporting cycle is not as its entries say"),
    "cycle_unrecorded": N_("the store holds a reporting cycle that no entry speaks of"),
}
"""The meaning of each finding's code: entries, people, assignments, and the office."""
