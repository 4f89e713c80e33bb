"""The names of the rules. Each is the error's code, the constraint's name and the test's name."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Rule(StrEnum):
    """Every rule of SPEC section 4, by its exact name."""

    TITLE_NO_PII = "title_no_pii"
    ENCRYPTED_PAYLOAD_NON_EMPTY = "encrypted_payload_non_empty"
    PAYLOAD_MUST_BE_ENCRYPTED_BEFORE_STORAGE = "payload_must_be_encrypted_before_storage"
    ENCRYPTION_KEY_EXISTS = "encryption_key_exists"
    ONLY_COORDINATOR_CAN_DISPATCH = "only_coordinator_can_dispatch"
    RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION = "recipient_must_belong_to_same_organization"
    RECIPIENT_IS_ACTIVE_PEER_MENTOR = "recipient_is_active_peer_mentor"
    VALID_STATUS_TRANSITION = "valid_status_transition"
    RECALL_ONLY_BEFORE_READ = "recall_only_before_read"
    ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH = "assignment_immutable_after_dispatch"
    EXPIRES_AT_IN_FUTURE = "expires_at_in_future"
    CONTACT_DEADLINE_DAYS_POSITIVE = "contact_deadline_days_positive"
    THRESHOLD_SEQUENCE_POSITIVE = "threshold_sequence_positive"
    SUBJECT_REFERENCE_MAX_LENGTH = "subject_reference_max_length"
    REPORTING_CYCLE_ACTIVE = "reporting_cycle_active"
    CONSENT_BEFORE_PAYLOAD_ACCESS = "consent_before_payload_access"
    EXPIRED_PAYLOAD_INACCESSIBLE = "expired_payload_inaccessible"
    AUDIT_ALL_ACCESS = "audit_all_access"
    TEN_DAY_NO_CONTACT_REMINDER = "ten_day_no_contact_reminder"
    AUTO_EXPIRY = "auto_expiry"
    THRESHOLD_HONORARIUM_TRIGGER = "threshold_honorarium_trigger"
    THRESHOLD_HONORARIUM_COUNTING = "threshold_honorarium_counting"
    ORGANIZATION_SCOPE_ISOLATION = "organization_scope_isolation"


class Guard(StrEnum):
    """What the database refuses besides the rules of SPEC section 4."""

    ALREADY_EXISTS = "already_exists"
    APPEND_ONLY = "append_only"
    ASSIGNMENT_DECLINED = "assignment_declined"
    AUDIT_CHAIN = "audit_chain"
    CYCLE_STATUS = "reporting_cycle_status"
    CYCLES_OVERLAP = "reporting_cycles_overlap"
    IMPORT_KEY_EXISTS = "import_key_exists"
    KEY_WRAPS_MATCH = "key_wraps_match"
    TITLE_INVALID = "title_invalid"


GUARDED: Final = frozenset((*Rule, *Guard))
"""The names of everything that the database's guards and constraints refuse."""
