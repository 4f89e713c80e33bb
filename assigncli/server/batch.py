"""Create, edit and dispatch assignments. A single assignment is a batch of one.

The service sets number, cycle and count; everything else comes from the dispatcher's manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role, Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.lookups.about_log import Fact
from assigncli.protocol.batches import BatchRow, Share, decode_batch, decode_shares
from assigncli.protocol.manifest import Manifest
from assigncli.server import record, step
from assigncli.server.carrying import Carrying
from assigncli.server.certified import chained
from assigncli.server.dispatch import sent
from assigncli.server.open import require_share
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import keys as keyed
from assigncli.server.projection import steps
from assigncli.server.projection.sealed import wrap_rows
from assigncli.server.refused import Refused, attachment_form, by_code
from assigncli.server.rows import CheckedRow, Rows
from assigncli.server.store import assignments, keys, members, ready
from assigncli.server.store.tables import Assignment, AssignmentStatusLog
from assigncli.server.store.wraps import KeyWrap
from assigncli.server.vouched import require_vouched
from assigncli.trust.tampering import certificate_invalid

_MAY_CHANGE: Final = ("certificate", "status", "expires_at", "readers")
"""The fields of the manifest in which a dispatch may differ from its draft."""


def create(doing: Carrying) -> None:
    """Keep new drafts."""
    require_coordinator(doing)
    rows, shares = _attached(doing, doing.arguments["rows"])
    checked = Rows(doing, Status.PENDING).new(rows, shares)
    _put_shares(doing, checked)
    acts, _numbered = _inserted(doing, checked)
    record.record_all(doing.turn, doing.tx, doing.actor, acts)


def create_and_dispatch(doing: Carrying) -> None:
    """Keep new assignments and send them, in one transaction."""
    require_coordinator(doing)
    create_and_dispatch_rows(doing, doing.arguments["rows"])


def create_and_dispatch_rows(doing: Carrying, count: int) -> Sequence[CheckedRow]:
    """Keep and send the rows attached to the statement, which must be `count`; return them."""
    rows, shares = _attached(doing, count)
    checked = Rows(doing, Status.DISPATCHED).new(rows, shares)
    _put_shares(doing, checked)
    created, numbered = _inserted(doing, checked)
    dispatched = sent(doing, checked, numbered)
    acts = [act for both in zip(created, dispatched, strict=True) for act in both]
    record.record_all(doing.turn, doing.tx, doing.actor, acts)
    return checked


def edit(doing: Carrying) -> None:
    """Replace a draft by one sealed with a new key; the old key's share is deleted."""
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
    facts: dict[str, Fact] = {"number": row.number, "manifest": checked.hash.hex()}
    new_key = checked.manifest.context.encryption_key
    facts |= {"encryption_key": str(new_key), "ended_key": str(old_key)}
    act = Action.ASSIGNMENT_EDITED, row.id, facts
    happened = doing.happening(Action.ASSIGNMENT_EDITED, facts)
    # The guards want the new key before the row that names it, and the row before its wraps.
    register = keyed.change(happened, old_key, checked.sealed)
    keys.write(doing.tx, {new_key: register.pop(new_key)})
    assignments.change(doing.tx, row, projected.change(happened, checked.sealed))
    assignments.replace_wraps(doing.tx, row.id, _wrap_rows(doing, checked))
    keys.write(doing.tx, register)
    record.record_all(doing.turn, doing.tx, doing.actor, [act])
    doing.dead.append(old_key)


def dispatch(doing: Carrying) -> None:
    """Send a draft unchanged, its secret sealed to each device that is to read it now."""
    row = _own_draft(doing, None)
    key = keys.by_id(doing.tx, row.encryption_key_id)
    if key is None or key.revoked_at is not None:
        raise Refused(Rule.ENCRYPTION_KEY_EXISTS, place=None)
    require_share(doing, row)
    (new,) = _batch(doing, 1)
    checked = Rows(doing, Status.DISPATCHED).check(new, None)
    _require_as_drafted(row, checked)
    numbered = {row.id: row.number}
    # Before the step: the guards let no wrap be deleted once an assignment is sent.
    assignments.replace_wraps(doing.tx, row.id, _wrap_rows(doing, checked))
    acts = sent(doing, [checked], numbered)
    record.record_all(doing.turn, doing.tx, doing.actor, acts)


