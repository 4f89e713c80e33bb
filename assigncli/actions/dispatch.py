"""Dispatch: finalise a draft, so that from here on payload, recipient and dispatcher stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import cycles, envelope, find, settings, trust
from assigncli.actions.recipient import Recipient, require_recipient
from assigncli.actions.record import Act, record_all
from assigncli.actions.session import Session
from assigncli.actions.vouched import context_of, manifest_of, signed
from assigncli.crypto.statement import stamp
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import (
    contact_due_at,
    default_expiry,
    require_expiry_in_future,
)
from assigncli.domain.honorarium import LedgerKind, Tier, next_sequence, tier_for
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.manifest import Manifest
from assigncli.store import assignments, ledger, members, outbox
from assigncli.store.outbox import NotificationKind
from assigncli.store.tables import Assignment


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


@dataclass(frozen=True)
class Ready:
    """A draft that may be dispatched to this mentor: what its coordinator signed of it."""

    recipient: Recipient
    manifest: Manifest
    number: int
    title: str


def dispatch(session: Session, reference: str) -> Dispatched:
    """Dispatch one's own draft.

    The draft's signature and the vault's share are checked first, and the secret half is sealed
    again to each device that its dispatcher and the mentor have today, so that what is sent can be
    opened and is what was drafted. Raises RuleRefused for each rule, Tampered where something was
    changed.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_sender(session, tx, actor)
        row = find.assignment(session, tx, reference)
        _require_own(session, tx, row)
        require_move(row.status, Status.DISPATCHED, row.number)
        envelope.require_signed(session, tx, row)
        envelope.require_share(session, tx, row)
        recipient, own = _recipient_of(session, tx, row), trust.own_certificates(session, tx)
        secret = envelope.unwrap_secret(session, tx, row, actor)
        as_drafted = row.manifest_signature
    with session.write() as tx:
        row = find.assignment(session, tx, str(row.id))
        require_move(row.status, Status.DISPATCHED, row.number)
        if row.manifest_signature != as_drafted:
            raise _changed_meanwhile(row.number)
        envelope.require_signed(session, tx, row)
        readers = {each.id: each for each in (*own, *recipient.devices)}
        wraps = envelope.wrap_rows(session, context_of(row), secret, actor, readers.values())
        assignments.replace_wraps(tx, row.id, wraps)
        manifest = replace(manifest_of(tx, row), readers=frozenset(each.id for each in own))
        ready = Ready(recipient, manifest, row.number, row.title)
        (sent,) = dispatch_all(session, tx, actor, [ready])
        return sent


def require_dispatchable(session: Session, reference: str) -> None:
    """Refuse what `dispatch` would refuse, as far as can be told without a key; raises as it."""
    with session.store.read() as tx:
        trust.require_coordinator(trust.own_certificate(session, tx))
        row = find.assignment(session, tx, reference)
        _require_own(session, tx, row)
        require_move(row.status, Status.DISPATCHED, row.number)
        envelope.require_signed(session, tx, row)
        _recipient_of(session, tx, row)


def dispatch_all(
    session: Session, tx: Transaction, actor: Certificate, drafts: Sequence[Ready]
) -> list[Dispatched]:
    """Dispatch drafts, with everything that belongs to it, in the transaction at hand.

    The sequence numbers are read from the ledger inside the transaction, so two dispatches at once
    never share or skip one. A mentor's drafts are numbered in their order. Raises RuleRefused.
    """
    terms = _Terms.of(session, tx, actor, {draft.recipient.member.id for draft in drafts})
    sent = [terms.dispatched(session, draft) for draft in drafts]
    for turn in _turns(drafts):
        _write_turn(session, tx, terms, [(drafts[place], sent[place]) for place in turn])
    outbox.queue_all(
        tx,
        session.organization_id,
        [(each.id, draft.recipient.member.id) for draft, each in zip(drafts, sent, strict=True)],
        NotificationKind.DISPATCHED,
        session.now,
    )
    acts: list[Act] = [
        (
            Action.ASSIGNMENT_DISPATCHED,
            each.id,
            {
                "number": each.number,
                "recipient": str(draft.recipient.member.id),
                "cycle": str(terms.cycle_id),
                "sequence": each.threshold_sequence_number,
                "tier": each.honorarium_tier.value,
                "expires": stamp(each.expires_at),
            },
        )
        for draft, each in zip(drafts, sent, strict=True)
    ]
    record_all(session, tx, actor, acts)
    return sent


