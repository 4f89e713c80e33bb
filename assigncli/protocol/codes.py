"""The codes of refusals, their facts, and what is kept of them (PROTOCOL.md sections 8.1 and 8.3).

The table is the page's, and a test compares the two. When a code applies is decided where the rule
is checked; the sentences are in `words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import RecordForm, Shape, listed
from assigncli.protocol.message import MAX_BATCH_ROWS

COUNTED: Final = "counted"
RECORDED: Final = "yes"
FORGOTTEN: Final = "no"

_NONE: Final[dict[str, Shape]] = {}
_PLACE: Final[dict[str, Shape]] = {"place": "number?"}
_STATUS: Final[dict[str, Shape]] = {"status": "word"}
_TEXT: Final[dict[str, Shape]] = {"field": "word", "place": "number?"}
_ROW: Final = RecordForm({"place": "number", "code": "word"})


@dataclass(frozen=True)
class Code:
    """A reason to refuse: the check of its facts, and whether an attempt is counted or recorded."""

    name: str
    facts: RecordForm
    recorded: str


def _codes(names: str, facts: Mapping[str, Shape], recorded: str = RECORDED) -> list[Code]:
    form = RecordForm(facts)
    return [Code(name, form, recorded) for name in names.split()]


_EXCHANGE: Final = (
    *_codes(
        "message_too_large statement_too_large message_malformed statement_malformed act_unknown"
        " organization_not_found certificate_unknown signature_invalid token_invalid",
        _NONE,
        COUNTED,
    ),
    *_codes("version_unknown", {"newest": "number"}, COUNTED),
    *_codes("service_differs", {"service": "id"}, COUNTED),
    *_codes("organization_differs", {"organization": "id"}, FORGOTTEN),
    *_codes("statement_unknown statement_withdrawn", _NONE, FORGOTTEN),
    *_codes("clock_behind", {"last": "moment"}, FORGOTTEN),
    *_codes("restore_unconfirmed service_uncertified", _NONE, FORGOTTEN),
    *_codes("clock_apart certificate_revoked certificate_suspended", _NONE),
    *_codes("log_behind log_forked", {"size": "number"}),
    *_codes("text_differs attachment_differs attachment_malformed", _PLACE),
    *_codes("store_busy disk_full store_outcome_unknown server_fault", _NONE, FORGOTTEN),
    *_codes("share_missing share_mismatch", _NONE),
)

_RULES: Final = (
    *_codes("organization_exists", _NONE),
    *_codes("role_missing", {"roles": "[word]"}),
    *_codes("only_coordinator_can_dispatch", _NONE),
    *_codes(
        "assignment_not_found member_not_found cycle_not_found setting_not_found device_not_found"
        " assignment_archived assignment_ambiguous",
        _NONE,
    ),
    *_codes("organization_scope_isolation", _PLACE),
    *_codes("not_your_assignment", {"assignment": "id?"}),
    *_codes("number_differs expired_payload_inaccessible", _NONE),
    *_codes(
        "valid_status_transition recall_only_before_read assignment_immutable_after_dispatch",
        _STATUS,
    ),
    *_codes(
        "assignment_declined consent_before_payload_access consent_not_asked consent_incomplete"
        " consent_given audit_all_access changed_meanwhile",
        _NONE,
    ),
    *_codes(
        "encryption_key_exists assignment_exists recipient_must_belong_to_same_organization"
        " recipient_is_active_peer_mentor devices_changed manifest_invalid wrap_invalid"
        " encrypted_payload_non_empty payload_must_be_encrypted_before_storage",
        _PLACE,
    ),
    *_codes(
        "title_no_pii title_invalid note_invalid subject_reference_max_length"
        " subject_reference_invalid name_invalid handle_invalid reason_missing",
        _TEXT,
    ),
    *_codes(
        "contact_deadline_days_positive contact_deadline_too_long expires_at_in_future", _PLACE
    ),
    *_codes(
        "reporting_cycle_active cycle_exists member_exists cycle_days_reversed"
        " cycle_name_misleading cycle_overlaps cycle_name_taken cycle_already_open cycle_has_ended"
        " cycle_already_closed cycle_covers_today",
        _NONE,
    ),
    *_codes("import_key_exists", {"place": "number", "number": "number"}),
    *_codes("rows_refused", {"rows": listed(_ROW, MAX_BATCH_ROWS)}),
    *_codes(
        "setting_invalid thresholds_invalid time_zone_unknown handle_taken member_not_waiting"
        " member_already_revoked member_not_a_mentor paused_until_past certified_until_past"
        " certification_lapsed may_not_vouch certificate_invalid certificate_chain_too_long"
        " devices_too_many last_administrator channels_too_many assignment_open log_not_restored",
        _NONE,
    ),
)

CODES: Final = {code.name: code for code in (*_EXCHANGE, *_RULES)}
"""Every code of a refusal, in the page's order."""


def check_code(name: str, facts: Mapping[str, Any]) -> None:
    """Raise Malformed for an unknown code, or unless `facts` are exactly those of the code."""
    if name not in CODES:
        raise Malformed("code")
    CODES[name].facts.require(facts)
