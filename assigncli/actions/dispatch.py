"""Dispatch: finalise a draft, so that from here on payload, recipient and dispatcher stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, envelope, find, settings, trust
from assigncli.actions.coverage import coverage
from assigncli.actions.progress import refused_step
from assigncli.actions.recipient import Recipient, require_recipient
from assigncli.actions.session import Session
from assigncli.actions.vouched import manifest_of, texts_of
from assigncli.client.exchange import Intent
from assigncli.client.reply import Done
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import (
    contact_due_at,
    default_expiry,
    require_expiry_in_future,
)
from assigncli.domain.honorarium import Tier
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.domain.sentences import SENTENCES
from assigncli.errors import AssignError, RuleRefused
from assigncli.locale import _
from assigncli.protocol.batch import Row, encode_batch
from assigncli.protocol.manifest import PURPOSE, Manifest, manifest_hash
from assigncli.protocol.refusal import Refusal
from assigncli.store import assignments, members
from assigncli.store.tables import Assignment
from assigncli.vault_refusals import SHARE_MISSING, other_share, share_missing

_KEY_EXISTS: Final = Rule.ENCRYPTION_KEY_EXISTS


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


def dispatch(session: Session, reference: str) -> Dispatched:
    """Dispatch one's own draft.

    The draft's signature and the vault's share are checked first, and the secret half is sealed
    again to each device that its dispatcher and the mentor have today, so that what is sent can be
    opened and is what was drafted. Raises RuleRefused for each rule, Tampered where something was
    changed.
    """
    require_cycle(session)
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_sender(session, tx, actor)
        row = find.assignment(session, tx, reference)
        _require_own(session, tx, row)
        require_move(row.status, Status.DISPATCHED, row.number)
        envelope.require_signed(session, tx, row)
        if assignments.key_is_dead(tx, row):
            raise RuleRefused(_KEY_EXISTS, *map(_, SENTENCES[_KEY_EXISTS]))
        recipient, own = _recipient_of(session, tx, row), trust.own_certificates(session, tx)
        secret = envelope.unwrap_secret(session, tx, row, actor)
        days = settings.in_force(session, tx).expires_after_days
        drafted = manifest_of(tx, row)
        signer = asking.device(session, tx, actor)
    expires_at = drafted.expires_at or default_expiry(session.now, days, session.zone)
    require_expiry_in_future(expires_at, session.now)
    readers = {each.id: each for each in (*own, *recipient.devices)}
    final = replace(
        drafted,
        certificate=actor.id,
        status=Status.DISPATCHED.value,
        expires_at=expires_at,
        readers=frozenset(readers),
    )
    body = final.encode()
    sent = Row(
        manifest=body,
        signature=session.identity.sign(PURPOSE, body),
        ciphertext=None,
        texts=texts_of(row),
        wraps=tuple(envelope.wraps(session, final.context, secret, actor, readers.values())),
    )
    replaces = manifest_hash(row.manifest_body).hex()
    intent = Intent(
        Action.ASSIGNMENT_DISPATCHED.value,
        row.id,
        {"replaces": replaces},
        attachments=(encode_batch([sent]),),
    )
    done = asking.act(session, signer, intent, partial(_refused, row.number))
    return dispatched(session, done, final, recipient, row.title)


def require_cycle(session: Session) -> None:
    """Refuse a dispatch that no open cycle would take; raises RuleRefused."""
    with session.store.read() as tx:
        refusal = coverage(session, tx).refusal
    if refusal is not None:
        raise refusal


def dispatched(
    session: Session, done: Done, manifest: Manifest, recipient: Recipient, title: str
) -> Dispatched:
    """Return the assignment as the entry of its dispatch says it stands."""
    expires_at = manifest.expires_at
    facts = next(
        entry.facts
        for entry in done.own
        if entry.subject == manifest.context.assignment and "tier" in entry.facts
    )
    return Dispatched(
        id=manifest.context.assignment,
        number=facts["number"],
        title=title,
        recipient_user_id=recipient.member.id,
        recipient=recipient.member.handle,
        recipient_name=recipient.member.display_name,
        status=Status.DISPATCHED,
        priority=Priority(manifest.priority),
        dispatched_at=done.at,
        contact_due_at=contact_due_at(done.at, manifest.contact_deadline_days, session.zone),
        expires_at=expires_at if expires_at is not None else done.at,
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


def require_dispatchable(session: Session, reference: str) -> None:
    """Refuse what `dispatch` would refuse, as far as can be told without a key; raises as it."""
    with session.store.read() as tx:
        trust.require_coordinator(trust.own_certificate(session, tx))
        row = find.assignment(session, tx, reference)
        _require_own(session, tx, row)
        require_move(row.status, Status.DISPATCHED, row.number)
        envelope.require_signed(session, tx, row)
        _recipient_of(session, tx, row)


def _require_own(session: Session, tx: Transaction, row: Assignment) -> None:
    if row.dispatched_by_user_id != session.member_id and row.status is Status.PENDING:
        raise find.not_your_draft(tx, row)


def _recipient_of(session: Session, tx: Transaction, row: Assignment) -> Recipient:
    found = members.by_id(tx, session.organization_id, row.recipient_user_id)
    if found is None:
        raise RuleRefused(
            Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION,
            _("The mentor of assignment {number} is not a member of your organisation.").format(
                number=row.number
            ),
            _("Choose another mentor with assign edit {number} --to HANDLE.").format(
                number=row.number
            ),
        )
    return require_recipient(session, tx, found)


def _changed_meanwhile(number: int) -> RuleRefused:
    return RuleRefused(
        Rule.VALID_STATUS_TRANSITION,
        _("Assignment {number} was changed by someone else at the same moment.").format(
            number=number
        ),
        _("Run assign show {number}, and then assign dispatch {number} if it is right.").format(
            number=number
        ),
    )
