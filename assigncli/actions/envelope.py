"""An assignment's envelope as rows: seal it, sign it, check it.

The bridge between `crypto`, which knows no rows, and `store`, which knows no keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import trust
from assigncli.actions.record import about
from assigncli.actions.session import Session
from assigncli.crypto import envelope, manifest
from assigncli.crypto.certificate import Certificate
from assigncli.crypto.envelope import EnvelopeContext, Sealed
from assigncli.crypto.manifest import Manifest
from assigncli.domain.audit import STEP_ACTION, Action
from assigncli.domain.lifecycle import Role, Status, may_move
from assigncli.domain.payload import Payload
from assigncli.errors import Tampered
from assigncli.store import assignments, members
from assigncli.store.tables import Assignment, AuditEntry, EncryptionKey

_STEP_OF: Final = {action.value: status for status, action in STEP_ACTION.items()}
_RECIPIENTS: Final = frozenset(
    {Status.READ, Status.ACKNOWLEDGED, Status.CONTACT_MADE, Status.COMPLETED}
)


@dataclass(frozen=True)
class SealedDraft:
    """A payload sealed under a key of its own, not yet written anywhere."""

    context: EnvelopeContext
    sealed: Sealed = field(repr=False)

    @property
    def key_id(self) -> UUID:
        """The vault key's id."""
        return self.context.encryption_key_id


def seal(
    session: Session, assignment_id: UUID, recipient_id: UUID, payload: Payload
) -> SealedDraft:
    """Seal `payload` from the acting member to the recipient, under a fresh key."""
    context = EnvelopeContext(
        organization_id=session.organization_id,
        assignment_id=assignment_id,
        encryption_key_id=uuid4(),
        recipient_id=recipient_id,
        dispatcher_id=session.member_id,
    )
    return SealedDraft(context, envelope.seal(payload.to_bytes(), context))


def key_row(draft: SealedDraft, now: datetime) -> dict[str, Any]:
    """Return the columns of the register's row for the draft's key."""
    return {
        "id": draft.key_id,
        "organization_id": draft.context.organization_id,
        "assignment_id": draft.context.assignment_id,
        "share_commitment": draft.sealed.share_commitment,
        "created_at": now,
    }


def wrap_row(
    session: Session,
    context: EnvelopeContext,
    secret: bytes,
    sealer: Certificate,
    reader: Certificate,
) -> dict[str, Any]:
    """Return the columns of a wrap: the secret half sealed to `reader`'s certified key, signed."""
    wrapped = envelope.wrap(secret, context, reader.member_id, reader.encryption_key)
    statement = envelope.wrap_statement(context, reader.member_id, wrapped)
    return {
        "assignment_id": context.assignment_id,
        "reader_id": reader.member_id,
        "encryption_key_id": context.encryption_key_id,
        "wrap": wrapped,
        "sealed_by_certificate_id": sealer.id,
        "signature": session.identity.sign(envelope.WRAP_PURPOSE, statement),
        "created_at": session.now,
    }


def context_of(assignment: Assignment) -> EnvelopeContext:
    """Return what the assignment's envelope is bound to, as the row says now."""
    return EnvelopeContext(
        organization_id=assignment.organization_id,
        assignment_id=assignment.id,
        encryption_key_id=assignment.encryption_key_id,
        recipient_id=assignment.recipient_user_id,
        dispatcher_id=assignment.dispatched_by_user_id,
    )


def manifest_of(tx: Transaction, assignment: Assignment) -> Manifest:
    """Return the manifest of the row as it stands now."""
    key = tx.get(EncryptionKey, assignment.encryption_key_id)
    if key is None:
        raise manifest.manifest_invalid()
    draft = assignment.dispatched_at is None
    return Manifest(
        context=context_of(assignment),
        status=Status.PENDING.value if draft else Status.DISPATCHED.value,
        payload_sha256=manifest.payload_digest(assignment.encrypted_payload),
        share_commitment=key.share_commitment,
        number=assignment.number,
        title=assignment.title,
        subject_reference=assignment.subject_reference,
        priority=assignment.priority.value,
        contact_deadline_days=assignment.contact_deadline_days,
        coordinator_notes=assignment.coordinator_notes,
        consent_required=assignment.consent_required,
        expires_at=assignment.expires_at,
        dispatched_at=assignment.dispatched_at,
        dispatcher_certificate_id=assignment.dispatcher_certificate_id,
    )