@dataclass
class _Terms:
    """What holds for every dispatch of one transaction, and each mentor's running count."""

    actor: Certificate
    in_force: settings.Settings
    cycle_id: UUID
    counts: dict[UUID, int]

    @classmethod
    def of(
        cls, session: Session, tx: Transaction, actor: Certificate, mentor_ids: Collection[UUID]
    ) -> Self:
        """Read settings, cycle and counts; raises RuleRefused `reporting_cycle_active`."""
        cycle = cycles.current(session, tx)
        counts = ledger.dispatched_counts(tx, mentor_ids, cycle.id)
        return cls(actor, settings.in_force(session, tx), cycle.id, counts)

    def dispatched(self, session: Session, draft: Ready) -> Dispatched:
        """Return the draft as it will stand once it is dispatched, next in its mentor's count."""
        manifest, member = draft.manifest, draft.recipient.member
        expires_at = manifest.expires_at or default_expiry(
            session.now, self.in_force.expires_after_days, session.zone
        )
        require_expiry_in_future(expires_at, session.now)
        sequence = next_sequence(self.counts[member.id])
        self.counts[member.id] = sequence
        return Dispatched(
            id=manifest.context.assignment,
            number=draft.number,
            title=draft.title,
            recipient_user_id=member.id,
            recipient=member.handle,
            recipient_name=draft.recipient.member.display_name,
            status=Status.DISPATCHED,
            priority=Priority(manifest.priority),
            dispatched_at=session.now,
            contact_due_at=contact_due_at(
                session.now, manifest.contact_deadline_days, session.zone
            ),
            expires_at=expires_at,
            threshold_sequence_number=sequence,
            honorarium_tier=tier_for(sequence, self.in_force.thresholds),
        )


def _turns(drafts: Sequence[Ready]) -> Iterator[list[int]]:
    """Yield the drafts' places in turns, a mentor at most once in each.

    The database wants a mentor's dispatch in the ledger before it takes the next one.
    """
    taken: dict[UUID, int] = {}
    turns: list[list[int]] = []
    for place, draft in enumerate(drafts):
        turn = taken.get(draft.recipient.member.id, 0)
        taken[draft.recipient.member.id] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(place)
    yield from turns


def _write_turn(
    session: Session,
    tx: Transaction,
    terms: _Terms,
    turn: Sequence[tuple[Ready, Dispatched]],
) -> None:
    common = {
        "dispatched_at": session.now,
        "updated_at": session.now,
        "reporting_cycle_id": terms.cycle_id,
        "dispatcher_certificate_id": terms.actor.id,
    }
    if not assignments.dispatch_all(
        tx, common, [_own_columns(session, terms, draft, sent) for draft, sent in turn]
    ):
        # Only a draft that was saved earlier can have been changed, and those are sent one by one.
        raise _changed_meanwhile(turn[0][1].number)
    step = {
        "from_status": Status.PENDING,
        "to_status": Status.DISPATCHED,
        "actor_id": session.member_id,
        "at": session.now,
        "reason": None,
    }
    assignments.log_steps(tx, session.organization_id, [sent.id for _draft, sent in turn], step)
    ledger.add_lines(
        tx,
        session.organization_id,
        [ledger.Line(sent.id, draft.recipient.member.id) for draft, sent in turn],
        LedgerKind.DISPATCHED,
        terms.cycle_id,
        session.now,
    )


def _own_columns(
    session: Session, terms: _Terms, draft: Ready, sent: Dispatched
) -> dict[str, object]:
    final = replace(
        draft.manifest,
        status=Status.DISPATCHED.value,
        expires_at=sent.expires_at,
        certificate=terms.actor.id,
        readers=draft.manifest.readers | {each.id for each in draft.recipient.devices},
    )
    return {
        "row_id": sent.id,
        "expires_at": sent.expires_at,
        "threshold_sequence_number": sent.threshold_sequence_number,
        "honorarium_tier": sent.honorarium_tier,
        **signed(final, session.identity),
    }


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
