"""Create assignments: sealed on this machine before the first write, one or many at a time.

One is a batch of one: a coordinator at a terminal and a file of a thousand rows go the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import envelope, trust
from assigncli.actions.dispatch import Dispatched, Ready, dispatch_all
from assigncli.actions.recipient import Recipient
from assigncli.actions.record import record_all
from assigncli.actions.roll import Roll
from assigncli.actions.session import Session
from assigncli.actions.vouched import new_salts, payload_digest, signed, text_digests
from assigncli.crypto.statement import stamp
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import (
    local_day,
    require_deadline_positive,
    require_expiry_in_future,
)
from assigncli.domain.honorarium import Tier
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.payload import Payload
from assigncli.domain.privacy import (
    require_no_personal_data,
    require_note,
    require_reference_length,
    require_title,
)
from assigncli.errors import AssignError
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.manifest import Manifest
from assigncli.store import assignments, keys
from assigncli.store.tables import Assignment, EncryptionKey
from assigncli.store.wraps import KeyWrap


@dataclass(frozen=True)
class Draft:
    """What a coordinator says of an assignment, beside the payload. `expires_at` is aware UTC."""

    recipient: str
    title: str
    subject_reference: str | None = None
    priority: Priority = Priority.NORMAL
    contact_deadline_days: int = 10
    expires_at: datetime | None = None
    consent_required: bool = False
    coordinator_notes: str | None = None
    internal_notes: str | None = None


@dataclass(frozen=True)
class Order:
    """One assignment to make: what is said of it, its payload, and of which row, if imported.

    `import_key` says which row it is, `import_digest` all that stands in it. An edit of the draft
    changes neither, so that the unchanged row is still known for what it was.
    """

    draft: Draft
    payload: Payload = field(repr=False)
    import_key: bytes | None = None
    import_digest: bytes | None = None


@dataclass(frozen=True)
class Created:
    """The new or changed draft."""

    id: UUID
    number: int
    title: str
    recipient_user_id: UUID
    recipient: str
    recipient_name: str
    status: Status


@dataclass(frozen=True)
class Sealed:
    """A draft that passed every rule and is sealed to its coordinator, not yet written."""

    draft: Draft
    recipient: Recipient
    envelope: envelope.SealedDraft
    import_key: bytes | None = None
    import_digest: bytes | None = None
    salts: Mapping[str, bytes] = field(default_factory=new_salts, repr=False)


def create(session: Session, draft: Draft, payload: Payload) -> Created:
    """Create a pending assignment; nothing is written where a rule refuses it.

    Raises RuleRefused for each rule a draft can break, NotFound for an unknown mentor, Tampered for
    a mentor's certificate that does not verify.
    """
    (made,) = create_all(session, [Order(draft, payload)], Roll())
    return made


def create_and_dispatch(session: Session, draft: Draft, payload: Payload) -> Dispatched:
    """Create an assignment and dispatch it in the same transaction; raises as both."""
    (sent,) = create_and_dispatch_all(session, [Order(draft, payload)], Roll())
    return sent


def create_all(session: Session, orders: Sequence[Order], roll: Roll) -> list[Created]:
    """Create several, all or none; raises as `create` for the first that is refused."""
    with sealed(session, orders, roll) as (actor, drafts), session.write() as tx:
        made = _insert(session, tx, actor, drafts)
    roll.wrote(len(made))
    return [_created(each) for each in made]


def create_and_dispatch_all(
    session: Session, orders: Sequence[Order], roll: Roll
) -> list[Dispatched]:
    """Create and dispatch several, all or none, in one transaction."""
    with sealed(session, orders, roll) as (actor, drafts), session.write() as tx:
        made = _insert(session, tx, actor, drafts)
        wraps = [
            wrap
            for each in drafts
            if each.recipient.member.id != actor.member
            for wrap in _wraps(session, actor, each, each.recipient.devices)
        ]
        assignments.insert_all(tx, KeyWrap, wraps)
        sent = dispatch_all(session, tx, actor, made)
    roll.wrote(len(made) + len(sent))
    return sent


@contextmanager
def sealed(
    session: Session, orders: Sequence[Order], roll: Roll, assignment_id: UUID | None = None
) -> Iterator[tuple[Certificate, list[Sealed]]]:
    """Check every rule and seal; take the shares back that `put_shares` put, if writing then fails.

    `assignment_id` is that of a draft which is sealed anew.
    """
    actor, recipients = roll.call(session, [order.draft.recipient for order in orders])
    for order in orders:
        require_rules(session, order.draft, order.payload)
    drafts = [
        Sealed(
            order.draft,
            recipient,
            envelope.seal(session, assignment_id or uuid4(), recipient.member.id, order.payload),
            order.import_key,
            order.import_digest,
        )
        for order, recipient in zip(orders, recipients, strict=True)
    ]
    _opened = session.vault  # now, so that nobody waits for the store while it is found missing
    try:
        yield actor, drafts
    except BaseException:
        _take_back(session, [each.envelope.key_id for each in drafts])
        raise


def put_shares(session: Session, drafts: Sequence[Sealed]) -> None:
    """Put the drafts' shares into the vault, inside the transaction that writes their rows.

    Share first, then the row. The sweep deletes shares that no row speaks of: it looks while it
    holds the store, and so never between the two.
    """
    session.vault.put_all((each.envelope.key_id, each.envelope.sealed.share) for each in drafts)


def _take_back(session: Session, key_ids: Sequence[UUID]) -> None:
    """Delete the shares of what was not written.

    An interruption may come just after the commit: what stands in the store keeps its share. Where
    the store cannot say, none is deleted; the sweep looks again.
    """
    with suppress(AssignError):
        with session.store.read() as tx:
            written = keys.registered(tx, key_ids)
        session.vault.revoke([key_id for key_id in key_ids if key_id not in written])


def require_rules(session: Session, draft: Draft, payload: Payload | None) -> None:
    """Refuse a draft that breaks a rule; raises RuleRefused and InvalidInput."""
    require_title(draft.title)
    for note in (draft.coordinator_notes, draft.internal_notes):
        require_note(note or "")
    require_reference_length(draft.subject_reference or "")
    require_no_personal_data(
        {
            "title": draft.title,
            "subject_reference": draft.subject_reference,
            "coordinator_notes": draft.coordinator_notes,
            "internal_notes": draft.internal_notes,
        },
        payload,
        today=local_day(session.now, session.zone),
    )
    require_deadline_positive(draft.contact_deadline_days)
    if draft.expires_at is not None:
        require_expiry_in_future(draft.expires_at, session.now)


def _insert(
    session: Session, tx: Transaction, actor: Certificate, drafts: Sequence[Sealed]
) -> list[Ready]:
    put_shares(session, drafts)
    number = assignments.next_number(tx, session.organization_id)
    own = trust.own_certificates(session, tx)
    made = [
        Ready(
            each.recipient,
            manifest_for(session, actor, own, each),
            number + place,
            each.draft.title,
        )
        for place, each in enumerate(drafts)
    ]
    rows = [_row(session, actor, each, ready) for each, ready in zip(drafts, made, strict=True)]
    keys = [envelope.key_row(each.envelope, session.now) for each in drafts]
    assignments.insert_all(tx, EncryptionKey, keys)
    assignments.insert_all(tx, Assignment, rows)
    wraps = [wrap for each in drafts for wrap in _wraps(session, actor, each, own)]
    assignments.insert_all(tx, KeyWrap, wraps)
    assignments.log_steps(
        tx,
        session.organization_id,
        [row["id"] for row in rows],
        {
            "from_status": None,
            "to_status": Status.PENDING,
            "actor_id": session.member_id,
            "at": session.now,
            "reason": None,
        },
    )
    acts = [
        (
            Action.ASSIGNMENT_CREATED,
            each.manifest.context.assignment,
            sealed_facts(each.manifest, each.number),
        )
        for each in made
    ]
    record_all(session, tx, actor, acts)
    return made


def _row(session: Session, actor: Certificate, each: Sealed, ready: Ready) -> dict[str, Any]:
    return {
        "id": each.envelope.context.assignment,
        "number": ready.number,
        "organization_id": session.organization_id,
        "dispatched_by_user_id": session.member_id,
        "status": Status.PENDING,
        "honorarium_tier": Tier.NONE,
        "import_key": each.import_key,
        "import_digest": each.import_digest,
        **signed(ready.manifest, session.identity),
        "created_at": session.now,
        **columns(session, actor, each),
    }


def columns(session: Session, actor: Certificate, each: Sealed) -> dict[str, Any]:
    """Return the columns that an edit may change, as they are to stand."""
    draft = each.draft
    return {
        "recipient_user_id": each.recipient.member.id,
        "title": draft.title,
        "subject_reference": draft.subject_reference or None,
        "encrypted_payload": each.envelope.sealed.encrypted_payload,
        "encryption_key_id": each.envelope.key_id,
        "priority": draft.priority,
        "contact_deadline_days": draft.contact_deadline_days,
        "expires_at": draft.expires_at,
        "consent_required": draft.consent_required,
        "coordinator_notes": draft.coordinator_notes or None,
        "internal_notes": draft.internal_notes or None,
        "dispatcher_certificate_id": actor.id,
        "updated_at": session.now,
        **each.salts,
    }


def manifest_for(
    session: Session, actor: Certificate, readers: Iterable[Certificate], each: Sealed
) -> Manifest:
    """Return what the coordinator signs of a draft; `readers` are their own devices."""
    said = columns(session, actor, each)
    return Manifest(
        context=each.envelope.context,
        certificate=actor.id,
        status=Status.PENDING.value,
        payload_sha256=payload_digest(each.envelope.sealed.encrypted_payload),
        share_commitment=each.envelope.share_commitment,
        texts=text_digests(said.__getitem__),
        priority=each.draft.priority.value,
        contact_deadline_days=said["contact_deadline_days"],
        consent_required=said["consent_required"],
        expires_at=said["expires_at"],
        readers=frozenset(reader.id for reader in readers),
        import_key=each.import_key,
        import_digest=each.import_digest,
    )


def sealed_facts(manifest: Manifest, number: int) -> dict[str, str | int]:
    """Return what the entry of a new or changed draft says: number, key, and when it expires.

    The sweep destroys nothing but what such an entry says belongs to the assignment.
    """
    facts: dict[str, str | int] = {
        "number": number,
        "key": str(manifest.context.encryption_key),
    }
    if manifest.expires_at is not None:
        facts["expires"] = stamp(manifest.expires_at)
    return facts


def _wraps(
    session: Session, actor: Certificate, each: Sealed, readers: Iterable[Certificate]
) -> list[dict[str, Any]]:
    """Return wraps' columns; until it is dispatched, a draft has its coordinator's alone."""
    secret = each.envelope.sealed.secret
    return envelope.wrap_rows(session, each.envelope.context, secret, actor, readers)


def _created(made: Ready) -> Created:
    return Created(
        id=made.manifest.context.assignment,
        number=made.number,
        title=made.title,
        recipient_user_id=made.recipient.member.id,
        recipient=made.recipient.member.handle,
        recipient_name=made.recipient.member.display_name,
        status=Status.PENDING,
    )
