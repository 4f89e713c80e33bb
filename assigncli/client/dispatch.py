"""Dispatch a draft: afterwards its payload, recipient and dispatcher cannot change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from assigncli.client import asking, directory, references, seal
from assigncli.client.case import Case, require_members
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.mentor_step import refused_step
from assigncli.client.office import expires_after_days, require_covered
from assigncli.client.open import secret_half
from assigncli.client.recipient import Recipient, fit, require_row
from assigncli.domain.access import SHARE_MISSING, other_share, share_missing
from assigncli.domain.actions import Action
from assigncli.domain.deadlines import (
    contact_due_at,
    default_expiry,
    local_day,
    require_expiry_in_future,
)
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.moves import require_move
from assigncli.domain.naming import LIST
from assigncli.domain.permitted import only_coordinator
from assigncli.domain.rules import Rule
from assigncli.domain.tiers import Tier
from assigncli.errors import AssignError, RuleRefused
from assigncli.protocol.batches import BatchRow, encode_batch
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.refusal import Refusal


@dataclass(frozen=True)
class Dispatched:
    """A dispatched assignment. Moments are aware UTC."""

    id: UUID
    number: int
    title: str
    recipient_user_id: UUID
    recipient: str
    recipient_name: str
    status: Status
    priority: Priority
    dispatched_at: datetime
    contact_due_at: datetime
    expires_at: datetime
    threshold_sequence_number: int
    honorarium_tier: Tier


def asked(client: Client, reference: str, *, is_signed: bool = False) -> Case:
    """Return one's own draft if it may be sent, as far as can be checked without a key.

    Where the question `is_signed`, the envelope is included. Raises as `dispatch`.
    """
    meaning = not_shown(client, reference)
    case = asking.case(client, reference, is_signed=is_signed, meaning=meaning, hint=LIST)
    directory.require_coordinator(case.verified, client.member_id)
    if case.dispatcher != client.member_id and case.status is Status.PENDING:
        raise not_your_draft(case.number, case.display_name(case.dispatcher))
    require_move(case.status, Status.DISPATCHED, case.number)
    today = local_day(client.now, client.zone)
    fit(case.verified, case.recipient, today)
    require_covered(case.verified, today)
    return case


def dispatch(client: Client, reference: str) -> Dispatched:
    """Dispatch one's own draft.

    The secret half is sealed again to each device that the dispatcher and the mentor have today, so
    that all of them can open what was drafted. Raises RuleRefused for each rule, Tampered where
    something was changed.
    """
    case = asked(client, reference, is_signed=True)
    maker = asking.own_certificate(client, case.verified)
    require_row(case.verified, client.member_id)
    today = local_day(client.now, client.zone)
    recipient = fit(case.verified, case.recipient, today)
    drafted = case.manifest
    days = expires_after_days(case.verified)
    expires_at = drafted.expires_at or default_expiry(client.now, days, client.zone)
    require_expiry_in_future(expires_at, client.now)
    devices = (*case.devices(case.dispatcher), *recipient.devices)
    readers = {each.id: each for each in devices}
    final = replace(
        drafted,
        certificate=maker.id,
        status=Status.DISPATCHED.value,
        expires_at=expires_at,
        readers=frozenset(readers),
    )
    body, signature = final.signed_by(client.identity)
    secret = secret_half(client, case)
    sent = BatchRow(
        manifest=body,
        signature=signature,
        ciphertext=None,
        texts=case.texts,
        wraps=tuple(seal.wraps(client, final.context, secret, maker, readers.values())),
    )
    intent = Intent(
        Action.ASSIGNMENT_DISPATCHED.value,
        case.id,
        {"replaces": case.manifest_hash.hex()},
        attachments=(encode_batch([sent]),),
        rows=((case.id, Manifest.digest(body)),),
    )
    signer = asking.this_device(client, case.verified)
    done = asking.act(client, signer, intent, partial(_refused, case.number))
    facts = next(entry.facts for entry in done.own if "tier" in entry.facts)
    return dispatched(client, done.at, facts, final, recipient, case.title)


def not_shown(client: Client, reference: str) -> asking.Explain:
    """Return what it means to a coordinator that an assignment is not shown to them.

    A refusal proves nothing, so the asking member is checked first: a member who is no coordinator
    is told that, and if their row contradicts their certificate, that the store was changed.
    """
    meaning = references.meaning(reference, LIST)

    def explained(refusal: Refusal) -> AssignError | None:
        hidden = refusal.code in ("not_your_assignment", Rule.VALID_STATUS_TRANSITION)
        error = only_coordinator() if hidden else meaning(refusal)
        if error is not None:
            found = asking.standing(client)
            require_members(found)
            directory.require_coordinator(found, client.member_id)
        return error

    return explained


def dispatched(
    client: Client,
    at: datetime,
    facts: Mapping[str, Any],
    manifest: Manifest,
    recipient: Recipient,
    title: str,
) -> Dispatched:
    """Return the assignment as the entry of its dispatch records it; `at` is the entry's time."""
    expires_at = manifest.expires_at
    return Dispatched(
        id=manifest.context.assignment,
        number=facts["number"],
        title=title,
        recipient_user_id=recipient.id,
        recipient=recipient.handle,
        recipient_name=recipient.display_name,
        status=Status.DISPATCHED,
        priority=Priority(manifest.priority),
        dispatched_at=at,
        contact_due_at=contact_due_at(at, manifest.contact_deadline_days, client.zone),
        expires_at=expires_at if expires_at is not None else at,
        threshold_sequence_number=facts["count"],
        honorarium_tier=Tier(facts["tier"]),
    )


def _refused(number: int, refusal: Refusal) -> AssignError | None:
    """Return what the server's refusal to send a draft means."""
    if refusal.code == "changed_meanwhile":
        return _changed_meanwhile(number)
    if refusal.code == SHARE_MISSING:
        return share_missing(number)
    if refusal.code == "share_mismatch":
        return other_share(number)
    return refused_step(number, Status.DISPATCHED, refusal)


def not_your_draft(number: int, name: str) -> RuleRefused:
    """Return the refusal of an act on another coordinator's draft; `name` is that coordinator."""
    return RuleRefused(Rule.ONLY_COORDINATOR_CAN_DISPATCH, "draft", number=number, name=name)


def _changed_meanwhile(number: int) -> RuleRefused:
    return RuleRefused(Rule.VALID_STATUS_TRANSITION, "meanwhile", number=number)
