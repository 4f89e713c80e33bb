"""Open a payload: the mentor's brief, or a coordinator's own draft.

The order protects the payload. Signatures, consent and the reader's half of the key are checked
first; then the server records the access and the step to `read`, and only after that commit does
its vault release the share. A refused attempt is recorded too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from assigncli.client import asking, references
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.exchange import Device, Intent
from assigncli.client.mentor_step import refused_step
from assigncli.crypto.envelope import open_envelope, unwrap, wrap_altered
from assigncli.domain.access import (
    SHARE_MISSING,
    ReadRequest,
    not_your_assignment,
    other_share,
    require_readable,
    share_missing,
)
from assigncli.domain.actions import Action
from assigncli.domain.deadlines import contact_due_at
from assigncli.domain.lifecycle import UNREAD, Priority, Status
from assigncli.domain.naming import INBOX, no_assignment
from assigncli.domain.payload import Payload
from assigncli.errors import (
    AssignError,
    IdentityUnavailable,
    NotAllowed,
    NotFound,
    RuleRefused,
    StoreUnavailable,
    Tampered,
)
from assigncli.protocol.acts import DISPATCHER, RECIPIENT
from assigncli.protocol.refusal import Refusal
from assigncli.trust.replies import Done
from assigncli.trust.tampering import share_mismatch


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


def open_brief(client: Client, reference: str) -> Brief:
    """Open an assignment that was dispatched to the acting mentor.

    Raises RuleRefused `consent_before_payload_access`, `expired_payload_inaccessible` and others of
    `domain.access`, NotAllowed `not_your_assignment`, Tampered for whatever does not verify.
    """
    with _refusals_recorded(client) as named:
        meaning = references.meaning(reference, target=Status.READ)
        case = asking.case(client, reference, is_signed=True, named=named, meaning=meaning)
        if case.recipient != client.member_id:
            raise not_your_assignment(case.number)
        held = _held(client, case, RECIPIENT)
    payload, done = _opened(client, held, RECIPIENT, partial(_refused, case.number))
    return _brief(client, case, payload, done.at)


def require_found(client: Client, reference: str) -> None:
    """Raise NotFound for an assignment that does not exist, before the passphrase is asked for.

    Every other refusal is recorded (rule `audit_all_access`), which requires the member's key.
    """
    try:
        asking.case(client, reference)
    except (NotFound, IdentityUnavailable, StoreUnavailable):
        raise
    except AssignError:
        return


def open_own(client: Client, reference: str) -> Payload:
    """Open what the acting coordinator made, to edit or reassign it; recorded like any access."""
    with _refusals_recorded(client) as named:
        case = asking.case(client, reference, is_signed=True, named=named)
        held = _held(client, case, DISPATCHER)
    return _opened(client, held, DISPATCHER, partial(_refused, case.number))[0]


@dataclass(frozen=True)
class _Held:
    """What is gathered before the share is asked for; everything checkable has been checked."""

    case: Case
    signer: Device
    encrypted_payload: bytes
    secret: bytes = field(repr=False)


def _held(client: Client, case: Case, reader: str) -> _Held:
    """Return a readable assignment with the secret half, for the device that opens it.

    The secret is unwrapped before the access is signed, so that no assignment becomes `read` that
    cannot be read. The rules are checked only against what the coordinator signed and the log says.
    """
    signer = asking.this_device(client, case.verified)
    require_readable(_request(client, case, reader))
    secret = secret_half(client, case)
    return _Held(case, signer, case.verified.envelopes[case.id].ciphertext, secret)


def secret_half(client: Client, case: Case) -> bytes:
    """Return the secret half from this device's wrap; raises Tampered `wrap_altered`."""
    own, sealed = (
        asking.own_certificate(client, case.verified),
        case.verified.envelopes.get(case.id),
    )
    if sealed is None or own.id not in sealed.wraps:
        raise wrap_altered()
    return unwrap(sealed.wraps[own.id], case.manifest.context.wrap_info(own.id), client.identity)


def _opened(
    client: Client, held: _Held, reader: str, explain: asking.Explain
) -> tuple[Payload, Done]:
    """Have the access recorded and the share released; return the payload."""
    manifest = held.case.manifest
    context = manifest.context
    arguments = {"encryption_key": str(context.encryption_key), "as": reader}
    action = Action.PAYLOAD_DECRYPTED.value
    intent = Intent(action, context.assignment, arguments, manifest=manifest)
    done = asking.act(client, held.signer, intent, explain)
    if done.share is None:
        raise share_mismatch()
    bound = context.encode()
    opened = open_envelope(held.encrypted_payload, held.secret, done.share, bound)
    return Payload.from_bytes(opened), done


def _refused(number: int, refusal: Refusal) -> AssignError | None:
    """Return what the server's refusal to open means."""
    if refusal.code == SHARE_MISSING:
        return share_missing(number)
    if refusal.code == "share_mismatch":
        return other_share(number)
    return refused_step(number, Status.READ, refusal)


def _request(client: Client, case: Case, reader: str) -> ReadRequest:
    return ReadRequest(
        assignment_id=case.id,
        number=case.number,
        organization_id=client.organization_id,
        recipient_id=case.recipient,
        dispatcher_id=case.dispatcher,
        status=case.status,
        expires_at=case.manifest.expires_at,
        consent_required=case.manifest.consent_required,
        consent_given=case.consent_given_at is not None,
        declined=reader == RECIPIENT and case.declined is not None,
        actor_id=client.member_id,
        actor_organization_id=client.organization_id,
        now=client.now,
    )


@contextmanager
def _refusals_recorded(client: Client) -> Iterator[asking.Named]:
    """Have the server record why this client refused to open it (rule `audit_all_access`).

    The block names the assignment as soon as the server does. Where the asking member cannot be
    proven, nothing can be recorded.
    """
    meant: list[UUID] = []
    try:
        yield meant.append
    except (RuleRefused, NotAllowed, Tampered) as refusal:
        signer = None
        with suppress(Tampered, IdentityUnavailable):
            signer = asking.this_device(client, asking.standing(client))
        if meant and signer is not None:
            intent = Intent(Action.PAYLOAD_REFUSED.value, meant[-1], {"code": refusal.code})
            with suppress(RuleRefused, NotAllowed):  # refused, and recorded
                asking.act(client, signer, intent)
        raise


def _brief(client: Client, case: Case, payload: Payload, at: datetime) -> Brief:
    dispatched_at, expires_at = case.at(Status.DISPATCHED), case.manifest.expires_at
    if dispatched_at is None or expires_at is None:
        raise no_assignment(str(case.number), INBOX)
    days = case.manifest.contact_deadline_days
    return Brief(
        id=case.id,
        number=case.number,
        title=case.title,
        priority=case.priority,
        status=Status.READ if case.status in UNREAD else case.status,
        dispatched_by_user_id=case.dispatcher,
        coordinator=case.display_name(case.dispatcher),
        coordinator_notes=case.text("coordinator_notes"),
        contact_due_at=contact_due_at(dispatched_at, days, client.zone),
        expires_at=expires_at,
        first_read_at=case.at(Status.READ) or at,
        payload=payload,
    )
