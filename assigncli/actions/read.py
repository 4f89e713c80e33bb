"""Open a payload: the mentor's brief, or a coordinator's own draft.

The order is the protection. Signatures, consent and the reader's own half of the key are checked
first; then the server records the access and the step to `read`, and only when that is committed
does its vault release the share. A refused attempt is recorded too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, consent, envelope, find, names, trust
from assigncli.actions.progress import refused_step
from assigncli.actions.session import Session
from assigncli.actions.vouched import context_of, manifest_of
from assigncli.client.exchange import Device, Intent
from assigncli.client.reply import Done
from assigncli.crypto.envelope import open_envelope
from assigncli.domain.access import ReadRequest, not_your_assignment, require_readable
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import contact_due_at
from assigncli.domain.lifecycle import UNREAD, Priority, Role, Status
from assigncli.domain.payload import Payload
from assigncli.errors import AssignError, NotAllowed, RuleRefused, Tampered, VaultUnavailable
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.context import Context
from assigncli.protocol.refusal import Refusal
from assigncli.store import assignments
from assigncli.store.tables import Assignment
from assigncli.trust.tampering import share_mismatch
from assigncli.vault_refusals import SHARE_MISSING, other_share, share_missing


@dataclass(frozen=True)
class Brief:
    """What the mentor reads. Moments are aware UTC; the payload is never shown by `repr`."""

    id: UUID
    number: int
    title: str
    priority: Priority
    status: Status
    dispatched_by_user_id: UUID
    coordinator: str
    coordinator_notes: str | None
    contact_due_at: datetime
    expires_at: datetime
    first_read_at: datetime
    payload: Payload = field(repr=False)


def open_brief(session: Session, reference: str) -> Brief:
    """Open an assignment that was dispatched to the acting mentor.

    Raises RuleRefused `consent_before_payload_access`, `expired_payload_inaccessible` and others of
    `domain.access`, NotAllowed `not_your_assignment`, Tampered for whatever does not verify.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        row = find.assignment(session, tx, reference)
        signer = asking.device(session, tx, actor)
    is_mentor = Role.PEER_MENTOR.value in actor.roles
    recorded = _refusals_recorded(session, signer, row, is_mentor=is_mentor)
    with recorded, session.store.read() as tx:
        if row.recipient_user_id != session.member_id:
            raise not_your_assignment(row.number)
        row, coordinator, held = _prepared(session, tx, actor, row.id)
    payload, done = _opened(session, signer, held, "recipient", partial(_refused, row.number))
    return _brief(session, row, coordinator, payload, done.at)


def require_found(session: Session, reference: str) -> None:
    """Refuse to open what is not there, before a passphrase is asked; raises NotFound.

    Every other refusal is recorded (rule `audit_all_access`), which takes the member's key.
    """
    with session.store.read() as tx:
        trust.own_certificate(session, tx)
        find.assignment(session, tx, reference)


def open_draft(session: Session, actor: Certificate, row: Assignment) -> Payload:
    """Open the acting coordinator's own draft, for editing it; recorded like any access."""
    with session.store.read() as tx:
        signer = asking.device(session, tx, actor)
    recorded = _refusals_recorded(session, signer, row, is_mentor=False)
    with recorded, session.store.read() as tx:
        _row, _coordinator, held = _prepared(session, tx, actor, row.id)
    return _opened(session, signer, held, "dispatcher", partial(_refused, row.number))[0]


@dataclass(frozen=True)
class _Held:
    """What is at hand before the share is asked for: all that can be checked is checked."""

    context: Context
    number: int
    commitment: bytes
    encrypted_payload: bytes
    secret: bytes = field(repr=False)


