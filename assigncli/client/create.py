"""Create assignments, one or many at once, sealed on this machine before anything is sent.

One assignment is a batch of one: a single command and a sheet of a thousand rows take the same
path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from assigncli.client import asking, seal
from assigncli.client.client import Client
from assigncli.client.dispatch import Dispatched, dispatched
from assigncli.client.exchange import Intent
from assigncli.client.office import expires_after_days, require_covered
from assigncli.client.recipient import Recipient
from assigncli.client.refusals import error_of
from assigncli.client.roll import Roll, Sender
from assigncli.client.salting import new_texts
from assigncli.domain.deadlines import (
    default_expiry,
    local_day,
    require_deadline_positive,
    require_expiry_in_future,
)
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.payload import Payload
from assigncli.domain.personal_data import (
    require_no_personal_data,
    require_note,
    require_reference_length,
    require_title,
)
from assigncli.errors import AssignError
from assigncli.protocol.batches import BatchRow, Share, encode_batch, encode_shares
from assigncli.protocol.manifest import Manifest, payload_digest
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.texts import Text
from assigncli.trust.replies import Done


@dataclass(frozen=True)
class Draft:
    """What a coordinator says about an assignment, apart from the payload.

    `expires_at` is aware UTC.
    """

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
    """One assignment to create: what is said of it, its payload, and its import keys, if imported.

    `import_key` identifies the row, `import_digest` is a hash of all its content. An edit of the
    draft changes neither, so that the unchanged row is still recognised. Where it `is_read`, its
    words were checked against the rules when the sheet was read, and are not checked again.
    """

    draft: Draft
    payload: Payload = field(repr=False)
    import_key: bytes | None = None
    import_digest: bytes | None = None
    is_read: bool = False


@dataclass(frozen=True)
class Created:
    """A draft that was created or changed."""

    id: UUID
    number: int
    title: str
    recipient_user_id: UUID
    recipient: str
    recipient_name: str
    status: Status


@dataclass(frozen=True)
class SealedOrder:
    """A draft that has passed every rule and is sealed, but not sent yet."""

    draft: Draft
    recipient: Recipient
    envelope: seal.SealedDraft
    texts: Mapping[str, Text] = field(repr=False)
    import_key: bytes | None = None
    import_digest: bytes | None = None

    @property
    def id(self) -> UUID:
        """The assignment's id."""
        return self.envelope.context.assignment


def create(client: Client, draft: Draft, payload: Payload) -> Created:
    """Create a pending assignment; nothing is written where a rule refuses it.

    Raises RuleRefused for each rule a draft can break, NotFound for an unknown mentor, Tampered for
    a mentor's certificate that does not verify.
    """
    (made,) = create_all(client, [Order(draft, payload)], Roll())
    return made


def create_and_dispatch(client: Client, draft: Draft, payload: Payload) -> Dispatched:
    """Create an assignment and dispatch it in the same transaction; raises as both do."""
    (sent,) = create_and_dispatch_all(client, [Order(draft, payload)], Roll())
    return sent


def create_all(client: Client, orders: Sequence[Order], roll: Roll) -> list[Created]:
    """Create several drafts, all or none; raises as `create` for the first that is refused."""
    sender, drafts = sealed(client, orders, roll)
    signed = [_signed(client, sender, each) for each in drafts]
    done = _send(client, sender, "batch.created", signed, drafts)
    roll.wrote(len(done.own) + len(done.added))
    numbers = {entry.subject: entry.facts["number"] for entry in done.own}
    return [created(each, numbers[each.id], each.draft.title) for each in drafts]


def create_and_dispatch_all(
    client: Client, orders: Sequence[Order], roll: Roll
) -> list[Dispatched]:
    """Create and dispatch several assignments, all or none, in one transaction."""
    sender, drafts = sealed(client, orders, roll)
    require_covered(sender.shown, local_day(client.now, client.zone))
    signed = [_signed(client, sender, each, sent=True) for each in drafts]
    done = _send(client, sender, "batch.dispatched", signed, drafts)
    roll.wrote(len(done.own) + len(done.added))
    facts = {entry.subject: entry.facts for entry in done.own if "tier" in entry.facts}
    return [
        dispatched(client, done.at, facts[each.id], said, each.recipient, each.draft.title)
        for (said, _row), each in zip(signed, drafts, strict=True)
    ]


