"""What is kept and why: the record of processing that GDPR article 30 asks for.

The columns are those of the tables. Each belongs to one kind of data; the sentences on a kind are
in `words.register`. A column without a kind is an error, so no column is added without a purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assigncli.server.store.stored_columns import stored_columns


@dataclass(frozen=True)
class KeptData:
    """One kind of data, and the columns that hold it: "assignments.title"."""

    kind: str
    fields: tuple[str, ...]


_KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "brief": {"assignments": "encrypted_payload"},
    "case": {
        "assignments": "title title_salt subject_reference subject_reference_salt",
        "archived_assignments": "title title_salt subject_reference subject_reference_salt",
    },
    "note_to_mentor": {"assignments": "coordinator_notes coordinator_notes_salt"},
    "internal_note": {"assignments": "internal_notes internal_notes_salt"},
    "reason": {
        "assignments": "decline_reason",
        "assignment_status_logs": "reason reason_salt",
    },
    "course": {
        "assignments": "number recipient_user_id dispatched_by_user_id status priority"
        " contact_deadline_days dispatched_at delivered_at first_read_at acknowledged_at"
        " contact_made_at completed_at expires_at reminder_sent_at recalled_at recalled_by_user_id"
        " cancelled_at cancelled_by_user_id declined_at created_at updated_at",
        "archived_assignments": "number recipient_user_id dispatched_by_user_id status created_at"
        " dispatched_at completed_at closed_at archived_at erased_at",
        "assignment_status_logs": "assignment_id from_status to_status actor_id at",
        "contact_attempts": "assignment_id member_id attempt at",
    },
    "consent": {
        "assignments": "consent_required consent_completed_at",
        "consent_records": "assignment_id member_id text_version statement_hash completed_at",
    },
    "honorarium": {
        "assignments": "threshold_sequence_number honorarium_tier reporting_cycle_id",
        "archived_assignments": "honorarium_tier threshold_sequence_number reporting_cycle_id",
        "assignment_threshold_logs": "assignment_id member_id reporting_cycle_id kind"
        " dispatched_change completed_change dispatched_count completed_count from_earlier_count"
        " in_person_count not_in_person_count in_person at",
    },
    "import": {
        "assignments": "import_key import_digest",
        "archived_assignments": "import_key import_digest",
    },
    "evidence": {
        "assignments": "manifest_body manifest_signature dispatcher_certificate_id",
        "archived_assignments": "manifest_body",
        "audit_log": "sequence at actor_id actor_certificate_id action subject_id details"
        " statement_hash service_certificate_id signature",
        "statements": "hash body signature",
        "log_nodes": "level place hash",
    },
    "refused": {
        "refused_statements": "hash certificate_id act subject_id code facts at kept_until sequence"
        " counted body signature"
    },
    "member": {
        "members": "handle handle_salt display_name display_name_salt status created_at updated_at",
        "member_roles": "member_id role",
    },
    "availability": {
        "peer_mentor_profiles": "member_id status paused_until certified_until updated_at"
    },
    "device": {
        "members": "signing_key encryption_key",
        "certificates": "member_id body signature device device_salt issued_at revoked_at"
        " suspended_at",
    },
    "invitation": {
        "invitations": "member_id token_hash expires_at created_at spent_at signing_key"
        " encryption_key device device_salt"
    },
    "channel": {"notification_channels": "member_id sealed created_at"},
    "notification": {
        "notifications": "assignment_id recipient_id kind status attempts created_at due_at"
        " attempted_at problem"
    },
    "key": {
        "assignments": "encryption_key_id",
        "encryption_keys": "assignment_id share_commitment created_at retired_at revoked_at"
        " shredded_at",
        "key_wraps": "assignment_id certificate_id encryption_key_id wrap maker_certificate_id"
        " signature created_at",
        "organization_key_wraps": "key_id certificate_id use wrap maker_certificate_id signature"
        " created_at",
    },
    "office": {
        "organizations": "name name_salt name_key time_zone root_public_key created_at",
        "organization_settings": "name value value_salt set_by set_at",
        "reporting_cycles": "name name_salt starts_on ends_on status created_at closed_at",
    },
    "technical": {
        "store_info": "store_id created_at recent_writes",
        "sweep_runs": "at done failed ended_to completed_to",
        "log_restores": "size lost_size lost_root last_number listed_at restored_at",
        "lost_endings": "kind",
    },
}
"""By kind of data, and table: its columns."""
_EVERYWHERE: Final = frozenset({"id", "organization_id"})
"""Columns that only say which row it is, and whose organisation's; they are technical."""


def register() -> tuple[KeptData, ...]:
    """Return every stored column under its kind of data; raises LookupError for one without."""
    kinds = {
        (table, column): kind
        for kind, tables in _KINDS.items()
        for table, columns in tables.items()
        for column in columns.split()
    }
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for table, columns in stored_columns().items():
        for column in columns:
            kind = kinds.get((table, column))
            if kind is None:
                if column not in _EVERYWHERE:
                    raise LookupError(f"{table}.{column} has no purpose")
                kind = "technical"
            found[kind].append(f"{table}.{column}")
    return tuple(KeptData(kind, tuple(fields)) for kind, fields in found.items())