def require_coordinator(doing: Carrying) -> None:
    """Refuse anyone but a coordinator (rule `only_coordinator_can_dispatch`)."""
    if Role.COORDINATOR.value not in doing.actor.roles:
        raise Refused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)


def _batch(doing: Carrying, count: int) -> Sequence[BatchRow]:
    with attachment_form():
        return decode_batch(doing.request.attachments[0], count)


def _attached(doing: Carrying, count: int) -> tuple[Sequence[BatchRow], Sequence[Share]]:
    rows = _batch(doing, count)
    with attachment_form():
        return rows, decode_shares(doing.request.attachments[1], count)


def _own_draft(doing: Carrying, once_sent: Rule | None) -> Assignment:
    """Return the draft, made by the acting coordinator and unchanged since the client saw it.

    `once_sent` is the rule that refuses an assignment already sent. Raises Refused, and Tampered if
    the row differs from its signed manifest.
    """
    require_coordinator(doing)
    row = doing.assignment()
    if row.status is not Status.PENDING and once_sent is not None:
        raise Refused(once_sent, status=row.status.value)
    if row.dispatched_by_user_id != doing.actor.member:
        raise Refused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)
    with by_code(status=row.status.value):
        if row.status is not Status.PENDING:
            require_move(row.status, Status.DISPATCHED, row.number)
    if doing.arguments["replaces"] != Manifest.digest(row.manifest_body).hex():
        raise Refused("changed_meanwhile")
    signer = members.certificate(doing.tx, row.dispatcher_certificate_id)
    if signer is None:
        raise certificate_invalid()
    require_vouched(doing.tx, row, chained(doing.turn, doing.tx, signer).keys)
    return row


def _require_as_drafted(row: Assignment, checked: CheckedRow) -> None:
    """Refuse to send anything but the draft: another payload, recipient, key or text."""
    drafted = Manifest.decode(row.manifest_body)
    sent = replace(checked.manifest, **{name: getattr(drafted, name) for name in _MAY_CHANGE})
    if sent != drafted or checked.row.ciphertext is not None:
        raise Refused("manifest_invalid", place=None)


def _put_shares(doing: Carrying, checked: Sequence[CheckedRow]) -> None:
    """Put new shares before their rows are written.

    After a crash in between, the sweep deletes the shares. It looks for them while it holds the
    store's lock, so it never sees a share whose row is about to be written.
    """
    named = [
        (each.manifest.context.encryption_key, each.share)
        for each in checked
        if each.share is not None
    ]
    doing.put += [key_id for key_id, _share in named]
    doing.turn.vault.put_all(named)


def _inserted(
    doing: Carrying, checked: Sequence[CheckedRow]
) -> tuple[list[record.Act], dict[UUID, int]]:
    """Write new drafts with keys, wraps and first step; return their entries and numbers."""
    tx, turn = doing.tx, doing.turn
    first = assignments.next_number(tx, turn.organization_id)
    numbered = {each.id: first + place for place, each in enumerate(checked)}
    acts = [_created(each, numbered) for each in checked]
    happened = [
        (each.sealed, step.happening(turn, doing.actor, *act, doing.request))
        for each, act in zip(checked, acts, strict=True)
    ]
    # The guards want a key before the row that names it, and the row before its wraps.
    new = (keyed.change(told, None, said) for said, told in happened)
    keys.write(tx, {id_: columns for each in new for id_, columns in each.items()})
    rows = [projected.change(told, said) for said, told in happened]
    ready.insert_all(tx, Assignment, rows)
    ready.insert_all(tx, KeyWrap, [w for each in checked for w in _wrap_rows(doing, each)])
    logs = (steps.row(told) for _said, told in happened)
    ready.insert_all(tx, AssignmentStatusLog, [log for log in logs if log is not None])
    return acts, numbered


def _wrap_rows(doing: Carrying, each: CheckedRow) -> list[dict[str, Any]]:
    return wrap_rows(each.manifest.context, each.row.wraps, doing.turn.now)


def _created(each: CheckedRow, numbered: Mapping[UUID, int]) -> record.Act:
    facts: dict[str, Fact] = {
        "number": numbered[each.id],
        "from": None,
        "to": Status.PENDING.value,
        "manifest": each.hash.hex(),
        "encryption_key": str(each.manifest.context.encryption_key),
    }
    return Action.ASSIGNMENT_CREATED, each.id, facts
