"""Create, edit and dispatch: one assignment is a batch of one.

The service gives number, cycle and count; all else is what the dispatcher's manifest says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from assigncli.actions import record
from assigncli.actions.certified import chained
from assigncli.actions.vouched import require_vouched
from assigncli.domain.audit import Action
from assigncli.domain.honorarium import Tier
from assigncli.domain.lifecycle import Priority, Role, Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.protocol.batch import Row, Share, decode_batch, decode_shares
from assigncli.protocol.manifest import TEXTS, Manifest, manifest_hash
from assigncli.server.carrying import Carrying
from assigncli.server.open import require_share
from assigncli.server.refused import Refused, attachment_form, by_code
from assigncli.server.rows import Checked, Rows
from assigncli.server.sent import Counted, log_step, sent
from assigncli.store import assignments, keys, members
from assigncli.store.tables import Assignment, EncryptionKey
from assigncli.store.wraps import KeyWrap
from assigncli.trust.tampering import certificate_invalid

_MAY_CHANGE: Final = ("certificate", "status", "expires_at", "readers")
"""What a dispatch may say otherwise than its draft."""


def create(doing: Carrying) -> None:
    """Keep drafts."""
    _require_coordinator(doing)
    rows, shares = _attached(doing, doing.arguments["rows"])
    checked = Rows(doing, Status.PENDING).new(rows, shares)
    _put_shares(doing, checked)
    numbered = _inserted(doing, checked)
    acts = [_created(each, numbered) for each in checked]
    record.record_all(doing.session, doing.tx, doing.actor, acts)


def create_and_dispatch(doing: Carrying) -> None:
    """Keep assignments and send them, in one transaction."""
    _require_coordinator(doing)
    rows, shares = _attached(doing, doing.arguments["rows"])
    checked = Rows(doing, Status.DISPATCHED).new(rows, shares)
    _put_shares(doing, checked)
    numbered = _inserted(doing, checked)
    counted = sent(doing, checked)
    acts = [
        act
        for each in checked
        for act in (_created(each, numbered), _dispatched(each, numbered, counted))
    ]
    record.record_all(doing.session, doing.tx, doing.actor, acts)


def edit(doing: Carrying) -> None:
    """Keep a draft that is sealed anew under a fresh key; the old share is deleted."""
    row = _own_draft(doing, Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH)
    (new,), (share,) = _attached(doing, 1)
    checks = Rows(doing, Status.PENDING)
    checked = checks.check(new, share)
    if checked.id != row.id:
        raise Refused("manifest_invalid", place=None)
    if keys.by_id(doing.tx, checked.manifest.context.encryption_key) is not None:
        raise Refused(Rule.ENCRYPTION_KEY_EXISTS, place=None)
    imported = (checked.manifest.import_key, checked.manifest.import_digest)
    if imported != (row.import_key, row.import_digest):
        raise Refused("manifest_invalid", place=None)
    old_key = row.encryption_key_id
    _put_shares(doing, [checked])
    assignments.insert_all(doing.tx, EncryptionKey, [_key_row(doing, checked)])
    for name, value in _columns(doing, checked).items():
        setattr(row, name, value)
    doing.tx.flush()
    assignments.replace_wraps(doing.tx, row.id, _wrap_rows(doing, checked))
    keys.revoke(doing.tx, old_key, doing.session.now)
    facts: dict[str, record.Fact] = {"number": row.number, "manifest": checked.hash.hex()}
    facts |= {"encryption_key": str(row.encryption_key_id), "ended_key": str(old_key)}
    record.record(doing.session, doing.tx, doing.actor, Action.ASSIGNMENT_EDITED, row.id, **facts)
    doing.dead.append(old_key)


def dispatch(doing: Carrying) -> None:
    """Send a draft as it was drafted, sealed to each device that is to read it today."""
    row = _own_draft(doing, None)
    key = keys.by_id(doing.tx, row.encryption_key_id)
    if key is None or key.revoked_at is not None:
        raise Refused(Rule.ENCRYPTION_KEY_EXISTS, place=None)
    require_share(doing, row)
    (new,) = _batch(doing, 1)
    checked = Rows(doing, Status.DISPATCHED).check(new, None)
    _require_as_drafted(row, checked)
    numbered = {row.id: row.number}
    assignments.replace_wraps(doing.tx, row.id, _wrap_rows(doing, checked))
    counted = sent(doing, [checked])
    act = _dispatched(checked, numbered, counted)
    record.record_all(doing.session, doing.tx, doing.actor, [act])


def _require_coordinator(doing: Carrying) -> None:
    if Role.COORDINATOR.value not in doing.actor.roles:
        raise Refused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)


def _batch(doing: Carrying, count: int) -> Sequence[Row]:
    with attachment_form():
        return decode_batch(doing.request.attachments[0], count)


def _attached(doing: Carrying, count: int) -> tuple[Sequence[Row], Sequence[Share]]:
    rows = _batch(doing, count)
    with attachment_form():
        return rows, decode_shares(doing.request.attachments[1], count)


def _own_draft(doing: Carrying, once_sent: Rule | None) -> Assignment:
    """Return the draft that the acting coordinator made, as the statement says it stands.

    Raises Tampered where it does not stand as it was signed.
    """
    _require_coordinator(doing)
    row = doing.assignment()
    if row.status is not Status.PENDING and once_sent is not None:
        raise Refused(once_sent, status=row.status.value)
    if row.dispatched_by_user_id != doing.actor.member:
        raise Refused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)
    with by_code(status=row.status.value):
        if row.status is not Status.PENDING:
            require_move(row.status, Status.DISPATCHED, row.number)
    if doing.arguments["replaces"] != manifest_hash(row.manifest_body).hex():
        raise Refused("changed_meanwhile")
    signer = members.certificate(doing.tx, row.dispatcher_certificate_id)
    if signer is None:
        raise certificate_invalid()
    require_vouched(doing.tx, row, chained(doing.session, doing.tx, signer).keys)
    return row


def _require_as_drafted(row: Assignment, checked: Checked) -> None:
    """Refuse to send what was not drafted: another payload, recipient, key or text."""
    drafted = Manifest.decode(row.manifest_body)
    sent = replace(checked.manifest, **{name: getattr(drafted, name) for name in _MAY_CHANGE})
    if sent != drafted or checked.row.ciphertext is not None:
        raise Refused("manifest_invalid", place=None)


def _put_shares(doing: Carrying, checked: Sequence[Checked]) -> None:
    """Put new shares: share first, then the row.

    The sweep deletes what a crash leaves. It looks while it holds the store, so never between.
    """
    named = [
        (each.manifest.context.encryption_key, each.share)
        for each in checked
        if each.share is not None
    ]
    doing.put += [key_id for key_id, _share in named]
    doing.session.vault.put_all(named)


def _inserted(doing: Carrying, checked: Sequence[Checked]) -> dict[UUID, int]:
    """Write new drafts with their keys, wraps and first step; return their numbers."""
    tx, session = doing.tx, doing.session
    first = assignments.next_number(tx, session.organization_id)
    numbered = {each.id: first + place for place, each in enumerate(checked)}
    rows = [
        {
            "id": each.id,
            "number": numbered[each.id],
            "organization_id": session.organization_id,
            "dispatched_by_user_id": doing.actor.member,
            "status": Status.PENDING,
            "honorarium_tier": Tier.NONE,
            "import_key": each.manifest.import_key,
            "import_digest": each.manifest.import_digest,
            "created_at": session.now,
            **_columns(doing, each),
        }
        for each in checked
    ]
    assignments.insert_all(tx, EncryptionKey, [_key_row(doing, each) for each in checked])
    assignments.insert_all(tx, Assignment, rows)
    assignments.insert_all(tx, KeyWrap, [w for each in checked for w in _wrap_rows(doing, each)])
    log_step(doing, [each.id for each in checked], None, Status.PENDING)
    return numbered


def _columns(doing: Carrying, each: Checked) -> dict[str, Any]:
    """Return the columns that an edit may change, as the manifest says them."""
    said = each.manifest
    return {
        "recipient_user_id": said.context.recipient,
        "title": each.row.texts["title"].text,
        "subject_reference": each.text("subject_reference"),
        "coordinator_notes": each.text("coordinator_notes"),
        "internal_notes": each.text("internal_notes"),
        "encrypted_payload": each.row.ciphertext,
        "encryption_key_id": said.context.encryption_key,
        "priority": Priority(said.priority),
        "contact_deadline_days": said.contact_deadline_days,
        "expires_at": said.expires_at,
        "consent_required": said.consent_required,
        "dispatcher_certificate_id": doing.actor.id,
        "manifest_body": each.row.manifest,
        "manifest_signature": each.row.signature,
        "updated_at": doing.session.now,
        **{f"{name}_salt": each.row.texts[name].salt for name in TEXTS},
    }


def _key_row(doing: Carrying, each: Checked) -> dict[str, Any]:
    return {
        "id": each.manifest.context.encryption_key,
        "organization_id": doing.session.organization_id,
        "assignment_id": each.id,
        "share_commitment": each.manifest.share_commitment,
        "created_at": doing.session.now,
    }


def _wrap_rows(doing: Carrying, each: Checked) -> list[dict[str, Any]]:
    return [
        {
            "assignment_id": each.id,
            "certificate_id": wrap.certificate,
            "encryption_key_id": each.manifest.context.encryption_key,
            "wrap": wrap.wrap,
            "maker_certificate_id": wrap.maker,
            "signature": wrap.signature,
            "created_at": doing.session.now,
        }
        for wrap in each.row.wraps
    ]


def _created(each: Checked, numbered: Mapping[UUID, int]) -> record.Act:
    facts: dict[str, record.Fact] = {
        "number": numbered[each.id],
        "from": None,
        "to": Status.PENDING.value,
        "manifest": each.hash.hex(),
        "encryption_key": str(each.manifest.context.encryption_key),
    }
    return Action.ASSIGNMENT_CREATED, each.id, facts


def _dispatched(
    each: Checked, numbered: Mapping[UUID, int], counted: Mapping[UUID, Counted]
) -> record.Act:
    its = counted[each.id]
    facts: dict[str, record.Fact] = {
        "number": numbered[each.id],
        "from": Status.PENDING.value,
        "to": Status.DISPATCHED.value,
        "manifest": each.hash.hex(),
        "recipient": str(each.recipient),
        "cycle": str(its.cycle),
        "count": its.count,
        "tier": its.tier.value,
    }
    return Action.ASSIGNMENT_DISPATCHED, each.id, facts
