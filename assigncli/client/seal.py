"""Seal a payload under a key of its own, and wrap the secret half for each device."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from assigncli.client.client import Client
from assigncli.crypto import envelope
from assigncli.crypto.envelope import Sealed
from assigncli.domain.payload import Payload
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.context import Context
from assigncli.protocol.sealed_keys import Wrap


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
        """The hash that binds the vault's share to this context."""
        return self.context.commitment(self.sealed.share)


def seal(client: Client, assignment_id: UUID, recipient_id: UUID, payload: Payload) -> SealedDraft:
    """Seal `payload` from the acting member to the recipient, under a fresh key."""
    context = Context(
        organization=client.organization_id,
        assignment=assignment_id,
        encryption_key=uuid4(),
        recipient=recipient_id,
        dispatcher=client.member_id,
    )
    return SealedDraft(context, envelope.seal(payload.to_bytes(), context.encode()))


def wraps(
    client: Client,
    context: Context,
    secret: bytes,
    maker: Certificate,
    readers: Iterable[Certificate],
) -> list[Wrap]:
    """Return a wrap for each device: the secret half sealed to it, signed by the maker."""
    return [_wrap(client, context, secret, maker, reader) for reader in readers]


def _wrap(
    client: Client, context: Context, secret: bytes, maker: Certificate, reader: Certificate
) -> Wrap:
    sealed = envelope.wrap(secret, context.wrap_info(reader.id), reader.keys.encryption_key)
    return Wrap(reader.id, maker.id, sealed, b"").signed(context, client.identity)