def require_signed(session: Session, tx: Transaction, assignment: Assignment) -> Certificate:
    """Return the dispatcher's certificate, once it vouches for the assignment as it stands now.

    As `require_intact`; a draft is vouched for only while its coordinator is a member.
    """
    dispatcher = require_intact(session, tx, assignment)
    if assignment.dispatched_at is None:
        _require_current(session, tx, dispatcher)
    return dispatcher


def require_intact(session: Session, tx: Transaction, assignment: Assignment) -> Certificate:
    """Return the dispatcher's certificate, once the assignment stands as it was signed.

    Where it stands is what the log says, step by step. Raises Tampered `certificate_invalid` or
    `manifest_invalid`.
    """
    dispatcher = trust.verified_by_id(session, tx, assignment.dispatcher_certificate_id)
    if (
        dispatcher.member_id != assignment.dispatched_by_user_id
        or Role.COORDINATOR.value not in dispatcher.roles
    ):
        raise manifest.manifest_invalid()
    manifest.verify_manifest(
        manifest_of(tx, assignment), assignment.manifest_signature, dispatcher.public
    )
    steps = about(session, tx, assignment.id, STEP_ACTION.values())
    _require_steps(session, tx, assignment, steps)
    if assignment.dispatched_at is not None:
        _require_sent(session, tx, dispatcher, steps)
    return dispatcher


def unwrap_secret(session: Session, tx: Transaction, assignment: Assignment) -> bytes:
    """Return the secret half, from the wrap sealed to the acting member.

    Only the dispatcher, or the reader after a key rotation, may have sealed it. Raises Tampered
    `wrap_altered` or `certificate_invalid`.
    """
    context = context_of(assignment)
    row = assignments.wrap_for(tx, assignment.id, session.member_id)
    if row is None:
        return envelope.unwrap(b"", context, session.member_id, session.identity)
    sealer = trust.verified_by_id(session, tx, row.sealed_by_certificate_id)
    maker = sealer.member_id in (assignment.dispatched_by_user_id, session.member_id)
    signature = row.signature if maker else b""
    envelope.verify_wrap(row.wrap, signature, context, session.member_id, sealer.public)
    return envelope.unwrap(row.wrap, context, session.member_id, session.identity)


def require_share(session: Session, tx: Transaction, assignment: Assignment) -> None:
    """Check that the vault's share is the one the manifest commits to.

    Raises Tampered `share_mismatch`, StoreUnavailable `share_missing`.
    """
    context = context_of(assignment)
    committed = manifest_of(tx, assignment).share_commitment
    session.vault.vouches(
        assignment.encryption_key_id,
        lambda share: envelope.commitment(share, context) == committed,
        number=assignment.number,
    )


def _require_steps(
    session: Session, tx: Transaction, assignment: Assignment, steps: list[AuditEntry]
) -> None:
    """Hold the status against the log: one way from draft to here, the last step signed.

    So that none comes back from recalled, expired or cancelled, and none is taken by a bare write.
    """
    taken = [_STEP_OF[row.action] for row in steps]
    current = assignments.by_id(tx, session.organization_id, assignment.id)
    if (
        current is None
        or taken[:1] != [Status.PENDING]
        or taken[-1] is not current.status
        or not all(may_move(source, target) for source, target in pairwise(taken))
        or any(
            status in _RECIPIENTS and row.actor_id != assignment.recipient_user_id
            for status, row in zip(taken, steps, strict=True)
        )
    ):
        raise manifest.manifest_invalid()
    _signer(session, tx, steps[-1])


def _require_sent(
    session: Session, tx: Transaction, dispatcher: Certificate, steps: list[AuditEntry]
) -> None:
    """Refuse what the log does not say was sent under this certificate while it was good.

    The log's order counts, not a date: who has left may write any date.
    """
    for row in steps:
        if row.action == Action.ASSIGNMENT_DISPATCHED:
            if _signer(session, tx, row) != dispatcher:
                break
            return
    raise manifest.manifest_invalid()


def _require_current(session: Session, tx: Transaction, dispatcher: Certificate) -> None:
    """Refuse a draft whose coordinator has left; one's own survives a renewed certificate."""
    row = members.certificate(tx, dispatcher.id)
    revoked = row is None or row.revoked_at is not None
    if revoked and dispatcher.public != session.identity.public:
        raise manifest.manifest_invalid()


def _signer(session: Session, tx: Transaction, row: AuditEntry) -> Certificate:
    try:
        return trust.signer_of(session, tx, row)
    except Tampered:
        raise manifest.manifest_invalid() from None
