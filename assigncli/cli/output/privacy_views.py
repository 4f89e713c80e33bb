"""Show what was erased about a person visited, who looked at their brief, and a member's data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record, act_names, views
from assigncli.cli.output.labels import label
from assigncli.cli.output.values import shown
from assigncli.domain.actions import Action
from assigncli.domain.tiers import Tier
from assigncli.locale import N_, _
from assigncli.protocol.forms import to_base64

if TYPE_CHECKING:
    from assigncli.client.looks import Access, LookProof, PersonalLook
    from assigncli.client.privacy import Erased
    from assigncli.lookups.about_privacy import HeldRow, PersonAssignment

_PURPOSES: Final = {
    "writing": N_("to write the brief"),
    "visit": N_("to make the visit"),
    "follow_up": N_("to follow the assignment up"),
}


def erased(done: Erased) -> Record:
    """Return the record of an erasing: each assignment, as it was before."""
    erased_ = Field("assignments", label("assignments"), tuple(map(_assignment, done.assignments)))
    fields = (erased_, *views.fields(done, "erased_at", erased_at=done.at))
    return Record(fields, tuple(map(_line, done.assignments)))


def _assignment(found: PersonAssignment) -> Record:
    return views.record(
        found,
        "number -id title status recipient -recipient_name -is_archived",
        recipient=views.Said(found.recipient, f"{found.recipient_name}, {found.recipient}"),
    )


def _line(found: PersonAssignment) -> Line:
    return Line(_("Assignment {number}").format(number=found.number), found.title)


def look(found: PersonalLook, *, is_named: bool) -> Record:
    """Return one look at a brief: when, as what and for what; who, only where names are asked."""
    names = "number sequence at role purpose"
    purpose = _(_PURPOSES[found.purpose])
    role, when = shown(found.role), out().calendar.time(found.at)
    if is_named:
        said = _("{when}, {role} {name}, {purpose}").format(
            when=when, role=role, name=found.name, purpose=purpose
        )
    else:
        said = _("{when}, {role}, {purpose}").format(when=when, role=role, purpose=purpose)
    return views.record(
        found,
        f"{names} handle name" if is_named else names,
        (Line(_("Assignment {number}").format(number=found.number), said),),
        role=views.Said(found.role, role),
        purpose=views.Said(found.purpose, purpose),
    )


def proofs(found: Access) -> list[Record]:
    """Return what proves the looks, for JSON alone, in the form of PROTOCOL.md section 5.5."""
    return [_proof(each) for each in found.proofs]


def _proof(found: LookProof) -> Record:
    entries = [
        {
            "body": to_base64(each.body),
            "signature": each.signature.hex(),
            "proof": [step.hex() for step in each.proof],
        }
        for each in found.entries
    ]
    certificates = [
        {"body": to_base64(each.body), "signature": each.signature.hex()}
        for each in found.certificates
    ]
    return views.record(
        found,
        "-number -organization -root_key -service -checkpoint -entries -certificates",
        root_key=found.root_key.hex(),
        entries=entries,
        certificates=certificates,
    )


_TABLES: Final = {
    "archived_assignments": N_("Archived assignment"),
    "assignment_status_logs": N_("Step of an assignment"),
    "assignment_threshold_logs": N_("Line of the honorarium ledger"),
    "assignments": N_("Assignment"),
    "audit_log": N_("Entry of the audit log"),
    "certificates": N_("Device"),
    "consent_records": N_("Consent"),
    "contact_attempts": N_("Attempt without an answer"),
    "invitations": N_("Invitation"),
    "key_wraps": N_("Sealed key of a brief"),
    "member_roles": N_("Role"),
    "members": N_("Member"),
    "notification_channels": N_("Notification channel, its address sealed"),
    "notifications": N_("Notification"),
    "organization_key_wraps": N_("Sealed key of the organisation"),
    "organization_settings": N_("Setting"),
    "peer_mentor_profiles": N_("Mentor's profile"),
    "refused_statements": N_("Refused attempt"),
}
"""What a row of each table is."""


def held(found: HeldRow, numbers: Mapping[str, int]) -> Record:
    """Return one row that names a member: JSON has it as it is stored, lines what people can read.

    `numbers` are those of the assignments by id.
    """
    about = _about(found.columns, numbers)
    lines = (
        Line(label(name), _in_words(name, value))
        for name, value in found.columns.items()
        if value not in (None, "") and name in _SAID
    )
    return views.record(found, "-table -columns", (Line(_(_TABLES[found.table]), about), *lines))


def numbers_in(rows: Iterable[HeldRow]) -> dict[str, int]:
    """Return the numbers of the member's assignments by id."""
    return {
        str(each.columns["id"]): int(str(each.columns["number"]))
        for each in rows
        if "number" in each.columns
    }


def is_reading(found: HeldRow, member: UUID) -> bool:
    """Say whether a row is an entry of this member opening a brief."""
    is_opening = found.columns.get("action") == Action.PAYLOAD_DECRYPTED
    return is_opening and found.columns.get("actor_id") == str(member)


_SAID: Final = frozenset(
    {
        *("handle", "display_name", "device", "role", "title", "priority", "honorarium_tier"),
        *("at", "created_at", "issued_at", "revoked_at", "dispatched_at", "delivered_at"),
        *("first_read_at", "acknowledged_at", "contact_made_at", "completed_at", "expires_at"),
        *("consent_completed_at", "recalled_at", "cancelled_at", "to_status", "kind", "attempt"),
        *("paused_until", "certified_until", "name", "sequence", "text_version"),
    }
)
"""The columns that lines show; ids, counters and the rest are in JSON."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def _about(columns: Mapping[str, str | int | None], numbers: Mapping[str, int]) -> str:
    """Return what a row is about: an act, and the assignment, where it is known."""
    named = columns.get("number")
    for column in ("assignment_id", "subject_id"):
        named = numbers.get(str(columns.get(column)), named)
    said = [] if named is None else [_("assignment {number}").format(number=named)]
    if "action" in columns:
        said.insert(0, act_names.word(str(columns["action"])))
    return ", ".join(said) or "-"


def _in_words(name: str, value: str | int | None) -> str:
    text = str(value)
    if _MOMENT.fullmatch(text):
        moment = datetime.fromisoformat(text)
        return views.last_day(moment) if name == "expires_at" else out().calendar.time(moment)
    if _DAY.fullmatch(text):
        return out().calendar.day(date.fromisoformat(text))
    if name == "honorarium_tier" and text in set(Tier):
        return views.tier_word(Tier(text))
    return shown(text)
