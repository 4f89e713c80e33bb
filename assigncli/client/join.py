"""Join with an invitation: generate keys here and ask, with the token, for approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assigncli.client import asking, salting
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.keys import Keychain, SecretName
from assigncli.crypto.identity import PublicIdentity, spoken_fingerprint
from assigncli.domain.actions import Action
from assigncli.domain.member_names import token_invalid
from assigncli.errors import AssignError, InvalidInput
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.lines import InvitationLine
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.texts import Text
from assigncli.trust.tampering import answer_malformed, require
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class Expected:
    """The member that an invitation is for, as the server says; `zone` is an IANA time zone."""

    organization: str
    zone: str
    handle: str
    display_name: str


def read_line(line: str) -> InvitationLine:
    """Return a decoded invitation; raises InvalidInput `invitation_malformed`."""
    try:
        return InvitationLine.decode(line)
    except Malformed:
        raise InvalidInput("invitation_malformed") from None


def expected(client: Client, line: InvitationLine) -> Expected:
    """Return whom the invitation is for; raises NotAllowed `token_invalid`, and as `new_key`."""
    found = asking.new_key(client, token=line.token)
    row = _row(found, "invited")
    if row is None:
        raise token_invalid()
    texts = [row.get(name) for name in ("organization", "handle", "display_name")]
    require(all(isinstance(each, str) for each in texts), answer_malformed)
    organization, handle, display_name = map(str, texts)
    return Expected(organization, found.word.zone, handle, display_name)


def is_in(client: Client, signing_key: bytes) -> bool:
    """Return whether the member has this signing key at the server; raises as `new_key`."""
    row = _row(asking.new_key(client, key=signing_key), "joined")
    return row is not None and row.get("is_here") is True


def join(client: Client, keychain: Keychain, line: InvitationLine) -> None:
    """Ask to join, with the client's keys; the server never sees a private key.

    The root key in the line is pinned, but is trusted only after the fingerprint, which covers it,
    has been compared. Raises NotAllowed `token_invalid`, Tampered for a service that it does not
    certify.
    """
    name = SecretName(line.organization, line.member, "identity")
    keychain.save(name, client.identity.to_bytes())
    device = Text(salting.new_salt(), salting.this_device())
    signer = asking.joining_device(client, asking.new_key(client), client.identity)
    intent = joining(line.member, client.identity.public, line.token, device)
    asking.act(client, signer, intent, _explained)


def fingerprint(client: Client, public: PublicIdentity) -> str:
    """Return the digits that the member reads out; they cover the pinned root key."""
    return spoken_fingerprint(
        root_key=client.root_public_key,
        organization_id=client.organization_id,
        member_id=client.member_id,
        public=public,
    )


def joining(member_id: UUID, public: PublicIdentity, token: bytes, device: Text) -> Intent:
    """Return the act that a new key signs in order to join as a member."""
    said = {
        "signing_key": public.signing_key.hex(),
        "encryption_key": public.encryption_key.hex(),
        "token": token.hex(),
    }
    return Intent(Action.DEVICE_JOINED.value, member_id, said, {"device": device})


def _row(found: Verified, table: str) -> Mapping[str, Any] | None:
    """Return the one row of a table; None if it has none."""
    rows = found.word.rows.get(table)
    require(rows is not None and len(rows) <= 1, answer_malformed)
    return rows[0] if rows else None


def _explained(refusal: Refusal) -> AssignError | None:
    return token_invalid() if refusal.code == "token_invalid" else None
