"""Admit a device with the organisation's root key, where nobody else can approve it.

The root key is typed in from its paper form and lives as long as the command. It signs the
invitation and the approval; the device's own new keys sign the joining. A run that is killed is
finished by the next: what is left to do follows from what the server has. The root key is never
kept, and seals nothing: it holds none of the organisation's keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from secrets import token_bytes
from typing import Final
from uuid import UUID, uuid4

from assigncli.client import as_root, asking, salting
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.client.join import joining
from assigncli.client.keys import Keychain, SecretName
from assigncli.client.member_facts import ShownMember, maybe, requests_of
from assigncli.crypto.identity import PublicIdentity, RootKey
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import NOT_YET_MEMBER, MemberStatus, Role
from assigncli.domain.member_names import require_handle, require_name
from assigncli.errors import InvalidInput
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import stamp
from assigncli.protocol.texts import Text
from assigncli.trust.tampering import answer_malformed
from assigncli.trust.verification import Verified
from assigncli.trust.vouching import issue

_GOOD_FOR: Final = timedelta(hours=1)
_TOKEN_BYTES: Final = 16


@dataclass(frozen=True)
class Administrator:
    """A member who is an administrator by a certificate that leads to the root key."""

    handle: str
    display_name: str


@dataclass(frozen=True)
class Admitting:
    """Whom the root key admits: a member, or somebody new under an unused handle.

    `texts` are their handle and their name, with salts.
    """

    id: UUID
    texts: Mapping[str, Text]
    roles: frozenset[Role]
    status: MemberStatus | None
    found: Verified = field(repr=False)

    @property
    def handle(self) -> str:
        """Their handle."""
        return self.texts["handle"].text

    @property
    def display_name(self) -> str:
        """Their full name."""
        return self.texts["display_name"].text

    @property
    def is_member(self) -> bool:
        """Whether they are a member already, who gets a further device."""
        return self.status is MemberStatus.ACTIVE


def administrators(client: Client, root: RootKey) -> tuple[str, tuple[Administrator, ...]]:
    """Return the organisation's name and its administrators, by handle.

    Raises NotFound `kit_of_another`, Tampered for what does not lead to the root key.
    """
    arguments = {"handles": [], "role": Role.ORG_ADMIN.value}
    found = as_root.read(client, root, Wanted("read.members", None, arguments))
    handles = sorted({each.texts["handle"].text for each in found.people})
    known = (each for each in map(partial(maybe, found), handles) if each is not None)
    listed = (
        Administrator(each.handle, each.display_name)
        for each in known
        if each.status is MemberStatus.ACTIVE and Role.ORG_ADMIN in each.roles
    )
    return organization_name(found), tuple(listed)


def organization_name(found: Verified) -> str:
    """Return the organisation's name by its founding statement; Tampered `answer_malformed`."""
    for entry in found.entries:
        told = None if entry.statement is None else found.statements.get(entry.statement)
        if entry.act == Action.ORGANIZATION_FOUNDED and told is not None and "name" in told.texts:
            return told.texts["name"].text
    raise answer_malformed()


def member(client: Client, root: RootKey, handle: str) -> tuple[Verified, ShownMember | None]:
    """Return what the server has about a handle, and who has it; raises as `administrators`."""
    arguments = {"handles": [require_handle(handle)], "role": None}
    found = as_root.read(client, root, Wanted("read.members", None, arguments))
    return found, maybe(found, handle)


def admitting(
    found: Verified,
    known: ShownMember | None,
    handle: str,
    display_name: str | None,
    roles: frozenset[Role],
) -> Admitting:
    """Return whom the root key is to admit under a handle; `roles` are for somebody new.

    Raises InvalidInput `handle_taken` for who is no administrator, or who waits under another name
    or for other roles, `member_already_revoked`, `name_invalid`.
    """
    if known is None:
        said = {"handle": require_handle(handle), "display_name": require_name(display_name or "")}
        texts = {name: Text(salting.new_salt(), text) for name, text in said.items()}
        return Admitting(uuid4(), texts, roles, None, found)
    if known.status is MemberStatus.REVOKED:
        raise InvalidInput("member_already_revoked", name=known.display_name)
    theirs = frozenset(map(Role, known.roles))
    if Role.ORG_ADMIN not in theirs:
        raise InvalidInput("handle_taken", "no_administrator", name=known.display_name)
    named = display_name in (None, known.display_name)
    if known.status is not MemberStatus.ACTIVE and not (named and theirs == roles):
        raise InvalidInput("handle_taken", "waiting")
    texts = {name: known.texts[name] for name in ("handle", "display_name")}
    return Admitting(known.id, texts, theirs, known.status, found)


def is_approved(whom: Admitting, public: PublicIdentity) -> bool:
    """Say whether these keys have a certificate in force already."""
    counting = whom.found.standing.in_force(whom.id, whom.found.head.size + 1)
    return any(whom.found.people.person(each).certificate.keys == public for each in counting)


def waiting_device(whom: Admitting, public: PublicIdentity) -> Text | None:
    """Return the name of the device whose keys these are, if they wait for approval; else None."""
    for each in requests_of(whom.found, whom.id):
        if each.keys == public:
            return each.device
    known = maybe(whom.found, whom.handle)
    first = None if known is None or known.status not in NOT_YET_MEMBER else known
    if first is None or first.keys != (public.signing_key, public.encryption_key):
        return None
    return first.texts["device"]


def let_join(client: Client, keychain: Keychain, root: RootKey, whom: Admitting) -> Text:
    """Keep the client's keys, invite them with the root key, and let them join.

    The token never leaves memory. Returns the device's name, with which it waits for approval.
    Raises as `asking.act`.
    """
    name = SecretName(client.organization_id, whom.id, "identity")
    keychain.save(name, client.identity.to_bytes())
    device = Text(salting.new_salt(), salting.this_device())
    token = token_bytes(_TOKEN_BYTES)
    said: dict[str, object] = {
        "token_sha256": hashlib.sha256(token).hexdigest(),
        "expires_at": stamp(client.now + _GOOD_FOR),
    }
    intent = Intent(Action.DEVICE_INVITED.value, whom.id, said)
    if whom.status is None:
        said["roles"] = sorted(role.value for role in whom.roles)
        intent = Intent(Action.MEMBER_INVITED.value, whom.id, said, whom.texts)
    asking.act(client, as_root.device(client, whom.found, root), intent)
    joiner = asking.joining_device(client, whom.found, client.identity)
    asking.act(client, joiner, joining(whom.id, client.identity.public, token, device))
    return device


def approve(
    client: Client, root: RootKey, whom: Admitting, keys: PublicIdentity, device: Text
) -> UUID:
    """Certify a device's keys with the root key; return the certificate's id.

    Raises as `asking.act`.
    """
    texts = {**whom.texts, "device": device}
    certificate = Certificate(
        id=uuid4(),
        organization=client.organization_id,
        member=whom.id,
        roles=frozenset(role.value for role in whom.roles),
        keys=keys,
        texts={name: text.digest() for name, text in texts.items()},
        issuer=None,
    )
    signed = issue(certificate, root)
    attached = Certificates((NewCertificate(signed.body, signed.signature),)).encode()
    said = {"certificate": str(certificate.id)}
    if whom.is_member:
        action, more = Action.DEVICE_APPROVED, {"replaces": None}
    else:
        action, more = Action.MEMBER_APPROVED, {"certified_until": None}
    intent = Intent(action.value, whom.id, {**said, **more}, {}, (attached,))
    asking.act(client, as_root.device(client, whom.found, root), intent)
    return certificate.id
