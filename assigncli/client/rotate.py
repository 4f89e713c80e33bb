"""Exchange the keys of this device for new ones, so that at each point one of the two works.

New keys are made and ask to join as a further device. Once somebody else has approved them, what is
open is sealed to them with the old ones; then this machine uses the new ones, and ends the old. A
run that is killed is finished by the next: which step is due follows from what is kept here and
from the log.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from secrets import token_bytes
from typing import Final

from assigncli.client import asking, reseal, salting
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.join import fingerprint, is_in, joining
from assigncli.client.keys import Keychain, SecretName
from assigncli.client.keys.place import Kind
from assigncli.client.reseal import Resealed
from assigncli.crypto.identity import Identity
from assigncli.domain.actions import Action
from assigncli.domain.losses import REPLACED
from assigncli.errors import IdentityUnavailable
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import stamp
from assigncli.protocol.texts import Text
from assigncli.trust.verification import Verified

_GOOD_FOR: Final = timedelta(hours=1)
_TOKEN_BYTES: Final = 16


class RotationState(Enum):
    """How far the exchange of keys is."""

    WAITING = "waiting"
    """The new keys have asked to be approved; the old ones are in use."""
    DONE = "done"
    """The new keys are in use, and the old ones are ended."""


@dataclass(frozen=True)
class Rotation:
    """An exchange of keys: the new keys' digits, and what was sealed to them."""

    state: RotationState
    fingerprint: str
    resealed: tuple[Resealed, ...] = ()


def rotate(client: Client, keychain: Keychain) -> Rotation:
    """Begin to exchange this device's keys, or go on where an earlier run left off.

    Raises IdentityUnavailable as `asking.own_certificate`.
    """
    places = _Places(client, keychain)
    found = asking.standing(client)
    if places.kept("old") is not None:
        if not _is_to_be_put_back(client, found, places):
            return _ended(client, places, ())
        client = _put_back(client, places)
    new = places.kept("next")
    if new is not None and _is_over(client, found, new):
        places.forget("next")
        new = None
    if new is None:
        new = Identity.generate()
        places.keep("next", new)
    if _certificate(client, found, new) is None:
        if not is_in(client, new.public.signing_key):
            _ask(client, found, new)
        return Rotation(RotationState.WAITING, fingerprint(client, new.public))
    done = tuple(reseal.reseal(client, each) for each in reseal.open_with(client, None))
    places.keep("old", client.identity)
    return _ended(client, places, done)


class _Places:
    """The keys of one member in their place, by kind; the identity is the one in use."""

    def __init__(self, client: Client, keychain: Keychain) -> None:
        self._client, self._keychain = client, keychain

    def kept(self, kind: Kind) -> Identity | None:
        """Return the keys of this kind, or None."""
        try:
            return Identity.from_bytes(self._keychain.load(self._name(kind)))
        except IdentityUnavailable as error:
            if error.code != "key_missing":
                raise
            return None

    def keep(self, kind: Kind, identity: Identity) -> None:
        """Keep keys under a kind, in one step."""
        self._keychain.save(self._name(kind), identity.to_bytes())

    def forget(self, kind: Kind) -> None:
        """Delete the keys of this kind."""
        self._keychain.delete(self._name(kind))

    def _name(self, kind: Kind) -> SecretName:
        return SecretName(self._client.organization_id, self._client.member_id, kind)


def _ended(client: Client, places: _Places, done: tuple[Resealed, ...]) -> Rotation:
    """Use the new keys from here on, then end the old ones and delete them.

    Until the one step in which the new keys take the place of the old ones, the old ones are in
    use; afterwards the new ones, which are certified.
    """
    old, new = places.kept("old"), places.kept("next")
    if new is not None:
        places.keep("identity", new)
        places.forget("next")
    used = client if new is None else _with(client, new)
    found = asking.standing(used)
    ending = None if old is None else _certificate(used, found, old)
    if ending is not None and ending.keys != used.identity.public:
        said = {"certificate": str(ending.id), "cause": REPLACED, "suspects_from": None}
        intent = Intent(Action.DEVICE_REVOKED.value, used.member_id, said)
        asking.act(used, asking.this_device(used, found), intent)
    places.forget("old")
    return Rotation(RotationState.DONE, fingerprint(used, used.identity.public), done)


def _is_to_be_put_back(client: Client, found: Verified, places: _Places) -> bool:
    """Say whether the new keys were ended or suspended meanwhile, and the old ones still count."""
    old, newer = places.kept("old"), places.kept("next") or client.identity
    is_usable = _certificate(client, found, newer) is not None
    return not is_usable and old is not None and _certificate(client, found, old) is not None


def _put_back(client: Client, places: _Places) -> Client:
    """Use the old keys again; the new ones wait as before. Killed, it is to be done again."""
    old, newer = places.kept("old"), places.kept("next") or client.identity
    if old is None:
        return client
    places.keep("next", newer)
    places.keep("identity", old)
    places.forget("old")
    return _with(client, old)


def _with(client: Client, identity: Identity) -> Client:
    """Return the client with other keys of the same member; it has to look up its certificate."""
    client.witness.certificate = None
    return replace(client, load_identity=lambda: identity)


def _certificate(client: Client, found: Verified, identity: Identity) -> Certificate | None:
    """Return the member's certificate in force for these keys, or None."""
    counting = found.standing.in_force(client.member_id, found.head.size + 1)
    certificates = (found.people.person(each).certificate for each in counting)
    return next((each for each in certificates if each.keys == identity.public), None)


def _is_over(client: Client, found: Verified, identity: Identity) -> bool:
    """Say whether keys were certified once and are ended."""
    held = found.standing.held(client.member_id, found.head.size + 1)
    return any(
        each.certificate.keys == identity.public and each.certificate.id not in held
        for each in found.people
    )


def _ask(client: Client, found: Verified, new: Identity) -> None:
    """Invite the new keys with the old ones, and let them join; the token never leaves memory."""
    token = token_bytes(_TOKEN_BYTES)
    said = {
        "token_sha256": hashlib.sha256(token).hexdigest(),
        "expires_at": stamp(client.now + _GOOD_FOR),
    }
    invited = Intent(Action.DEVICE_INVITED.value, client.member_id, said)
    asking.act(client, asking.this_device(client, found), invited)
    device = Text(salting.new_salt(), salting.this_device())
    joiner = asking.joining_device(client, found, new)
    asking.act(client, joiner, joining(client.member_id, new.public, token, device))
