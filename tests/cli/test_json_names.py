"""Documents of `--json`: each is one, holds the agreed names alone, and writes a value one way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.cli.test_output import of_commands, require_for_the_ear, story
from tests.office import Office

SEEN_AT_A_SERVER = {"refused", "since"}
"""What `status` says of requests that did not authenticate; see test_unauthenticated_shown."""
JSON_NAMES = {
    # the columns of SPEC section 2
    "id",
    "number",
    "title",
    "subject_reference",
    "status",
    "priority",
    "contact_deadline_days",
    "dispatched_at",
    "delivered_at",
    "first_read_at",
    "acknowledged_at",
    "contact_made_at",
    "completed_at",
    "expires_at",
    "reminder_sent_at",
    "consent_required",
    "consent_completed_at",
    "threshold_sequence_number",
    "honorarium_tier",
    "recalled_at",
    "cancelled_at",
    "coordinator_notes",
    "internal_notes",
    "created_at",
    "organization_id",
    "reporting_cycle",
    # the payload
    "full_name",
    "address",
    "postal_code",
    "city",
    "phone",
    "medical_summary",
    "practical_notes",
    # people and keys
    "handle",
    "display_name",
    "recipient",
    "recipient_user_id",
    "recipient_name",
    "dispatched_by",
    "dispatched_by_user_id",
    "recalled_by_user_id",
    "cancelled_by_user_id",
    "refused",
    "replaced_by",
    "replaced_id",
    "new_keys",
    "replaced_number",
    "since",
    "cancel_reason",
    "actor",
    "roles",
    "profile",
    "profiles",
    "is_current",
    "paused_until",
    "certified_until",
    "certificate_id",
    "invitation",
    "fingerprint",
    "device",
    "approved_by",
    "is_this_device",
    "suspended_at",
    "state",
    "readable",
    "read_before",
    "outcome",
    "was_read",
    "cause",
    "suspended",
    "breach",
    "report_by",
    "happened",
    "persons",
    "data_concerned",
    "protection",
    "consequences",
    "measures",
    "informed",
    "unreadable",
    "keys",
    "issued_at",
    "revoked_at",
    "organization",
    "time_zone",
    # what is worked out, not kept
    "message",
    "at",
    "contact_due_at",
    "overdue",
    "timeline",
    "to_status",
    "reason",
    "attention",
    "reminder",
    "reminder_at",
    "reminder_problem",
    "more",
    "before",
    "total",
    "next",
    "urgent",
    "after",
    "unverified",
    "was_dispatched",
    "disclosed",
    "text_version",
    # cycles, settings, the log, the store, the doctor
    "open_assignments",
    "hint",
    "stops_dispatch",
    "undo",
    "dispatch_stopped",
    "openings",
    "unauthenticated",
    "name",
    "starts_on",
    "ends_on",
    "value",
    "meaning",
    "sequence",
    "action",
    "subject_type",
    "subject_id",
    "details",
    "entries",
    "size",
    "root",
    "origin",
    "key",
    "key_fingerprint",
    "note",
    "cosigned_at",
    "auditor",
    "against",
    # the record of processing
    "register",
    "concerns",
    "purpose",
    "retention",
    "recipients",
    "fields",
    "store",
    "vault",
    "authorized_keys",
    "owner",
    "schema_version",
    "store_id",
    "key_waits",
    "has_old_key",
    "size_bytes",
    "organizations",
    "members",
    "assignments",
    "audit_entries",
    "problems",
    "findings",
    "well",
    "advised",
    "finding",
    "settings",
    "cycles",
    # backups and restores
    "path",
    "passphrase_tried",
    "restored",
    "restores",
    "lost",
    "lost_to",
    "listed",
    "listed_at",
    "numbers",
    "revoked",
    "acts",
    "act",
    # notifications and the sweep
    "notification",
    "channels",
    "outcomes",
    "dry_run",
    "done",
    "told",
    "problem",
    # honorarium: a mentor's figures in a cycle, and a cycle's totals
    "mentors",
    "dispatched",
    "completed",
    "standard_reached_at",
    "standard_reached_number",
    "elevated_reached_at",
    "elevated_reached_number",
    "next_tier",
    "remaining",
    "completed_from_earlier",
    "exported_at",
    "dispatched_since",
    "completed_since",
    "reached_since",
    "standard_from",
    "elevated_from",
    "mentors_none",
    "mentors_standard",
    "mentors_elevated",
    # visits
    "in_person",
    "not_in_person",
    "not_said",
    "visits",
    # the lines behind a figure, and figures as a file
    "lines",
    "kind",
    "reached",
    "dispatched_in",
    "output",
    "format",
    "rows",
    "recorded",
    "attempt",
    "contact_attempts",
    "declined_at",
    "decline_reason",
    # who looked, what is held, what was erased
    "looks",
    "role",
    "proofs",
    "certificates",
    "body",
    "signature",
    "proof",
    "checkpoint",
    "root_key",
    "root_key_here",
    "kit_checked_at",
    "service",
    "is_archived",
    "erased_at",
    "member_id",
    "records",
    "columns",
    "table",
}
"""Every name a document may hold. Scripts depend on them: one is added here, none ever leaves."""


def names_in(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield every name and its value, also inside lists, but not in `details` and `columns`."""
    if isinstance(document, list):
        for each in document:
            yield from names_in(each)
    if isinstance(document, dict):
        for name, value in document.items():
            yield name, value
            if name not in ("details", "columns"):
                yield from names_in(value)


@pytest.mark.slow
def test_json_is_one_document_with_the_agreed_names(office: Office) -> None:
    seen = set()
    heard = story(office, "--json")
    require_for_the_ear(heard)
    for each in of_commands(heard):
        if each.line.ends:
            assert each.result.stdout == ""
            assert set(each.result.error) == {"code", "message", "hint"}, each.line
            continue
        for name, value in names_in(each.result.json):
            seen.add(name)
            require_shape(name, value)
    assert seen - JSON_NAMES == set()
    assert JSON_NAMES - seen == SEEN_AT_A_SERVER


def require_shape(name: str, value: Any) -> None:
    """Assert that times are ISO 8601 UTC, days ISO dates, ids uuids."""
    if value is None:
        return
    if name == "at" or name.endswith("_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value), name
    if name.endswith(("_until", "_on")):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", value), name
    if name == "id" or name.endswith("_id"):
        assert str(UUID(value)) == value, name
