"""Join with an invitation: generate keys here and ask, with the token, for approval."""

from __future__ import annotations

from uuid import UUID

from assigncli.client import asking, salting
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.keys import Keychain, SecretName
from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.actions import Action
from assigncli.domain.member_names import token_invalid
from assigncli.errors import AssignError, InvalidInput
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.lines import InvitationLine
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.texts import Text


def read_line(line: str) -> InvitationLine:
    """Return a decoded invitation; raises InvalidInput `invitation_malformed`."""
    try:
        return InvitationLine.decode(line)
    except Malformed:
        raise InvalidInput("invitation_malformed") from None


def join(client: Client, keychain: Keychain, line: InvitationLine) -> None:
    """Ask to join, with the client's keys; the store never sees a private key.

    The root key in the line is pinned, but is trusted only after the fingerprint, which covers it,
    has been compared. Raises NotAllowed `token_invalid`, Tampered for a service that it does not
    certify.
    """
    name = SecretName(line.organization, line.member, "identity")
    keychain.save(name, client.identity.to_bytes())
    device = Text(salting.new_salt(), salting.this_device())
    signer = asking.new_key(client)
    intent = joining(line.member, client.identity.public, line.token, device)
    asking.act(client, signer, intent, _explained)


def joining(member_id: UUID, public: PublicIdentity, token: bytes, device: Text) -> Intent:
    """Return the act that a new key signs in order to join as a member."""
    said = {
        "signing_key": public.signing_key.hex(),
        "encryption_key": public.encryption_key.hex(),
        "token": token.hex(),
    }
    return Intent(Action.DEVICE_JOINED.value, member_id, said, {"device": device})


def _explained(refusal: Refusal) -> AssignError | None:
    return token_invalid() if refusal.code == "token_invalid" else None