def _prepared(
    session: Session, tx: Transaction, actor: Certificate, assignment_id: UUID
) -> tuple[Assignment, str, _Held]:
    """Return a readable assignment, its dispatcher's name, and the secret half.

    The secret is unwrapped before the access is signed, so that nothing becomes `read` that cannot
    be read. The signature comes before the rules, so that no rule is asked about a date or a flag
    that the coordinator did not sign.
    """
    row = assignments.by_id(tx, session.organization_id, assignment_id)
    if row is None:
        raise find.assignment_not_found()
    dispatcher = envelope.require_signed(session, tx, row)
    require_readable(_request(session, tx, row))
    if assignments.key_is_dead(tx, row):  # also where an old copy of the vault brings its share
        raise share_missing(row.number)
    held = _Held(
        context_of(row),
        row.number,
        manifest_of(tx, row).share_commitment,
        row.encrypted_payload,
        envelope.unwrap_secret(session, tx, row, actor),
    )
    return row, names.display_name(tx, dispatcher), held


def _opened(
    session: Session, signer: Device, held: _Held, reader: str, explain: asking.Explain
) -> tuple[Payload, Done]:
    """Have the access recorded and the share released; return the payload."""
    arguments = {"encryption_key": str(held.context.encryption_key), "as": reader}
    intent = Intent(Action.PAYLOAD_DECRYPTED.value, held.context.assignment, arguments)
    done = asking.act(session, signer, intent, explain)
    if done.share is None or held.context.commitment(done.share) != held.commitment:
        raise share_mismatch()
    bound = held.context.encode()
    opened = open_envelope(held.encrypted_payload, held.secret, done.share, bound)
    return Payload.from_bytes(opened), done


def _refused(number: int, refusal: Refusal) -> AssignError | None:
    """Return what the server's refusal to open means."""
    if refusal.code == SHARE_MISSING:
        return share_missing(number)
    if refusal.code == "share_mismatch":
        return other_share(number)
    return refused_step(number, Status.READ, refusal)


def _request(session: Session, tx: Transaction, row: Assignment) -> ReadRequest:
    return ReadRequest(
        assignment_id=row.id,
        number=row.number,
        organization_id=row.organization_id,
        recipient_id=row.recipient_user_id,
        dispatcher_id=row.dispatched_by_user_id,
        status=row.status,
        expires_at=row.expires_at,
        consent_required=row.consent_required,
        consent_given=row.consent_required and consent.given(session, tx, row),
        actor_id=session.member_id,
        actor_organization_id=session.organization_id,
        now=session.now,
    )


@contextmanager
def _refusals_recorded(
    session: Session, signer: Device, row: Assignment, *, is_mentor: bool
) -> Iterator[None]:
    """Have it recorded that this client would not open it (rule `audit_all_access`), and why.

    The server records an expiry that is met so.
    """
    try:
        yield
    except (RuleRefused, NotAllowed, Tampered, VaultUnavailable) as refusal:
        if isinstance(refusal, VaultUnavailable) and refusal.code != SHARE_MISSING:
            raise
        intent = Intent(Action.PAYLOAD_REFUSED.value, row.id, {"code": refusal.code})
        if isinstance(refusal, NotAllowed) and is_mentor:  # the server refuses, and records it
            asked = {"encryption_key": str(row.encryption_key_id), "as": "recipient"}
            intent = Intent(Action.PAYLOAD_DECRYPTED.value, row.id, asked)
        with suppress(RuleRefused, NotAllowed):  # recorded as that
            asking.act(session, signer, intent, partial(refused_step, row.number, Status.READ))
        raise


def _brief(
    session: Session, row: Assignment, coordinator: str, payload: Payload, at: datetime
) -> Brief:
    dispatched_at, expires_at = row.dispatched_at, row.expires_at
    if dispatched_at is None or expires_at is None:
        raise find.assignment_not_found()
    return Brief(
        id=row.id,
        number=row.number,
        title=row.title,
        priority=row.priority,
        status=Status.READ if row.status in UNREAD else row.status,
        dispatched_by_user_id=row.dispatched_by_user_id,
        coordinator=coordinator,
        coordinator_notes=row.coordinator_notes,
        contact_due_at=contact_due_at(dispatched_at, row.contact_deadline_days, session.zone),
        expires_at=expires_at,
        first_read_at=row.first_read_at or at,
        payload=payload,
    )
