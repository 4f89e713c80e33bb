"""Join with an invitation: make keys here and ask, with the token, for what is approved later."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from assigncli.actions import asking, names
from assigncli.actions.session import Session
from assigncli.client.exchange import Intent
from assigncli.crypto.identity import PublicIdentity, spoken_fingerprint
from assigncli.domain.audit import Action
from assigncli.errors import AssignError, InvalidInput, NotAllowed, NotFound
from assigncli.keychain import Keychain, SecretName
from assigncli.locale import _
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.lines import InvitationLine
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.texts import Text
from assigncli.store import members, organizations
from assigncli.store.engine import Store
from assigncli.store.tables import Member


@dataclass(frozen=True)
class Expected:
    """Who is invited, as the store says; `zone` is the organisation's IANA time zone."""

    organization: str
    zone: str
    handle: str
    display_name: str


@dataclass(frozen=True)
class Joined:
    """A request to join. The fingerprint is to be read out."""

    organization_id: UUID
    organization: str
    member_id: UUID
    handle: str
    display_name: str
    fingerprint: str


def read_line(line: str) -> InvitationLine:
    """Return an invitation as it was handed over; raises InvalidInput `invitation_malformed`."""
    try:
        return InvitationLine.decode(line)
    except Malformed:
        raise InvalidInput(
            _("This is not a whole invitation."),
            _("Give the whole line that your coordinator sent you, from assign-join-1 to its end."),
            code="invitation_malformed",
        ) from None


def expected(store: Store, line: InvitationLine) -> Expected:
    """Return who is invited by this line, as the store has it.

    Raises NotFound `organization_not_found`, NotAllowed `token_invalid` for nobody of it.
    """
    with store.read() as tx:
        found = organizations.name_and_zone(tx, line.organization)
        if found is None:
            raise _no_organization()
        member = members.by_id(tx, line.organization, line.member)
        if member is None:
            raise _token_invalid()
        return Expected(*found, member.handle, member.display_name)


def join(session: Session, keychain: Keychain, line: InvitationLine) -> Joined:
    """Ask to join, with the session's keys; the store never sees a private key.

    The root key of the line is pinned, and counts once the fingerprint, which covers it, was
    compared. Raises NotAllowed `token_invalid`, Tampered for a service that it does not vouch for.
    """
    name = SecretName(line.organization, line.member, "identity")
    keychain.save(name, session.identity.to_bytes())
    device = Text(names.new_salt(), names.this_device())
    with session.store.read() as tx:
        signer = asking.new_key(session, tx, session.identity)
    intent = joining(line.member, session.identity.public, line.token, device)
    asking.act(session, signer, intent, _explained)
    return joined(session.store, line.organization, line.member, line.root_key)


def joining(member_id: UUID, public: PublicIdentity, token: bytes, device: Text) -> Intent:
    """Return what a new key signs to join as a member."""
    said = {
        "signing_key": public.signing_key.hex(),
        "encryption_key": public.encryption_key.hex(),
        "token": token.hex(),
    }
    return Intent(Action.DEVICE_JOINED.value, member_id, said, {"device": device})


def joined(store: Store, organization_id: UUID, member_id: UUID, root_key: bytes) -> Joined:
    """Return the request as the store has it, with the pinned root key in its fingerprint.

    Raises NotFound `organization_not_found`.
    """
    with store.read() as tx:
        organization, member = organizations.by_id(tx, organization_id), tx.get(Member, member_id)
        if organization is None or member is None or not member.signing_key:
            raise _no_organization()
        public = PublicIdentity(member.signing_key, member.encryption_key or b"")
        return Joined(
            organization_id=organization_id,
            organization=organization.name,
            member_id=member_id,
            handle=member.handle,
            display_name=member.display_name,
            fingerprint=spoken_fingerprint(
                root_key=root_key,
                organization_id=organization_id,
                member_id=member_id,
                public=public,
            ),
        )


def is_in(store: Store, organization_id: UUID, member_id: UUID, signing_key: bytes) -> bool:
    """Say whether the store holds this member with this public key."""
    with store.read() as tx:
        member = tx.get(Member, member_id)
        return (
            member is not None
            and member.organization_id == organization_id
            and member.signing_key == signing_key
        )


def _explained(refusal: Refusal) -> AssignError | None:
    return _token_invalid() if refusal.code == "token_invalid" else None


def _token_invalid() -> NotAllowed:
    return NotAllowed(
        _("This invitation cannot be used: it was used already, has ended, or is for nobody."),
        _("Ask your coordinator to invite you again."),
        code="token_invalid",
    )


def _no_organization() -> NotFound:
    return NotFound(
        _("The organisation of this invitation is not in the store that it names."),
        _("Ask your coordinator where the store is now, and for another invitation."),
        code="organization_not_found",
    )
