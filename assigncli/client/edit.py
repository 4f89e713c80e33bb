"""Edit one's own draft: seal it again under a new key; the old share is deleted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from assigncli.client import asking, directory
from assigncli.client.case import Case, require_members
from assigncli.client.client import Client
from assigncli.client.create import (
    Created,
    Draft,
    Order,
    attachments,
    created,
    refused_row,
    row_of,
    sealed,
)
from assigncli.client.dispatch import not_shown, not_your_draft
from assigncli.client.exchange import Intent
from assigncli.client.open import open_own
from assigncli.client.refusals import of_one
from assigncli.client.roll import Roll
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.naming import LIST
from assigncli.domain.payload import Payload
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused, Tampered
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.refusal import Refusal


@dataclass(frozen=True)
class Changes:
    """What an edit changes; None leaves a field unchanged, an empty text clears it."""

    recipient: str | None = None
    title: str | None = None
    subject_reference: str | None = None
    priority: Priority | None = None
    contact_deadline_days: int | None = None
    expires_at: datetime | None = None
    consent_required: bool | None = None
    coordinator_notes: str | None = None
    internal_notes: str | None = None
    payload: Payload | None = field(default=None, repr=False)


def edit(client: Client, reference: str, changes: Changes) -> Created:
    """Change one's own draft.

    The draft is verified first, and the act names it by its hash, so that no other is replaced.
    Raises as `create.create`, RuleRefused `assignment_immutable_after_dispatch` once it is sent,
    and Tampered where the draft is not as it was signed.
    """
    try:
        draft = _editable(client, reference)
    except Tampered:
        require_members(asking.standing(client))  # raises where a member's row was altered
        if changes.payload is None:  # have the refused attempt recorded
            open_own(client, reference)
        raise
    held = draft.manifest
    payload = changes.payload or open_own(client, reference)
    order = Order(_changed(draft, changes), payload, held.import_key, held.import_digest)
    sender, (new,) = sealed(client, [order], Roll(), draft.id)
    rows = [row_of(client, sender, new)]
    intent = Intent(
        Action.ASSIGNMENT_EDITED.value,
        draft.id,
        {"replaces": draft.manifest_hash.hex()},
        attachments=attachments(rows, [new]),
        rows=[(draft.id, Manifest.digest(row.manifest)) for row in rows],
    )
    asking.act(client, sender.device, intent, partial(_refused, draft.number))
    return created(new, draft.number, order.draft.title)


def require_editable(client: Client, reference: str) -> None:
    """Refuse what `edit` would refuse, as far as can be checked without a key; raises as it does.

    Whether the draft is as it was signed is left to `edit`, which opens it and records a refusal.
    """
    with suppress(Tampered):
        _editable(client, reference)


def _editable(client: Client, reference: str) -> Case:
    """Return one's own draft, verified; needs no key.

    Raises RuleRefused `assignment_immutable_after_dispatch` or `only_coordinator_can_dispatch`, and
    as `asking.case`.
    """
    case = asking.case(client, reference, meaning=not_shown(client, reference), hint=LIST)
    directory.require_coordinator(case.verified, client.member_id)
    if case.status is not Status.PENDING:
        raise RuleRefused(
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH, status=case.status, number=case.number
        )
    if case.dispatcher != client.member_id:
        raise not_your_draft(case.number, case.display_name(case.dispatcher))
    return case


def _refused(number: int, refusal: Refusal) -> AssignError | None:
    """Return what the refusal of a changed draft means; its batch has one row."""
    rows = refusal.facts.get("rows")
    code = rows[0]["code"] if rows else refusal.code
    return of_one(number, Refusal(code, refusal.now)) or refused_row(refusal)


def _changed(case: Case, changes: Changes) -> Draft:
    manifest = case.manifest
    current = Draft(
        recipient=case.handle(case.recipient),
        title=case.title,
        subject_reference=case.text("subject_reference"),
        priority=case.priority,
        contact_deadline_days=manifest.contact_deadline_days,
        expires_at=manifest.expires_at,
        consent_required=manifest.consent_required,
        coordinator_notes=case.text("coordinator_notes"),
        internal_notes=case.text("internal_notes"),
    )
    changed = {
        name: value
        for name, value in vars(changes).items()
        if name != "payload" and value is not None
    }
    return replace(current, **changed)
