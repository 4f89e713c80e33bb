"""Which fields the document of each command has: the one list of them, for schema and manual.

How names are written here is said in `document`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assigncli.cli.documents.assignment_fields import ASSIGNMENT_FIELDS
from assigncli.cli.documents.document import Document
from assigncli.cli.documents.field_forms import Fields
from assigncli.cli.documents.office_fields import OFFICE_FIELDS
from assigncli.locale import N_

FIELDS: Final[Fields] = {**ASSIGNMENT_FIELDS, **OFFICE_FIELDS}

_MENTOR: Final = "recipient recipient_user_id recipient_name"
_ABOUT: Final = f"number id title {_MENTOR} status"
_SENT: Final = (
    f"message {_ABOUT} priority dispatched_at contact_due_at expires_at threshold_sequence_number"
    " honorarium_tier notification"
)
_SUMMARY: Final = (
    f"number title subject_reference? status priority {_MENTOR} dispatched_by dispatched_by_user_id"
    " created_at dispatched_at? contact_due_at? overdue expires_at? declined_at? decline_reason? id"
)
_STEP: Final = "message number id title status at"
_OPENING: Final = "number title status"
_MEMBER: Final = (
    "handle display_name member.status roles takes.profile? paused_until? certified_until?"
    " member.id"
)
_HALTED: Final = f"message {_MEMBER} open_assignments open.assignments member.hint?"
_CYCLE: Final = "name cycle.status starts_on ends_on cycle.id"
_CHECKPOINT: Final = "origin size root log.fingerprint key key_fingerprint"
_PROFILE: Final = "profile handle? store? keys? is_current problem?"
_SIGNED: Final = "body signature"
_DRAFT: Final = f"message {_ABOUT}"

DOCUMENTS: Final[Mapping[str, tuple[Document, ...]]] = {
    "init": (
        Document(
            "message organization organization_id handle profile store vault? keys time_zone"
            " reporting_cycle? fingerprint"
        ),
    ),
    "join": (
        Document(
            "message organization handle profile store keys fingerprint", N_("With an invitation:")
        ),
        Document("message organization handle profile store keys", N_("With --kit:")),
    ),
    "doctor": (Document("findings", findings="check.name well advised finding"),),
    "profile list": (Document("profiles", profiles=_PROFILE),),
    "profile use": (Document(f"message {_PROFILE}"),),
    "profile address": (Document(f"message {_PROFILE}"),),
    "key list": (
        Document(
            "key_list.keys",
            keys="device handle display_name key.status fingerprint is_this_device keys? issued_at?"
            " approved_by? certified_until? suspended_at? revoked_at? certificate_id?",
        ),
    ),
    "key rotate": (Document("message state fingerprint"),),
    "key reseal": (
        Document(
            "message readable resealed.open_assignments read_before resealed.assignments",
            assignments="number title outcome was_read",
        ),
    ),
    "key lost": (
        Document(
            "message handle display_name device certificate_id cause revoked_at lost.assignments"
            " suspended breach?",
            assignments="number title status was_read still.readable",
            suspended="handle display_name device certificate_id",
            breach="report_by happened persons data_concerned protection consequences measures"
            " informed",
        ),
    ),
    "key move": (Document("message keys"),),
    "key kit": (Document("message root_key_here kit_checked_at?"),),
    "status": (
        Document(
            "attention total urgent more dispatch_stopped? openings unauthenticated? status.keys"
            " unreadable",
            attention=f"followed.attention followed.hint? {_SUMMARY}",
            dispatch_stopped="stopped.code stopped.message stopped.hint",
            openings="display_name openings.total",
            unauthenticated=Document("since refused", refused="error.code refused.total"),
            keys="handle display_name device key.status",
            unreadable="number title recipient recipient_name by_nobody",
        ),
    ),
    "create": (
        Document(_DRAFT, N_("A draft:")),
        Document(_SENT, N_("With --dispatch:")),
    ),
    "edit": (Document(_DRAFT),),
    "dispatch": (
        Document(_SENT, N_("One assignment:")),
        Document(
            "rows problems?",
            N_("With --csv:"),
            rows="row number id made.status new",
            problems="row column? code row.message",
        ),
        Document(
            "message rows_checked.rows good sheet.dispatch_stopped? problems?",
            N_("With --csv and --dry-run, or when the sheet is refused:"),
            problems="row column? code row.message",
        ),
    ),
    "list": (Document("assignments before? total?", assignments=_SUMMARY),),
    "show": (
        Document(
            f"message {_SUMMARY} contact_deadline_days delivered_at? first_read_at?"
            " acknowledged_at? contact_made_at? contact_attempts completed_at? recalled_at?"
            " recalled_by_user_id? cancelled_at? cancelled_by_user_id? cancel_reason? replaced_by?"
            " reminder_sent_at? reminder? reminder_at? reminder_problem? consent_required"
            " consent_completed_at? threshold_sequence_number? honorarium_tier coordinator_notes?"
            " internal_notes? timeline",
            timeline="step.to_status step.at step.actor step.reason?",
        ),
    ),
    "recall": (
        Document(
            f"message {_ABOUT} was_dispatched disclosed at recalled_at recalled_by_user_id"
            " [notification]"
        ),
    ),
    "cancel": (
        Document(
            f"message {_ABOUT} was_dispatched disclosed at cancelled_at cancelled_by_user_id"
            " cancel_reason [notification]"
        ),
    ),
    "reassign": (Document(f"{_SENT} disclosed replaced_number replaced_id"),),
    "honorarium report": (
        Document(
            "mentors cycles",
            mentors="display_name handle reporting_cycle dispatched completed"
            " earned.honorarium_tier standard_reached_at? standard_reached_number?"
            " elevated_reached_at? elevated_reached_number? next_tier? remaining?"
            " completed_from_earlier [dispatched_since] [completed_since] [reached_since?]",
            cycles="name starts_on ends_on standard_from elevated_from [exported_at?] dispatched"
            " completed mentors_none mentors_standard mentors_elevated",
        ),
        Document(
            "mentors cycles",
            N_("With --activity:"),
            mentors="display_name handle reporting_cycle in_person not_in_person not_said visits",
            cycles="name starts_on ends_on in_person not_in_person not_said visits",
        ),
        Document("message figures.output format written.rows recorded", N_("With --output:")),
    ),
    "honorarium explain": (
        Document(
            "lines handle display_name reporting_cycle standard_from elevated_from dispatched"
            " completed earned.honorarium_tier next_tier? remaining?",
            lines="line.at line.kind number line.in_person? line.dispatched line.completed"
            " line.reached? line.dispatched_in?",
        ),
    ),
    "inbox": (
        Document(
            "assignments unverified total urgent after? next?",
            assignments="number title status priority dispatched_by dispatched_by_user_id"
            " coordinator_notes? dispatched_at contact_due_at expires_at consent_required"
            " consent_completed_at? id",
            unverified="number unverified.code",
        ),
    ),
    "consent": (Document("message number [id] [title] [text_version] consent_completed_at"),),
    "open": (
        Document(
            "message number title priority dispatched_by dispatched_by_user_id coordinator_notes?"
            " full_name address postal_code city phone medical_summary practical_notes?"
            " contact_due_at expires_at first_read_at id"
        ),
    ),
    "ack": (Document(f"{_STEP} acknowledged_at"),),
    "decline": (Document("message number id title status declined_at decline_reason disclosed"),),
    "contact": (
        Document(f"{_STEP} contact_made_at", N_("Contact is made:")),
        Document(f"{_STEP} attempt", N_("With --no-answer:")),
    ),
    "complete": (Document(f"{_STEP} completed_at"),),
    "member invite": (
        Document("message handle display_name [roles] member.id invitation invitation.expires_at"),
        Document(
            "message handle display_name roles certified_until? certificate_id member.id profile",
            N_("With --here:"),
        ),
    ),
    "member approve": (
        Document(
            "message handle display_name roles certified_until? certificate_id member.id",
            N_("A new member:"),
        ),
        Document("message handle display_name device certificate_id", N_("One more device:")),
        Document(
            "message fingerprint certificate_id service.replaced_id", N_("The service's key:")
        ),
    ),
    "member list": (Document("members", members=_MEMBER),),
    "member show": (Document(f"message {_MEMBER}"),),
    "member pause": (Document(_HALTED, assignments=_OPENING),),
    "member resume": (Document(f"message {_MEMBER}"),),
    "member certify": (Document(f"message {_MEMBER}"),),
    "member revoke": (Document(_HALTED, assignments=_OPENING),),
    "member notify": (Document("message handle channels"),),
    "cycle open": (Document(f"message {_CYCLE}"),),
    "cycle close": (Document(f"message {_CYCLE} stops_dispatch undo?"),),
    "cycle reopen": (Document(f"message {_CYCLE}"),),
    "cycle list": (Document("cycle_list.cycles", cycles=_CYCLE),),
    "config get": (Document("message setting.name value?"),),
    "config set": (Document("message setting.name value?"),),
    "config list": (Document("settings", settings="setting.name value? meaning"),),
    "audit log": (
        Document(
            "entries total before? next?",
            entries="sequence entry.at actor? action subject_type subject_id? details"
            " entry.reason?",
        ),
    ),
    "audit verify": (
        Document(
            "message log.entries size root restores [against] [cosigned_at?]",
            N_("The log is whole:"),
            restores="sequence restore.at lost_to restore.cause",
        ),
        Document(
            "faults.findings log.entries",
            N_("Something is wrong, which is also an error:"),
            findings="fault.sequence? through? fault.number? fault.name? fault.column? fault.code"
            " fault.meaning",
        ),
    ),
    "audit checkpoint": (
        Document(f"message {_CHECKPOINT} organization? checkpoint.at output? note"),
    ),
    "audit cosign": (Document(f"message {_CHECKPOINT} cosigned_at auditor output note"),),
    "privacy export": (Document("records member_id handle", records="table columns"),),
    "privacy access": (
        Document(
            "looks proofs",
            looks="number sequence look.at role purpose [look.handle] [look.name]",
            proofs=Document(
                "number proof.organization root_key service checkpoint proof.entries certificates",
                entries=f"{_SIGNED} proof",
                certificates=_SIGNED,
            ),
        ),
    ),
    "privacy erase": (
        Document(
            "message erased.assignments erased_at",
            assignments="number id title status recipient recipient_name is_archived",
        ),
    ),
    "privacy register": (
        Document(
            "register",
            register="held.kind concerns held.purpose retention recipients fields",
        ),
    ),
    "sweep": (
        Document(
            "outcomes dry_run",
            outcomes=Document(
                "swept.organization? done number? swept.name? told? swept.message swept.problem?"
                " swept.assignments",
                assignments=_OPENING,
            ),
        ),
    ),
    "serve": (
        Document("message new_keys", N_("With --new-key:"), new_keys="organization fingerprint"),
    ),
    "store info": (
        Document(
            "message store vault schema_version store_id store.created_at size_bytes organizations"
            " counted.members counted.assignments audit_entries key_waits"
        ),
    ),
    "store check": (
        Document("store.problems", N_("The store:"), problems="fault.code fault.problem"),
        Document(
            "message log.entries store.problems backup.at passphrase_tried",
            N_("A backup, named as FILE:"),
            problems="fault.code fault.problem",
        ),
    ),
    "store backup": (Document("message backup.path backup.at"),),
    "store restore": (
        Document(
            "message store restored",
            N_("A backup is put in the store's place:"),
            restored="restored.name size lost listed_at listed numbers revoked has_old_key",
        ),
        Document(
            "message [size] [lost] [restore.cause] [restore.at] [acts]",
            N_("With --confirm or --accept:"),
            acts="sequence lost.at act number?",
        ),
    ),
    "store move": (
        Document("members store vault owner", members="display_name handle authorized_keys"),
    ),
    "store upgrade": (Document("message upgrade.before schema_version"),),
}
"""The commands as they are typed. `demo`, `relay`, `shell` and `help` give no document."""

WARNING: Final = Document("warning.code warning.message")
ERROR: Final = Document("error", error="error.code error.message error.hint [trace]")
