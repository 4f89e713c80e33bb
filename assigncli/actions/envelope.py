"""An assignment's envelope as rows: seal it, sign it, check it.

The bridge between `crypto`, which knows no rows, and `store`, which knows no keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import trust
from assigncli.actions.record import about, details_of
from assigncli.actions.session import Session
from assigncli.actions.vouched import require_vouched
from assigncli.crypto import envelope
from assigncli.crypto.envelope import Sealed
from assigncli.domain.audit import STEP_ACTION, Action
from assigncli.domain.lifecycle import Role, Status, may_move
from assigncli.domain.payload import Payload
from assigncli.errors import Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.context import Context
from assigncli.protocol.wraps import PURPOSE, Wrap
from assigncli.store import assignments, members
from assigncli.store.tables import Assignment, AuditEntry
from assigncli.trust.tampering import manifest_invalid

_STEP_OF: Final = {action.value: status for status, action in STEP_ACTION.items()}
_RECIPIENTS: Final = frozenset(
    {Status.READ, Status.ACKNOWLEDGED, Status.CONTACT_MADE, Status.COMPLETED}
)


@dataclass(frozen=True)
class SealedDraft:
    """A payload sealed under a key of its own, not yet written anywhere."""

    context: Context
    sealed: Sealed = field(repr=False)

    @property
    def key_id(self) -> UUID:
        """The vault key's id."""
        return self.context.encryption_key

    @property
    def share_commitment(self) -> bytes:
        """What binds the vault's share to this place."""
        return self.context.commitment(self.sealed.share)


def seal(
    session: Session, assignment_id: UUID, recipient_id: UUID, payload: Payload
) -> SealedDraft:
    """Seal `payload` from the acting member to the recipient, under a fresh key."""
    context = Context(
        organization=session.organization_id,
        assignment=assignment_id,
        encryption_key=uuid4(),
        recipient=recipient_id,
        dispatcher=session.member_id,
    )
    return SealedDraft(context, envelope.seal(payload.to_bytes(), context.encode()))


def wraps(
    session: Session,
    context: Context,
    secret: bytes,
    maker: Certificate,
    readers: Iterable[Certificate],
) -> list[Wrap]:
    """Return a wrap for each device: the secret half sealed to it, signed by the maker's."""
    return [_wrap(session, context, secret, maker, reader) for reader in readers]


def _wrap(
    session: Session, context: Context, secret: bytes, maker: Certificate, reader: Certificate
) -> Wrap:
    sealed = envelope.wrap(secret, context.wrap_info(reader.id), reader.keys.encryption_key)
    unsigned = Wrap(reader.id, maker.id, sealed, b"")
    signature = session.identity.sign(PURPOSE, unsigned.body(context))
    return replace(unsigned, signature=signature)


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
        dispatcher.member != assignment.dispatched_by_user_id
        or Role.COORDINATOR.value not in dispatcher.roles
    ):
        raise manifest_invalid()
    require_vouched(tx, assignment, dispatcher.keys)
    steps = about(session, tx, assignment.id, STEP_ACTION.values())
    _require_steps(session, tx, assignment, steps)
    if assignment.dispatched_at is not None:
        _require_sent(session, tx, assignment, dispatcher, steps)
    return dispatcher


def _require_steps(
    session: Session, tx: Transaction, assignment: Assignment, steps: list[AuditEntry]
) -> None:
    """Hold the status against the log: one way from draft to here, the last step signed.

    So that none comes back from recalled, expired or cancelled, and none is taken by a bare write.
    The number is the log's too: the service gave it.
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
        raise manifest_invalid()
    _signer(session, tx, steps[-1])
    if details_of(steps[-1].details).get("number") != assignment.number:
        raise manifest_invalid()


def _require_sent(
    session: Session,
    tx: Transaction,
    assignment: Assignment,
    dispatcher: Certificate,
    steps: list[AuditEntry],
) -> None:
    """Refuse what the log does not say was sent then, under this certificate while it was good.

    The log's order counts, not a date: who has left may write any date.
    """
    for row in steps:
        if row.action == Action.ASSIGNMENT_DISPATCHED:
            if _signer(session, tx, row) != dispatcher or row.at != assignment.dispatched_at:
                break
            return
    raise manifest_invalid()


def _require_current(session: Session, tx: Transaction, dispatcher: Certificate) -> None:
    """Refuse another's draft whose coordinator has left; of one's own the rules say so."""
    row = members.certificate(tx, dispatcher.id)
    revoked = row is None or row.revoked_at is not None
    if revoked and dispatcher.keys != session.identity.public:
        raise manifest_invalid()


def _signer(session: Session, tx: Transaction, row: AuditEntry) -> Certificate:
    try:
        return trust.signer_of(session, tx, row)
    except Tampered:
        raise manifest_invalid() from None