def sealed(
    client: Client, orders: Sequence[Order], roll: Roll, assignment_id: UUID | None = None
) -> tuple[Sender, list[SealedOrder]]:
    """Check every rule and seal; `assignment_id` is that of an existing draft, sealed again."""
    sender, recipients = roll.call(client, [order.draft.recipient for order in orders])
    for order in orders:
        if order.is_read:
            _require_moments(client, order.draft)
        else:
            require_rules(client, order.draft, order.payload)
    drafts = [
        SealedOrder(
            order.draft,
            recipient,
            seal.seal(client, assignment_id or uuid4(), recipient.id, order.payload),
            new_texts(vars(order.draft)),
            order.import_key,
            order.import_digest,
        )
        for order, recipient in zip(orders, recipients, strict=True)
    ]
    return sender, drafts


def require_rules(client: Client, draft: Draft, payload: Payload | None) -> None:
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
        today=local_day(client.now, client.zone),
    )
    _require_moments(client, draft)


def _require_moments(client: Client, draft: Draft) -> None:
    require_deadline_positive(draft.contact_deadline_days)
    if draft.expires_at is not None:
        require_expiry_in_future(draft.expires_at, client.now)


def row_of(client: Client, sender: Sender, each: SealedOrder, *, sent: bool = False) -> BatchRow:
    """Return what the coordinator signs and sends for a draft, or for one sent at once."""
    return _signed(client, sender, each, sent=sent)[1]


def sealed_to_send(client: Client, sender: Sender, each: SealedOrder) -> tuple[Manifest, BatchRow]:
    """Return what the coordinator signs for an assignment that is sent at once, and its row."""
    return _signed(client, sender, each, sent=True)


def _signed(
    client: Client, sender: Sender, each: SealedOrder, *, sent: bool = False
) -> tuple[Manifest, BatchRow]:
    readers = {device.id: device for device in sender.devices}
    if sent:
        readers |= {device.id: device for device in each.recipient.devices}
    draft, context = each.draft, each.envelope.context
    expires_at = draft.expires_at
    if sent and expires_at is None:
        expires_at = default_expiry(client.now, expires_after_days(sender.shown), client.zone)
        require_expiry_in_future(expires_at, client.now)
    said = Manifest(
        context=context,
        certificate=sender.certificate.id,
        status=Status.DISPATCHED.value if sent else Status.PENDING.value,
        payload_sha256=payload_digest(each.envelope.sealed.encrypted_payload),
        share_commitment=each.envelope.share_commitment,
        texts={name: text.digest() for name, text in each.texts.items()},
        priority=draft.priority.value,
        contact_deadline_days=draft.contact_deadline_days,
        consent_required=draft.consent_required,
        expires_at=expires_at,
        readers=frozenset(readers),
        import_key=each.import_key,
        import_digest=each.import_digest,
    )
    body, signature = said.signed_by(client.identity)
    secret = each.envelope.sealed.secret
    return said, BatchRow(
        manifest=body,
        signature=signature,
        ciphertext=each.envelope.sealed.encrypted_payload,
        texts=each.texts,
        wraps=tuple(seal.wraps(client, context, secret, sender.certificate, readers.values())),
    )


def attachments(rows: Sequence[BatchRow], drafts: Iterable[SealedOrder]) -> tuple[bytes, bytes]:
    """Return the encoded batch, and the encoded shares, which go only to the vault."""
    shares = [Share(each.envelope.key_id, each.envelope.sealed.share) for each in drafts]
    return encode_batch(rows), encode_shares(shares)


def refused_row(refusal: Refusal) -> AssignError | None:
    """Return what the refusal of a batch means: that of its first row, without its values."""
    if refusal.code != "rows_refused" or not refusal.facts.get("rows"):
        return None
    return error_of(Refusal(refusal.facts["rows"][0]["code"], refusal.now))


def created(each: SealedOrder, number: int, title: str) -> Created:
    """Return the `Created` of a sealed draft."""
    return Created(
        id=each.id,
        number=number,
        title=title,
        recipient_user_id=each.recipient.id,
        recipient=each.recipient.handle,
        recipient_name=each.recipient.display_name,
        status=Status.PENDING,
    )


def _send(
    client: Client,
    sender: Sender,
    act: str,
    signed: Sequence[tuple[Manifest, BatchRow]],
    drafts: Sequence[SealedOrder],
) -> Done:
    intent = Intent(
        act,
        client.organization_id,
        {"rows": len(signed)},
        attachments=attachments([row for _said, row in signed], drafts),
        rows=[(said.context.assignment, Manifest.digest(row.manifest)) for said, row in signed],
    )
    return asking.act(client, sender.device, intent, refused_row)
