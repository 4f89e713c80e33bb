"""What is only ever added to: logs, consents, settings, entries, statements, certificates, keys.

And what was refused, which is emptied and goes in time.

Whether an entry's node, signature and statement are right needs cryptography, and is verified by
`assign audit verify`; the guards hold that sequences and nodes have no gap and each entry a node.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own constants, never from input

from __future__ import annotations

from typing import Final

from assigncli.domain.lifecycle import TERMINAL, TRANSITIONS, Status
from assigncli.domain.rules import Rule
from assigncli.store.guards.people import is_member
from assigncli.store.guards.shape import (
    Code,
    append_only,
    changed,
    fixed,
    is_moment,
    listed,
    one_of,
    refuse,
    undeletable,
    unreplaceable,
)

_OF_ORGANIZATION: Final = (
    "EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id"
    " AND organization_id = NEW.organization_id"
)
_STEP_TAKEN: Final = (
    f"CASE WHEN NEW.from_status IS NULL THEN NEW.to_status = '{Status.PENDING}'\n    "
    + "\n    ".join(
        f"WHEN NEW.from_status = '{status}' THEN NEW.to_status IN ({listed(targets)})"
        for status, targets in TRANSITIONS.items()
        if targets
    )
    + " ELSE 0 END"
)

_LOG_GUARDS: Final = (
    refuse(
        "assignment_status_logs_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON assignment_status_logs",
        one_of(f"NOT {_OF_ORGANIZATION})", f"NOT {is_member('NEW.actor_id')}"),
    ),
    refuse(
        "assignment_status_logs_step",
        Rule.VALID_STATUS_TRANSITION,
        "BEFORE INSERT ON assignment_status_logs",
        f"{_OF_ORGANIZATION})\n  AND "
        + one_of(
            f"NOT {_OF_ORGANIZATION} AND status = NEW.to_status)",
            f"NOT {_STEP_TAKEN}",
            "EXISTS (SELECT 1 FROM assignment_status_logs"
            " WHERE assignment_id = NEW.assignment_id AND to_status = NEW.to_status)",
        ),
    ),
    refuse(
        "consent_records_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON consent_records",
        f"NOT {_OF_ORGANIZATION} AND recipient_user_id = NEW.member_id)",
    ),
    *append_only("assignment_status_logs"),
    *append_only("assignment_threshold_logs", ("assignment_id", "kind")),
    *append_only("consent_records", ("id",), ("assignment_id", "member_id")),
    *append_only("organization_settings"),
)

_OUTBOX_GUARDS: Final = (
    refuse(
        "notifications_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON notifications",
        one_of(f"NOT {_OF_ORGANIZATION})", f"NOT {is_member('NEW.recipient_id')}"),
    ),
    fixed(
        "notifications",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "id",
        "organization_id",
        "assignment_id",
        "recipient_id",
        "kind",
    ),
    refuse(
        "notifications_sent_for_good",
        Code.APPEND_ONLY,
        "BEFORE UPDATE OF status ON notifications",
        "OLD.status = 'sent' AND NEW.status <> 'sent'",
    ),
    *unreplaceable("notification_channels", Code.ALREADY_EXISTS, ("id",)),
    refuse(
        "notification_channels_no_update",
        Code.APPEND_ONLY,
        "BEFORE UPDATE ON notification_channels",
        "1",
    ),
    refuse(
        "notification_channels_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON notification_channels",
        f"NOT {is_member('NEW.member_id')}",
    ),
    fixed("sweep_runs", Rule.ORGANIZATION_SCOPE_ISOLATION, "organization_id"),
    refuse(
        "sweep_runs_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON sweep_runs",
        "NOT EXISTS (SELECT 1 FROM organizations WHERE id = NEW.organization_id)",
    ),
)

_LAST_ENTRY: Final = (
    "SELECT sequence FROM audit_log"
    " WHERE organization_id = NEW.organization_id ORDER BY sequence DESC LIMIT 1"
)
_NODE: Final = (
    "EXISTS (SELECT 1 FROM log_nodes WHERE organization_id = NEW.organization_id"
    " AND level = {level} AND place = {place})"
)
_BELOW: Final = "NEW.level - 1"

_AUDIT_GUARDS: Final = (
    refuse(
        "audit_log_sequence",
        Code.AUDIT_CHAIN,
        "BEFORE INSERT ON audit_log",
        one_of(
            f"NEW.sequence IS NOT 1 + coalesce(({_LAST_ENTRY}), 0)",
            f"NOT {_NODE.format(level=0, place='NEW.sequence - 1')}",
            "length(CAST(NEW.signature AS BLOB)) <> 64",
            "(NEW.statement_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM statements"
            " WHERE hash = NEW.statement_hash AND organization_id = NEW.organization_id))",
        ),
    ),
    *append_only("audit_log", ("organization_id", "sequence")),
    refuse(
        "log_nodes_complete",
        Code.AUDIT_CHAIN,
        "BEFORE INSERT ON log_nodes",
        one_of(
            "NEW.level < 0",
            "NEW.place < 0",
            "length(CAST(NEW.hash AS BLOB)) <> 32",
            f"(NEW.place > 0 AND NOT {_NODE.format(level='NEW.level', place='NEW.place - 1')})",
            f"(NEW.level > 0 AND NOT {_NODE.format(level=_BELOW, place='2 * NEW.place')})",
            f"(NEW.level > 0 AND NOT {_NODE.format(level=_BELOW, place='2 * NEW.place + 1')})",
        ),
    ),
    *append_only("log_nodes", ("organization_id", "level", "place")),
    refuse(
        "statements_shape",
        Code.AUDIT_CHAIN,
        "BEFORE INSERT ON statements",
        one_of(
            "length(CAST(NEW.hash AS BLOB)) <> 32",
            "length(CAST(NEW.signature AS BLOB)) <> 64",
        ),
    ),
    *append_only("statements", ("hash",)),
)

# What is refused is no record for ever. Which rows may go, and when, is the server's rule; that no
# count is lost with one is held here.
_REFUSED_COLUMNS: Final = (
    *("rowid", "hash", "organization_id", "certificate_id", "act", "subject_id", "code", "facts"),
    *("at", "kept_until", "sequence"),
)
_REFUSED_GUARDS: Final = (
    *unreplaceable("refused_statements", Code.APPEND_ONLY, ("hash",)),
    refuse(
        "refused_statements_not_carried_out",
        Code.ALREADY_EXISTS,
        "BEFORE INSERT ON refused_statements",
        "EXISTS (SELECT 1 FROM statements WHERE hash = NEW.hash)",
    ),
    refuse(
        "refused_statements_fixed",
        Code.APPEND_ONLY,
        "BEFORE UPDATE ON refused_statements",
        one_of(
            changed(*_REFUSED_COLUMNS),
            *(f"(NEW.{c} IS NOT NULL AND NEW.{c} IS NOT OLD.{c})" for c in ("body", "signature")),
            "(NEW.counted IS NOT NULL AND NEW.counted IS NOT OLD.counted"
            " AND NEW.counted IS NOT OLD.counted + 1)",
        ),
    ),
    refuse(
        "refused_statements_counting",
        Code.APPEND_ONLY,
        "BEFORE DELETE ON refused_statements",
        "OLD.counted IS NOT NULL",
    ),
)

_KEY_COLUMNS: Final = (
    *("rowid", "id", "organization_id", "assignment_id", "share_commitment", "created_at"),
)
_KEY_MOMENTS: Final = ("retired_at", "revoked_at", "shredded_at")
_CERTIFICATE_COLUMNS: Final = (
    "rowid",
    "id",
    "organization_id",
    "member_id",
    "body",
    "signature",
    "device",
    "device_salt",
    "issued_at",
)

_KEY_GUARDS: Final = (
    *unreplaceable("encryption_keys", Code.APPEND_ONLY, ("id",)),
    undeletable("encryption_keys"),
    refuse(
        "encryption_keys_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON encryption_keys",
        "NOT EXISTS (SELECT 1 FROM organizations WHERE id = NEW.organization_id)",
    ),
    refuse(
        "encryption_keys_written_once",
        Code.APPEND_ONLY,
        "BEFORE UPDATE ON encryption_keys",
        one_of(
            changed(*_KEY_COLUMNS),
            *(f"(OLD.{c} IS NOT NULL AND NEW.{c} IS NOT OLD.{c})" for c in _KEY_MOMENTS),
            *(f"(NEW.{c} IS NOT OLD.{c} AND NOT {is_moment(f'NEW.{c}')})" for c in _KEY_MOMENTS),
            "(NEW.revoked_at IS NULL AND NEW.shredded_at IS NOT NULL)",
        ),
    ),
    *unreplaceable("certificates", Code.APPEND_ONLY, ("id",)),
    undeletable("certificates"),
    refuse(
        "certificates_revoked_once",
        Code.APPEND_ONLY,
        "BEFORE UPDATE ON certificates",
        f"{changed(*_CERTIFICATE_COLUMNS)} OR OLD.revoked_at IS NOT NULL"
        f" OR NOT {is_moment('NEW.revoked_at')}",
    ),
)

_ARCHIVE_GUARDS: Final = (
    *unreplaceable(
        "archived_assignments",
        Code.APPEND_ONLY,
        ("id",),
        ("organization_id", "number"),
        ("organization_id", "import_key"),
    ),
    refuse(
        "archived_assignments_no_update",
        Code.APPEND_ONLY,
        "BEFORE UPDATE ON archived_assignments",
        "1",
    ),
    refuse(
        "archived_assignments_ended",
        Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
        "BEFORE INSERT ON archived_assignments",
        "NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.id AND number = NEW.number"
        " AND organization_id = NEW.organization_id AND status = NEW.status"
        " AND import_key IS NEW.import_key AND import_digest IS NEW.import_digest"
        f" AND status IN ({listed(TERMINAL)}))",
    ),
)

RECORD_GUARDS: Final = (
    *_LOG_GUARDS,
    *_OUTBOX_GUARDS,
    *_AUDIT_GUARDS,
    *_REFUSED_GUARDS,
    *_KEY_GUARDS,
    *_ARCHIVE_GUARDS,
)
