"""What each entry writes to `assignments`, and what `archived_assignments` keeps of a row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from assigncli.domain.actions import STEP_OF, Action
from assigncli.domain.declining import DeclineReason
from assigncli.domain.lifecycle import STEP_MOMENTS, TERMINAL, WITHDRAWN, Priority, Status
from assigncli.domain.tiers import Tier
from assigncli.protocol.manifest import TEXTS
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.sealed import SealedColumns

Columns = dict[str, Any]

SEALED: Final = frozenset(
    {
        *("recipient_user_id", "encrypted_payload", "encryption_key_id"),
        *("priority", "contact_deadline_days", "expires_at", "consent_required"),
        *("import_key", "import_digest"),
        *("dispatcher_certificate_id", "manifest_body", "manifest_signature"),
        *TEXTS,
        *(f"{name}_salt" for name in TEXTS),
    }
)
"""The columns that only the manifest in force determines, and no entry by itself."""

_SIGNED_ANEW: Final = (
    *("expires_at", "dispatcher_certificate_id", "manifest_body", "manifest_signature"),
)
"""What a dispatch may change from its draft; everything else it must repeat."""


def change(happened: Happening, sealed: SealedColumns | None = None) -> Columns:
    """Return the columns that an entry writes, empty if none.

    `sealed` is what the entry's manifest covers; without it those columns are left out.
    """
    if happened.act in STEP_OF:
        return _step(happened, STEP_OF[happened.act], sealed)
    if happened.act == Action.ASSIGNMENT_EDITED:
        return {**_keyed(happened), **signed(sealed), "updated_at": happened.at}
    if happened.act == Action.ASSIGNMENT_REMINDED:
        return {"reminder_sent_at": happened.at, "updated_at": happened.at}
    if happened.act == Action.ASSIGNMENT_DECLINED:
        return {**_declined(happened), "updated_at": happened.at}
    if happened.act == Action.CONSENT_COMPLETED:
        return {"consent_completed_at": happened.at, "updated_at": happened.at}
    return {}


def row(happenings: Iterable[Happening], sealed: SealedColumns | None) -> Columns:
    """Return the whole row after these entries, first to last.

    `sealed` belongs to the manifest in force; a replaced manifest is not kept.
    """
    written: Columns = {}
    for happened in happenings:
        written |= change(happened)
    return written | signed(sealed)


def archived(
    ended_at: datetime, archived_at: datetime | None, erased_at: datetime | None = None
) -> Columns:
    """Return the archive's own columns of an assignment, without its texts where it is erased.

    The moments are those of the entries that ended, archived and erased it, None where no entry
    says so.
    """
    kept: Columns = {"closed_at": ended_at, "archived_at": archived_at, "erased_at": erased_at}
    return kept if erased_at is None else kept | erased(erased_at)


def erased(at: datetime) -> Columns:
    """Return what erasing writes to an archived assignment: none of its texts is left."""
    return {
        "title": "",
        "title_salt": b"",
        "subject_reference": None,
        "subject_reference_salt": b"",
        "erased_at": at,
    }


def ends(happened: Happening) -> bool:
    """Say whether the entry is a step that ends the assignment."""
    return STEP_OF.get(happened.act) in TERMINAL


def _step(happened: Happening, status: Status, sealed: SealedColumns | None) -> Columns:
    written: Columns = {"status": status, "updated_at": happened.at}
    if status in STEP_MOMENTS:
        written[STEP_MOMENTS[status]] = happened.at
    if status in WITHDRAWN:
        written[f"{status.value}_by_user_id"] = happened.actor
    if status is Status.PENDING:
        written |= _created(happened) | signed(sealed)
    if status is Status.DISPATCHED:
        said = signed(sealed)
        written |= _sent(happened) | {name: said[name] for name in _SIGNED_ANEW if name in said}
    return written


def _declined(happened: Happening) -> Columns:
    reason = happened.arguments.get("reason")
    return {
        "declined_at": happened.at,
        "decline_reason": None if reason is None else DeclineReason(reason),
    }


def _created(happened: Happening) -> Columns:
    return {
        "id": happened.subject,
        "organization_id": happened.organization,
        "number": happened.facts.get("number"),
        "dispatched_by_user_id": happened.actor,
        "honorarium_tier": Tier.NONE,
        "created_at": happened.at,
        **_keyed(happened),
    }


def _keyed(happened: Happening) -> Columns:
    return {"encryption_key_id": happened.id("encryption_key")}


def _sent(happened: Happening) -> Columns:
    tier = happened.facts.get("tier")
    return {
        "reporting_cycle_id": happened.id("cycle"),
        "threshold_sequence_number": happened.facts.get("count"),
        "honorarium_tier": None if tier is None else Tier(tier),
    }


def signed(sealed: SealedColumns | None) -> Columns:
    """Return the columns of `SEALED` from the manifest and its attachment."""
    if sealed is None:
        return {}
    said = sealed.manifest
    written: Columns = {
        "recipient_user_id": said.context.recipient,
        "encryption_key_id": said.context.encryption_key,
        "priority": Priority(said.priority),
        "contact_deadline_days": said.contact_deadline_days,
        "expires_at": said.expires_at,
        "consent_required": said.consent_required,
        "import_key": said.import_key,
        "import_digest": said.import_digest,
        "dispatcher_certificate_id": said.certificate,
        "manifest_body": sealed.body,
        "manifest_signature": sealed.signature,
    }
    if sealed.ciphertext is not None:
        written["encrypted_payload"] = sealed.ciphertext
    for name, text in sealed.texts.items():
        written[name] = text.text if name == "title" else text.text or None
        written[f"{name}_salt"] = text.salt
    return written
